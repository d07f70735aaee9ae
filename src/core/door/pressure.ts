// How hard an edge is pressed, and what gives way: first what nobody listens to right now (replays, heavy reads of the
// API), then those who arrive, never those who listen. Lateness of the event loop is what a listener would notice.

import type { Millis } from '../../base/units.ts'

/** Later than this, replays and what isn't cached of the API are refused: listeners' buffers still cover it. */
export const REST_LATE_MS = 100
/** Later than this, who arrives is given a place: two parts late is what a player at 600 ms still bears. */
export const ARRIVALS_LATE_MS = 400
/** A share that is spent to this part leaves nothing for what nobody listens to. */
export const REST_TAKEN_SHARE = 0.98
/** Lateness counts when it lasts this long: a pause for breath is no pressure, and must turn nobody away. */
const LASTING_MS = 2_000
/** So many looks at least, in that time. */
const LOOKS_MIN = 3

/** Fed by a timer that should fire every `periodMs`. */
export class Pressure {
  readonly #periodMs: number
  #dueAt: number | undefined
  #late: readonly { readonly at: number; readonly ms: number }[] = []

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** How late it was all through the last two seconds: the least of what was seen in them. */
  get lateMs(): number {
    if (this.#late.length < LOOKS_MIN) return 0
    return this.#late.reduce((least, { ms }) => Math.min(least, ms), Number.POSITIVE_INFINITY)
  }

  get isArrivalsLate(): boolean {
    return this.lateMs > ARRIVALS_LATE_MS
  }

  tick(now: Millis): void {
    const ms = this.#dueAt === undefined ? 0 : Math.max(0, now - this.#dueAt)
    this.#dueAt = now + this.#periodMs
    const all = [...this.#late, { at: now, ms }]
    const lately = all.filter(({ at }) => now - at <= LASTING_MS)
    // The later it is, the fewer looks there are.
    this.#late = lately.length >= LOOKS_MIN ? lately : all.slice(-LOOKS_MIN)
  }

  /** True when what nobody listens to has to go, with `taken` of `streamsMax` slots taken. */
  shedsRest(taken: number, streamsMax: number): boolean {
    return this.lateMs > REST_LATE_MS || taken >= streamsMax * REST_TAKEN_SHARE
  }
}
