// A wall clock to pace sound by. Parts follow the wall clock, but the machine's may be stepped or slewed under us:
// a step must not tear the sound, and drift must not add up over the hours of a program.

import type { Millis, WallMillis } from '../../base/units.ts'
import { wallMillis } from '../../base/units.ts'

/** Half a percent: inaudible, absorbed by jitter buffers, and quick enough for any crystal. */
const SLEW_PER_MS = 0.005
/** A step forward beyond this is followed at once and leaves a declared gap; everything else is slewed. */
const STEP_MS = 1_000

/** Follows the wall clock; never goes back. */
export class SteadyWall {
  #offset: number
  #readAt: Millis

  constructor(wall: WallMillis, now: Millis) {
    this.#offset = wall - now
    this.#readAt = now
  }

  /** The steady wall time, given what both clocks say. */
  read(wall: WallMillis, now: Millis): WallMillis {
    const error = wall - now - this.#offset
    const slewMax = Math.max(0, now - this.#readAt) * SLEW_PER_MS
    this.#offset += error > STEP_MS ? error : Math.max(-slewMax, Math.min(slewMax, error))
    this.#readAt = now
    return wallMillis(now + this.#offset)
  }
}
