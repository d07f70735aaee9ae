// Spreads what an edge sends over time. A sweep hands every listener its bytes at once; behind a link that is nearly
// full, such a burst is a queue of as much as a flush interval, and what the stage sends stands in it or is dropped.
// So where the node's egress is known, a sweep goes no faster than this edge's part of it, and the part that is kept
// for the stage is free at every moment and not only on average.

import type { Millis } from '../../base/units.ts'
import { wireBytes } from './egress-meter.ts'

/** Sent at once before a pause; timers are no finer than a millisecond or two. */
const BURST_MS = 5
/** What joins sent beyond the rate is paid back by later sweeps, up to so much: nobody's stream waits longer for it. */
const DEBT_MS_MAX = 200

export class EgressPacer {
  readonly #isTls: boolean
  /** Bytes per ms. */
  #rate = Number.POSITIVE_INFINITY
  #owed = 0
  #settledAt: Millis

  constructor(isTls: boolean, now: Millis) {
    this.#isTls = isTls
    this.#settledAt = now
  }

  /** Infinity: no limit is known. */
  setRate(bps: number): void {
    this.#rate = bps / 8_000
  }

  /** How many writes of so many bytes may follow each other without asking {@link waitMs}; at least one. */
  writesAtOnce(bytes: number): number {
    return Math.max(1, Math.floor((this.#rate * BURST_MS) / wireBytes(bytes, 1, this.#isTls)))
  }

  /** One write of so many bytes was made. */
  sent(bytes: number): void {
    this.#owed += wireBytes(bytes, 1, this.#isTls)
  }

  /** How long to wait before the next write; 0 while there is no limit. */
  waitMs(now: Millis): number {
    const paid = this.#rate * (now - this.#settledAt)
    this.#settledAt = now
    // Without a limit, 0 ms times infinity is no number.
    if (this.#rate === Number.POSITIVE_INFINITY) this.#owed = 0
    else this.#owed = Math.min(Math.max(0, this.#owed - paid), this.#rate * DEBT_MS_MAX)
    return this.#owed === 0 ? 0 : Math.max(0, this.#owed / this.#rate - BURST_MS)
  }
}
