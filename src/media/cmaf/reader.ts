// Reads a pushed stream as it arrives: bytes in any split, whole top-level boxes out. The listening page carries
// this file inline, so it is small and knows nothing of writing.
//
//     stream := ftyp moov ( emsg? moof mdat | uuid | free )*

import { concatBytes } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import { BOX_HEADER_BYTES, boxSize, boxType } from './walk.ts'

/**
 * What a box is to a reader of the stream: `init` goes to the decoder before everything else; `emsg` holds
 * events; `moof` and `mdat` are a part; `uuid` and `free` are the edge's own; `other` may be passed over.
 */
export type BoxKind = 'init' | 'emsg' | 'moof' | 'mdat' | 'uuid' | 'free' | 'other'

/** One whole top-level box, header included. */
export interface StreamBox {
  readonly kind: BoxKind
  readonly bytes: Uint8Array
}

const KINDS: Readonly<Record<string, BoxKind>> = {
  ftyp: 'init',
  moov: 'init',
  emsg: 'emsg',
  moof: 'moof',
  mdat: 'mdat',
  uuid: 'uuid',
  free: 'free',
}

/** No honest box comes near it: a part is some 1.4 KB, a snapshot 2 KB. */
export const BOX_BYTES_MAX = 256 * 1024

/** A transform from byte chunks to boxes; it holds at most one unfinished box. */
export class BoxReader {
  #pending: Uint8Array = new Uint8Array(0)

  /**
   * The boxes that `bytes` completes. They are views where a box came in one piece, so `bytes` must not be
   * written to again. Throws `corrupt` on a size that no box of ours has; the stream cannot be followed further.
   */
  push(bytes: Uint8Array): StreamBox[] {
    const data = this.#pending.length === 0 ? bytes : concatBytes([this.#pending, bytes])
    const boxes: StreamBox[] = []
    let at = 0
    while (data.length - at >= BOX_HEADER_BYTES) {
      const size = boxSize(data, at)
      if (size > BOX_BYTES_MAX) throw new MimbarError('corrupt', `A box of ${size} bytes.`)
      if (data.length - at < size) break
      boxes.push({ kind: KINDS[boxType(data, at)] ?? 'other', bytes: data.subarray(at, at + size) })
      at += size
    }
    this.#pending = data.slice(at)
    return boxes
  }
}
