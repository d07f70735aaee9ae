// A recording as a file: parts rewrapped so that it starts at zero, as every player expects. Only a few fields
// change; the sound is byte for byte what was on air. Declared gaps become silence, because files with holes in
// their timeline play differently everywhere.

import { assert } from '../../base/assert.ts'
import { concatBytes } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import { FRAMES_PER_PART, type Sequence, sequence } from '../../base/units.ts'
import { moofAndMdat, rebaseMoof } from '../../media/cmaf/part.ts'
import { BoxReader } from '../../media/cmaf/reader.ts'
import { oggPartPage, rebasePartPage } from '../../media/ogg/program.ts'
import { SILENT_PACKET } from '../../media/opus/program.ts'
import type { Part, TrackHeader } from './part.ts'

/** Tracks that can be downloaded. */
export type DownloadTrack = 'opus.mp4' | 'opus.ogg'

/** How one track is moved along its timeline. */
interface Rewrapper {
  readonly rebase: (bytes: Uint8Array, to: Sequence, isLast: boolean) => Uint8Array
  readonly silence: (at: Sequence) => Uint8Array
}

const SILENT_PACKETS: readonly Uint8Array[] = new Array<Uint8Array>(FRAMES_PER_PART).fill(SILENT_PACKET)

const REWRAPPERS: Readonly<Record<DownloadTrack, Rewrapper>> = {
  'opus.mp4': {
    rebase: (bytes, to) => rebaseMp4(bytes, to),
    silence: (at) => moofAndMdat(at, SILENT_PACKETS),
  },
  'opus.ogg': {
    rebase: (bytes, to, isLast) => rebasePartPage(bytes, to, { isEos: isLast }),
    silence: (at) => oggPartPage(at, SILENT_PACKETS),
  },
}

/** A transform from parts to the bytes of a file: `header`, then everything that `push` and `finish` give. */
export class PartDownload {
  readonly header: Uint8Array
  readonly #track: DownloadTrack
  readonly #rewrapper: Rewrapper
  readonly #from: Sequence
  #held: HeldPart | undefined

  /** `from` is the sequence at which the file starts: its time zero. */
  constructor(header: TrackHeader & { readonly id: DownloadTrack }, from: Sequence) {
    this.header = header.header
    this.#track = header.id
    this.#rewrapper = REWRAPPERS[header.id]
    this.#from = from
  }

  /**
   * Takes the next part, and gives the bytes of the one before it and of the silence between them; lazily, so that
   * a long gap takes no memory. Throws `corrupt` on a part without this track.
   */
  push(part: Part): Iterable<Uint8Array> {
    const next = this.#next
    assert(part.sequence >= next, 'parts come in order, from the start of the file')
    const held = this.#held
    this.#held = { sequence: part.sequence, bytes: this.#trackOf(part) }
    return this.#upTo(held, next, part.sequence)
  }

  /** The last part, marked as such where the format has a mark. */
  finish(): Iterable<Uint8Array> {
    const last = this.#held
    this.#held = undefined
    return last === undefined ? [] : [this.#rebase(last, true)]
  }

  *#upTo(held: HeldPart | undefined, next: Sequence, end: Sequence): Generator<Uint8Array> {
    if (held !== undefined) yield this.#rebase(held, false)
    for (let at: number = next; at < end; at++) yield this.#rewrapper.silence(sequence(at - this.#from))
  }

  get #next(): Sequence {
    return this.#held === undefined ? this.#from : sequence(this.#held.sequence + 1)
  }

  #rebase(part: HeldPart, isLast: boolean): Uint8Array {
    return this.#rewrapper.rebase(part.bytes, sequence(part.sequence - this.#from), isLast)
  }

  #trackOf(part: Part): Uint8Array {
    const bytes = part.tracks.get(this.#track)
    if (bytes === undefined) throw new MimbarError('corrupt', `Part ${part.sequence} has no ${this.#track}.`)
    return bytes
  }
}

/** A part whose bytes wait until it is known whether it is the last. */
interface HeldPart {
  readonly sequence: Sequence
  readonly bytes: Uint8Array
}

/** Moves one part to `to`; events stay behind, since a file is for any player. */
function rebaseMp4(bytes: Uint8Array, to: Sequence): Uint8Array {
  const boxes = new BoxReader().push(bytes)
  return concatBytes(
    boxes
      .filter((box) => box.kind === 'moof' || box.kind === 'mdat')
      .map((box) => (box.kind === 'moof' ? rebaseMoof(box.bytes, to) : box.bytes)),
  )
}
