// Thirteen people laugh at once: the sum is far above full scale, and must neither clip nor pump. The gain is a
// line from one block boundary to the next, and at each boundary it is low enough for the blocks on both sides,
// so no sample can pass the ceiling. That takes one block of look-ahead, which is all the delay it adds. The need is
// that of the true peak, between samples too: that is where a codec and a converter clip.
//
//     blocks of 2.5 ms    | k−1 |  k  | k+1 |
//     gain at boundaries  G ⩽ need(k−1), need(k);  rises back at the pace of `RELEASE_MS`

import { FRAME_SAMPLES, SAMPLE_RATE_HZ, samples } from '../../base/units.ts'
import { gainOfDb } from '../../media/pcm/level.ts'
import { TRUE_PEAK_TAPS, truePeakOf } from '../../media/pcm/true-peak.ts'

/** What the program keeps to (EBU R 128 and its like): room for what an encoder adds. */
export const TRUE_PEAK_DB = -1
/**
 * No sample of a limited frame is above this, and no estimate between them. Half a decibel below what is promised: an
 * estimate may miss a little (see `true-peak.ts`), and a gain that moves bends the wave.
 */
export const CEILING = gainOfDb(TRUE_PEAK_DB - 0.5)
/** How far ahead the limiter looks, and by how much it delays. */
export const LOOK_AHEAD = samples(120)
const LEAD = TRUE_PEAK_TAPS - 1
const BLOCKS = FRAME_SAMPLES / LOOK_AHEAD
/** Time in which the gain makes up 63 % of what it was lowered by. */
const RELEASE_MS = 200
const BLOCK_MS = (LOOK_AHEAD / SAMPLE_RATE_HZ) * 1_000
const RELEASE_STEP = 1 - Math.exp(-BLOCK_MS / RELEASE_MS)

/** The limiter of one stream. Frames go through it in order; each comes out {@link LOOK_AHEAD} samples later. */
export class Limiter {
  /** The last block of the frame before. */
  readonly #held = new Float32Array(LOOK_AHEAD)
  /** The frame, and before it what an estimate of its first samples needs. */
  readonly #line = new Float64Array(LEAD + FRAME_SAMPLES)
  /** Gain that the held block needs, and gain at its beginning. */
  #heldNeed = 1
  #gain = 1

  /** The gain now: 1 when nothing is being limited. */
  get gain(): number {
    return this.#gain
  }

  /** Limits `frame` (960 samples of any size) into `out`; they must not be the same memory. */
  limit(frame: Float32Array | Float64Array, out: Float32Array): void {
    this.#line.copyWithin(0, FRAME_SAMPLES)
    this.#line.set(frame, LEAD)
    out.set(this.#held)
    for (let i = LOOK_AHEAD; i < FRAME_SAMPLES; i++) out[i] = frame[i - LOOK_AHEAD] as number
    for (let block = 0; block < BLOCKS; block++) {
      const need = needOf(this.#line, LEAD + block * LOOK_AHEAD)
      const released = this.#gain + (1 - this.#gain) * RELEASE_STEP
      const next = Math.min(this.#heldNeed, need, released)
      if (this.#gain < 1 || next < 1) ramp(out, block * LOOK_AHEAD, this.#gain, next)
      this.#gain = next > 0.9999 ? 1 : next
      this.#heldNeed = need
    }
    for (let i = 0; i < LOOK_AHEAD; i++) this.#held[i] = frame[FRAME_SAMPLES - LOOK_AHEAD + i] as number
  }

  /** Goes on where `other` stands: for a stream that so far was the same as another. */
  adopt(other: Limiter): void {
    this.#held.set(other.#held)
    this.#line.set(other.#line)
    this.#heldNeed = other.#heldNeed
    this.#gain = other.#gain
  }
}

/** The gain at which the block that starts at `from` just meets the ceiling; 1 when it is below. */
function needOf(line: Float64Array, from: number): number {
  const peak = truePeakOf(line, from, from + LOOK_AHEAD, CEILING)
  return peak > CEILING ? CEILING / peak : 1
}

function ramp(out: Float32Array, from: number, start: number, end: number): void {
  const step = (end - start) / LOOK_AHEAD
  for (let i = 0; i < LOOK_AHEAD; i++) {
    out[from + i] = (out[from + i] as number) * (start + step * (i + 1))
  }
}
