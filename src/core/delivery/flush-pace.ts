// How often an edge writes to its listeners. Cost is per write, so a longer interval carries a larger audience;
// but a player that is surprised by it stalls and comes back, which is the storm that the interval was to prevent.
// Hence two rules: a longer interval is announced before it is used, and it grows no faster than players can slow
// down (3 % of elapsed time, where they may play at 0.97). A shorter one is safe at once. Newcomers hear of the longer
// interval before they begin, and hold back enough for it: they are given it from their first flush on. In a join
// storm they are most of the audience, so the relief does not wait for the others' half a minute.

import { assert } from '../../base/assert.ts'
import { type Millis, millis, PART_MS } from '../../base/units.ts'

export const FLUSH_MS_MIN = PART_MS
export const FLUSH_MS_MAX = 2_000
/** How much longer the interval may get per elapsed time: what `playbackRate` 0.97 absorbs. */
export const LENGTHENING_MAX = 0.03

/** Nobody is a newcomer once the interval in use is the announced one. */
export const NO_COHORT = 0

/** The interval in use, the one that was announced, and the one of those who came in between. */
export class FlushPace {
  readonly #lengtheningMax: number
  #announced: number
  #used: number
  #newcomers: number
  #cohort = NO_COHORT
  #adjustedAt: Millis

  constructor(flushMs: number, now: Millis, lengtheningMax = LENGTHENING_MAX) {
    assert(flushMs >= FLUSH_MS_MIN && flushMs <= FLUSH_MS_MAX, 'a flush interval is 200 to 2000 ms')
    this.#lengtheningMax = lengtheningMax
    this.#announced = flushMs
    this.#used = flushMs
    this.#newcomers = flushMs
    this.#adjustedAt = now
  }

  /** What listeners were told, and what a new one is told in `hello`. */
  get announcedMs(): number {
    return this.#announced
  }

  get usedMs(): number {
    return this.#used
  }

  /** How often newcomers are written to. */
  get newcomersMs(): number {
    return this.#newcomers
  }

  /** Who joins now belongs to it; whoever has another number goes by `usedMs`. */
  get cohort(): number {
    return this.#isSettled ? NO_COHORT : this.#cohort
  }

  get #isSettled(): boolean {
    return this.#used === this.#announced
  }

  /** True while every part is written as it comes. */
  get isPerPart(): boolean {
    return this.#used <= PART_MS
  }

  /** Announces `flushMs`: from the next flush on, the interval moves towards it. True when it is news. */
  announce(flushMs: number, now: Millis): boolean {
    assert(flushMs >= FLUSH_MS_MIN && flushMs <= FLUSH_MS_MAX, 'a flush interval is 200 to 2000 ms')
    if (flushMs === this.#announced) return false
    if (this.#isSettled) {
      // The first newcomers to this interval have known no other one; an earlier cohort is made longer like everyone.
      this.#cohort += 1
      this.#newcomers = flushMs
    }
    this.#announced = flushMs
    this.#used = Math.min(this.#used, flushMs)
    this.#newcomers = Math.min(this.#newcomers, flushMs)
    this.#adjustedAt = now
    return true
  }

  /** A flush was made: when the next one is due. */
  flushed(now: Millis): Millis {
    const growth = Math.max(0, this.#lengtheningMax * (now - this.#adjustedAt))
    this.#used = Math.min(this.#announced, this.#used + growth)
    this.#newcomers = Math.min(this.#announced, this.#newcomers + growth)
    this.#adjustedAt = now
    return millis(now + this.#used)
  }
}
