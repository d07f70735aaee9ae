// What a sweep hands to whom. Everyone who keeps up stands where the last sweep ended; newcomers, who are written to
// less often while a longer interval is approached, where the last one for them did. So two frames serve everybody.

import { type Millis, millis } from '../../../base/units.ts'
import { type FlushPace, NO_COHORT } from '../../../core/delivery/flush-pace.ts'
import type { PartWindow } from '../../../core/delivery/part-window.ts'
import { SWEEP_JITTER_MS } from '../limits.ts'

/** What whoever stands at the part `from` is handed. */
export interface Due {
  readonly from: number
  readonly bytes: Uint8Array
}

/** One round: parts before `to`. */
export interface Sweep {
  readonly to: number
  readonly main: Due
  readonly newcomers: Due
  /** The cohort that is left out this time; see `FlushPace.cohort`. */
  readonly skipped: number | undefined
}

export interface SweepPlanOptions {
  readonly window: PartWindow
  readonly pace: FlushPace
  /** The bytes of the parts `from` ≤ n < `to`, or what stands for them when there are none. */
  readonly frame: (from: number, to: number) => Uint8Array
  /** Everybody is due: something is said, or it is the last round. */
  readonly isForAll: boolean
}

/** Remembers how far sweeps went. */
export class SweepPlan {
  #swept = 0
  #newcomersSwept = 0
  #newcomersSweptAt: Millis = millis(0)

  /** There is nobody to hand the parts before `to`. */
  skipTo(to: number): void {
    this.#swept = to
    this.#newcomersSwept = to
  }

  next({ window, pace, frame, isForAll }: SweepPlanOptions, now: Millis): Sweep {
    const to = window.end
    const from = Math.max(this.#swept, window.start)
    this.#swept = to
    const main = { from, bytes: frame(from, to) }
    const { cohort } = pace
    const areAllDue = isForAll || cohort === NO_COHORT || this.#areNewcomersDue(pace, now)
    if (!areAllDue) return { to, main, newcomers: main, skipped: cohort }
    const theirs = Math.max(this.#newcomersSwept, window.start)
    this.#newcomersSwept = to
    this.#newcomersSweptAt = now
    const newcomers = theirs === from ? main : { from: theirs, bytes: frame(theirs, to) }
    return { to, main, newcomers, skipped: undefined }
  }

  /** True when the next sweep would be too late for them. */
  #areNewcomersDue(pace: FlushPace, now: Millis): boolean {
    return now + pace.usedMs - this.#newcomersSweptAt > pace.newcomersMs + SWEEP_JITTER_MS
  }
}
