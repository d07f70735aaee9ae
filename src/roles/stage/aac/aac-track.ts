// The AAC track of one program: made while somebody wants it, 9 or 10 whole frames for each part, or none at all.
//
//     960 samples a tick ─▶ 1,024 on AAC's own grid ─▶ encoder ─▶ by ordinal ─▶ with the part after theirs
//
// An encoder finishes a frame with the second one after it, 64 ms at most into the next part, which is why a part
// carries the frames of the part before it (`RENDITIONS['aac.mp4'].lagParts`).

import { FRAME_SAMPLES, type Sequence, sequence } from '../../../base/units.ts'
import { RENDITIONS } from '../../../core/part/tracks.ts'
import { AAC_FRAME_SAMPLES, firstFrameOf } from '../../../media/aac/program.ts'
import type { AacEncoder, AacLibrary } from './aac-library.ts'

const LAG_PARTS = RENDITIONS['aac.mp4'].lagParts

/** Owned by one program. Without a library it makes nothing. */
export class AacTrack {
  readonly #library: AacLibrary | undefined
  #encoder: AacEncoder | undefined
  /** The block that is being filled; its first sample is that of frame `#ordinal`. */
  readonly #block = new Float32Array(AAC_FRAME_SAMPLES)
  #filled = 0
  #ordinal = 0
  /** The first frame that the encoder was given whole. */
  #first = 0
  /** The frame of 20 ms that must come next; another one is a new beginning. */
  #next: number | undefined
  /** Finished frames that no part has carried yet, by ordinal: those of two parts at most. */
  readonly #frames = new Map<number, Uint8Array>()

  constructor(library: AacLibrary | undefined) {
    this.#library = library
  }

  get isAtWork(): boolean {
    return this.#encoder !== undefined
  }

  /**
   * Takes the 960 samples of `frame` on the log's grid while `isWanted`. When frames were left out it begins anew, with
   * what is whole from then on.
   */
  push(frame: number, sound: Float32Array, isWanted: boolean): void {
    if (!isWanted) {
      this.close()
      return
    }
    if (frame !== this.#next) this.close()
    if (this.#encoder === undefined && !this.#begin(frame)) return
    this.#next = frame + 1
    // Before the first whole block there are samples that belong to no frame of ours.
    const position = frame * FRAME_SAMPLES
    this.#take(sound.subarray(Math.max(0, this.#ordinal * AAC_FRAME_SAMPLES + this.#filled - position)))
  }

  /**
   * A writer that goes on where another one stopped has filled the log with its silence from part `from` up to `frame`.
   * The same in AAC, so that the track has no hole either; with the part before, whose frames `from` carries.
   */
  continueSilently(from: Sequence, frame: number): void {
    if (!this.#begin(frame)) return
    this.#next = frame
    const silence = (this.#library as AacLibrary).silence
    for (let n = firstFrameOf(sequence(from - LAG_PARTS)); n < this.#ordinal; n++)
      this.#frames.set(n, silence)
  }

  /** What part `carrier` carries: whole frames, or undefined. Called for every part once, in order. */
  take(carrier: Sequence): readonly Uint8Array[] | undefined {
    const of = carrier - LAG_PARTS
    const first = firstFrameOf(sequence(of))
    const end = firstFrameOf(sequence(of + 1))
    const frames: Uint8Array[] = []
    for (let n = first; n < end; n++) {
      const bytes = this.#frames.get(n)
      if (bytes !== undefined) frames.push(bytes)
    }
    for (const ordinal of this.#frames.keys()) if (ordinal < end) this.#frames.delete(ordinal)
    return frames.length === end - first ? frames : undefined
  }

  /** Ends the encoder, and forgets what no part has carried. Idempotent; it can be used further. */
  close(): void {
    this.#encoder?.close()
    this.#encoder = undefined
    this.#next = undefined
    this.#frames.clear()
  }

  #begin(frame: number): boolean {
    this.#encoder = this.#library?.open()
    this.#ordinal = Math.ceil((frame * FRAME_SAMPLES) / AAC_FRAME_SAMPLES)
    this.#first = this.#ordinal
    this.#filled = 0
    return this.#encoder !== undefined
  }

  #take(sound: Float32Array): void {
    for (let at = 0; at < sound.length; ) {
      const taken = Math.min(AAC_FRAME_SAMPLES - this.#filled, sound.length - at)
      this.#block.set(sound.subarray(at, at + taken), this.#filled)
      this.#filled += taken
      at += taken
      if (this.#filled === AAC_FRAME_SAMPLES) this.#encodeBlock()
    }
  }

  #encodeBlock(): void {
    for (const { ordinal, bytes } of this.#encoder?.encode(this.#ordinal, this.#block) ?? []) {
      // What comes out first is what the encoder was filled up with, from before it began.
      if (ordinal >= this.#first) this.#frames.set(ordinal, bytes)
    }
    this.#ordinal += 1
    this.#filled = 0
  }
}
