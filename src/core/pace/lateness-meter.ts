// How late ticks are: the p99 of the last ten seconds, by which a stage knows that it has enough to do.

import type { Millis } from '../../base/units.ts'
import { FRAME_MS, millis } from '../../base/units.ts'

/** Above this a stage takes no further space. */
export const LATENESS_LIMIT_MS = 5
/** Late by a whole tick, a mix is soon heard to be late. */
export const LATENESS_WORST_MS = FRAME_MS
/** More ticks than this being as late as that, a stage is not only disturbed for a moment. */
const WORST_SHARE = 0.1
/** Ten seconds of ticks. */
const WINDOW_TICKS = 10_000 / FRAME_MS
/** Fewer say nothing: the first second of a process is always late. */
const ENOUGH_TICKS = WINDOW_TICKS / 2

/** A ring of the newest tick latenesses. */
export class LatenessMeter {
  readonly #ring = new Float64Array(WINDOW_TICKS)
  #count = 0

  /** Notes a tick that began `lateness` after its time. */
  note(lateness: Millis): void {
    this.#ring[this.#count % WINDOW_TICKS] = lateness
    this.#count += 1
  }

  /** 0 while nothing was noted. Sorts the window: ask once a second, not once a tick. */
  p99(): Millis {
    return this.#quantile(0.99)
  }

  /** True when there are enough ticks to judge by, and too many of them were late. */
  isTooLate(): boolean {
    return this.#count >= ENOUGH_TICKS && this.p99() > LATENESS_LIMIT_MS
  }

  /**
   * Whether there is time for what could wait, which is going on if `isGoingOn`: it begins when ticks are on time, and
   * is given up only when one in ten is late by a tick, so that a busy moment takes nothing from who listens to it.
   */
  hasTimeToSpare(isGoingOn: boolean): boolean {
    if (!isGoingOn) return !this.isTooLate()
    return this.#count < ENOUGH_TICKS || this.#quantile(1 - WORST_SHARE) <= LATENESS_WORST_MS
  }

  #quantile(share: number): Millis {
    const size = Math.min(this.#count, WINDOW_TICKS)
    const sorted = this.#ring.slice(0, size).sort()
    return millis(sorted[Math.ceil(size * share) - 1] ?? 0)
  }
}
