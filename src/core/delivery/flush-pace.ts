// How often an edge writes to its listeners. Cost is per write, so a longer interval carries a larger audience;
// but a player that is surprised by it stalls and comes back, which is the storm that the interval was to prevent.
// Hence two rules: a longer interval is announced before it is used, and it grows no faster than players can slow
// down (3 % of elapsed time, where they may play at 0.97). A shorter one is safe at once.

import { assert } from '../../base/assert.ts'
import { type Millis, millis, PART_MS } from '../../base/units.ts'

export const FLUSH_MS_MIN = PART_MS
export const FLUSH_MS_MAX = 2_000
/** How much longer the interval may get per elapsed time: what `playbackRate` 0.97 absorbs. */
export const LENGTHENING_MAX = 0.03

/** The interval in use, and the one that was announced. */
export class FlushPace {
  readonly #lengtheningMax: number
  #announced: number
  #used: number
  #adjustedAt: Millis

  constructor(flushMs: number, now: Millis, lengtheningMax = LENGTHENING_MAX) {
    assert(flushMs >= FLUSH_MS_MIN && flushMs <= FLUSH_MS_MAX, 'a flush interval is 200 to 2000 ms')
    this.#lengtheningMax = lengtheningMax
    this.#announced = flushMs
    this.#used = flushMs
    this.#adjustedAt = now
  }

  /** What listeners were told, and what a new one is told in `hello`. */
  get announcedMs(): number {
    return this.#announced
  }

  get usedMs(): number {
    return this.#used
  }

  /** True while every part is written as it comes. */
  get isPerPart(): boolean {
    return this.#used <= PART_MS
  }

  /** Announces `flushMs`: from the next flush on, the interval moves towards it. True when it is news. */
  announce(flushMs: number, now: Millis): boolean {
    assert(flushMs >= FLUSH_MS_MIN && flushMs <= FLUSH_MS_MAX, 'a flush interval is 200 to 2000 ms')
    if (flushMs === this.#announced) return false
    this.#announced = flushMs
    this.#used = Math.min(this.#used, flushMs)
    this.#adjustedAt = now
    return true
  }

  /** A flush was made: when the next one is due. */
  flushed(now: Millis): Millis {
    const grown = this.#used + this.#lengtheningMax * (now - this.#adjustedAt)
    this.#used = Math.min(this.#announced, Math.max(this.#used, grown))
    this.#adjustedAt = now
    return millis(now + this.#used)
  }
}
