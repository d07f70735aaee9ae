// Thirteen people laugh at once: the sum is far above full scale, and must neither clip nor pump. The gain is a
// line from one block boundary to the next, and at each boundary it is low enough for the blocks on both sides,
// so no sample can pass the ceiling. That takes one block of look-ahead, which is all the delay it adds.
//
//     blocks of 2.5 ms    | k−1 |  k  | k+1 |
//     gain at boundaries  G ⩽ need(k−1), need(k);  rises back at the pace of `RELEASE_MS`

import { FRAME_SAMPLES, SAMPLE_RATE_HZ, samples } from '../../base/units.ts'
import { gainOfDb } from '../../media/pcm/level.ts'

/** No sample of a limited frame is above this: −1 dBFS leaves room for what an Opus encoder adds. */
export const CEILING = gainOfDb(-1)
/** How far ahead the limiter looks, and by how much it delays. */
export const LOOK_AHEAD = samples(120)
const BLOCKS = FRAME_SAMPLES / LOOK_AHEAD
/** Time in which the gain makes up 63 % of what it was lowered by. */
const RELEASE_MS = 200
const BLOCK_MS = (LOOK_AHEAD / SAMPLE_RATE_HZ) * 1_000
const RELEASE_STEP = 1 - Math.exp(-BLOCK_MS / RELEASE_MS)

/** The limiter of one stream. Frames go through it in order; each comes out {@link LOOK_AHEAD} samples later. */
export class Limiter {
  /** The last block of the frame before. */
  readonly #held = new Float32Array(LOOK_AHEAD)
  /** Gain that the held block needs, and gain at its beginning. */
  #heldNeed = 1
  #gain = 1

  /** The gain now: 1 when nothing is being limited. */
  get gain(): number {
    return this.#gain
  }

  /** Limits `frame` (960 samples of any size) into `out`; they must not be the same memory. */
  limit(frame: Float32Array | Float64Array, out: Float32Array): void {
    out.set(this.#held)
    for (let i = LOOK_AHEAD; i < FRAME_SAMPLES; i++) out[i] = frame[i - LOOK_AHEAD] as number
    for (let block = 0; block < BLOCKS; block++) {
      const need = needOf(frame, block * LOOK_AHEAD)
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
    this.#heldNeed = other.#heldNeed
    this.#gain = other.#gain
  }
}

/** The gain at which the block that starts at `from` just meets the ceiling; 1 when it is below. */
function needOf(frame: Float32Array | Float64Array, from: number): number {
  let peak = 0
  for (let i = from; i < from + LOOK_AHEAD; i++) {
    const magnitude = Math.abs(frame[i] as number)
    if (magnitude > peak) peak = magnitude
  }
  return peak > CEILING ? CEILING / peak : 1
}

function ramp(out: Float32Array, from: number, start: number, end: number): void {
  const step = (end - start) / LOOK_AHEAD
  for (let i = 0; i < LOOK_AHEAD; i++) {
    out[from + i] = (out[from + i] as number) * (start + step * (i + 1))
  }
}
