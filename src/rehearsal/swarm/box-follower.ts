// Follows a pushed stream without taking it apart further than a check needs: which sequence each part has, and a
// checksum of all of its bytes. Only `moof` (124 bytes) and edge notes are ever gathered; sound is only summed.
//
//     stream := ftyp moov ( emsg? moof mdat | uuid | free )*

import { crc32 } from 'node:zlib'
import { concatBytes } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import { PART_SAMPLES, type Sequence, sequence } from '../../base/units.ts'
import { decodeNote } from '../../core/stream/note-box.ts'
import type { EdgeNote } from '../../core/stream/notes.ts'
import { BOX_BYTES_MAX } from '../../media/cmaf/reader.ts'
import { BOX_HEADER_BYTES, boxSize, boxType, parsePartTime } from '../../media/cmaf/walk.ts'

export interface BoxSink {
  /** A whole part: its place in the log, and a CRC-32 of its boxes from `emsg` to `mdat`. */
  part(at: Sequence, checksum: number): void
  note(note: EdgeNote): void
}

const NOTHING = new Uint8Array(0)
/** Notes and headers of parts are far smaller. */
const GATHERED_BYTES_MAX = 4_096

export class BoxFollower {
  /** The box being read; empty between boxes. */
  #type = ''
  /** Bytes of it that are still to come. */
  #left = 0
  /** What is kept of it: a torn box header, or all of a `moof` or `uuid`. */
  #gathered: Uint8Array = NOTHING
  #checksum = 0
  /** Of the part being read; `undefined` before its `moof`. */
  #sequence: Sequence | undefined
  #isInPart = false

  /** True exactly between two parts: what comes next means the same to every follower that is there. */
  get isBetweenParts(): boolean {
    return this.#type === '' && this.#gathered.length === 0 && !this.#isInPart
  }

  /** Reads `bytes[from…to)`. Throws `corrupt` when this is not a stream of ours. */
  push(bytes: Uint8Array, from: number, to: number, sink: BoxSink): void {
    for (let at = from; at < to; ) {
      at = this.#type === '' ? this.#begin(bytes, at, to) : this.#goOn(bytes, at, to)
      if (this.#type !== '' && this.#left === 0) this.#finish(sink)
    }
  }

  /** Gathers a box's eight first bytes. */
  #begin(bytes: Uint8Array, at: number, to: number): number {
    const taken = Math.min(to, at + BOX_HEADER_BYTES - this.#gathered.length)
    this.#gathered = concatBytes([this.#gathered, bytes.subarray(at, taken)])
    if (this.#gathered.length < BOX_HEADER_BYTES) return taken
    const size = boxSize(this.#gathered, 0)
    if (size > BOX_BYTES_MAX) throw new MimbarError('corrupt', `A box of ${size} bytes.`)
    this.#type = boxType(this.#gathered, 0)
    this.#left = size - BOX_HEADER_BYTES
    if (isOfPart(this.#type)) this.#sum(this.#gathered)
    if (!isGathered(this.#type)) this.#gathered = NOTHING
    else if (size > GATHERED_BYTES_MAX) throw new MimbarError('corrupt', `A ${this.#type} of ${size} bytes.`)
    return taken
  }

  #goOn(bytes: Uint8Array, at: number, to: number): number {
    const taken = Math.min(to, at + this.#left)
    const piece = bytes.subarray(at, taken)
    if (isOfPart(this.#type)) this.#sum(piece)
    if (isGathered(this.#type)) this.#gathered = concatBytes([this.#gathered, piece])
    this.#left -= taken - at
    return taken
  }

  #sum(piece: Uint8Array): void {
    this.#isInPart = true
    this.#checksum = crc32(piece, this.#checksum)
  }

  #finish(sink: BoxSink): void {
    const type = this.#type
    const box = this.#gathered
    this.#type = ''
    this.#gathered = NOTHING
    if (type === 'moof') this.#sequence = sequence(parsePartTime(box).start / PART_SAMPLES)
    else if (type === 'uuid') {
      const note = decodeNote(box)
      if (note !== undefined) sink.note(note)
    } else if (type === 'mdat') this.#finishPart(sink)
  }

  #finishPart(sink: BoxSink): void {
    const [at, checksum] = [this.#sequence, this.#checksum]
    this.#sequence = undefined
    this.#checksum = 0
    this.#isInPart = false
    if (at === undefined || !Number.isInteger(at)) {
      throw new MimbarError('corrupt', 'A part that does not say where in the program it belongs.')
    }
    sink.part(at, checksum)
  }
}

const isOfPart = (type: string) => type === 'emsg' || type === 'moof' || type === 'mdat'
const isGathered = (type: string) => type === 'moof' || type === 'uuid'
