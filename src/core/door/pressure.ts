// How hard an edge is pressed, and what gives way: first what nobody listens to right now (replays, heavy reads of the
// API), then those who arrive, never those who listen. Lateness of the event loop is what a listener would notice.

import type { Millis } from '../../base/units.ts'

/** Later than this, replays and what isn't cached of the API are refused: listeners' buffers still cover it. */
export const REST_LATE_MS = 100
/** Later than this, who arrives is given a place: two parts late is what a player at 600 ms still bears. */
export const ARRIVALS_LATE_MS = 400
/** A share that is spent to this part leaves nothing for what nobody listens to. */
export const REST_TAKEN_SHARE = 0.98
/** What happened within this long counts. */
const REMEMBERED_MS = 1_000

/** Fed by a timer that should fire every `periodMs`. */
export class Pressure {
  readonly #periodMs: number
  #dueAt: number | undefined
  #late: readonly { readonly at: number; readonly ms: number }[] = []

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** The worst of the last second. */
  get lateMs(): number {
    return this.#late.reduce((most, { ms }) => Math.max(most, ms), 0)
  }

  get isArrivalsLate(): boolean {
    return this.lateMs > ARRIVALS_LATE_MS
  }

  tick(now: Millis): void {
    const ms = this.#dueAt === undefined ? 0 : Math.max(0, now - this.#dueAt)
    this.#dueAt = now + this.#periodMs
    this.#late = [...this.#late.filter(({ at }) => now - at <= REMEMBERED_MS), { at: now, ms }]
  }

  /** True when what nobody listens to has to go, with `taken` of `streamsMax` slots taken. */
  shedsRest(taken: number, streamsMax: number): boolean {
    return this.lateMs > REST_LATE_MS || taken >= streamsMax * REST_TAKEN_SHARE
  }
}
