// What a tail or a range looks like on the wire: a byte for the kind, then
//
//     0 idle       nothing
//     1 part       one record (core/part), which knows its own length
//     2 ended      nothing: the log has ended
//     3 problem    u32 length · JSON of an RFC 9457 problem: the stream ends with it
//     4 complete   nothing: the range was read to its end
//
// A stream that stops without 2, 3 or 4 was cut, and its reader knows.

import { ByteReader, ByteWriter, concatBytes, decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts'
import { MimbarError } from '../../../base/errors.ts'
import type { Problem } from '../../../core/api/api.ts'
import { type Part, RECORD_BYTES_MAX, RECORD_PREFIX_BYTES } from '../../../core/part/part.ts'
import type { TailItem } from '../../ports.ts'
import { partOf, recordOf } from '../store/records.ts'

export type Frame =
  | TailItem
  | { readonly kind: 'complete' }
  | { readonly kind: 'problem'; readonly problem: Problem }

const KINDS = ['idle', 'part', 'ended', 'problem', 'complete'] as const
const PROBLEM_BYTES_MAX = 16 * 1024

export function encodeFrame(frame: Frame): Uint8Array {
  const kind = Uint8Array.of(KINDS.indexOf(frame.kind))
  if (frame.kind === 'part') return concatBytes([kind, recordOf(frame.part)])
  if (frame.kind !== 'problem') return kind
  const json = encodeUtf8(JSON.stringify(frame.problem))
  return concatBytes([kind, new ByteWriter(4).u32(json.length).finish(), json])
}

/** Cuts a byte stream into frames; holds at most one unfinished frame. */
export class FrameDecoder {
  #rest: Uint8Array = new Uint8Array(0)

  /** The frames that `bytes` complete. Throws `corrupt` on what cannot be one. */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = []
    let left = this.#rest.length === 0 ? bytes : concatBytes([this.#rest, bytes])
    for (let length = frameLength(left); length !== undefined; length = frameLength(left)) {
      frames.push(decodeFrame(left.subarray(0, length)))
      left = left.subarray(length)
    }
    this.#rest = left.slice()
    return frames
  }
}

// Undefined while the frame is not whole.
function frameLength(bytes: Uint8Array): number | undefined {
  const kind = KINDS[bytes[0] ?? 0]
  if (bytes.length === 0) return undefined
  if (kind === undefined) throw new MimbarError('corrupt', 'The engine sent an unknown frame.')
  if (kind !== 'part' && kind !== 'problem') return 1
  if (bytes.length < 5) return undefined
  const length = new ByteReader(bytes.subarray(1, 5)).u32()
  const longest = kind === 'part' ? RECORD_BYTES_MAX : PROBLEM_BYTES_MAX
  if (length > longest) throw new MimbarError('corrupt', `The engine sent a frame of ${length} bytes.`)
  const whole = 1 + (kind === 'part' ? RECORD_PREFIX_BYTES : 4) + length
  return bytes.length < whole ? undefined : whole
}

function decodeFrame(bytes: Uint8Array): Frame {
  const kind = KINDS[bytes[0] as number] as Frame['kind']
  if (kind === 'part') return { kind, part: decodePart(bytes.subarray(1)) }
  if (kind === 'problem') return { kind, problem: JSON.parse(decodeUtf8(bytes.subarray(5))) as Problem }
  return { kind }
}

// A copy, so that a part in somebody's cache does not hold on to the whole chunk it came in.
const decodePart = (record: Uint8Array): Part => partOf(record.slice())
