// How long the flush interval should be. N listeners at c µs a write take N·c of a core per flush, so the interval that
// spends no more than a target is T = N·c / target. N is known at once and c changes slowly, and neither depends on T:
// the law follows a crowd within a second, and has nothing to oscillate with. What is left is not to bother listeners
// with every change: a longer interval is chosen with room to grow into, a shorter one is waited for and taken in steps.
//
// Processor time alone misses a core that others use too. There sweeps slip: they end long after they were due. How
// long a sweep takes does not depend on T either, so it sets a second lower bound of the same kind.

import { type Millis, millis } from '../../base/units.ts'
import { FLUSH_MS_MAX } from '../delivery/flush-pace.ts'

/** What writing may take of an edge's core; the rest is for joins, handshakes, playlists and surprises. */
export const CPU_TARGET = 0.6
/** A sweep may take this much of the interval, waiting for its turn included. */
export const SLIP_TARGET = 0.75
/** A slip counts if it was there this many seconds in a row: a pause of the whole machine is no load. */
export const SLIP_SECONDS = 3
/** Below this share of a core writing is no load, and a longer interval would relieve nothing. */
export const LOADED_FROM = 0.1
/** Whoever arrives within so many seconds at the present rate is reckoned with: in a storm, being told late is dear. */
export const FORESEEN_S = 4
/** Chosen longer than needed by this much, so that the next few arrivals don't change it again. */
export const HEADROOM = 1.15
/** Shorter only when it could be this much shorter, for this long, and by one step at a time. */
export const SHORTEN_BELOW = 0.75
export const SHORTEN_AFTER: Millis = millis(15_000)
export const SHORTEN_STEP = 0.8
/** Intervals are whole multiples of this. */
export const FLUSH_STEP_MS = 50

export interface FlushLawOptions {
  /** The shortest interval, which is in use while there is no load. */
  readonly flushMsMin: number
  /** The longest that may be chosen, whatever the load; by default `FLUSH_MS_MAX`. */
  readonly flushMsMax?: number
  /** Share of one core that writing may take. */
  readonly cpuTarget?: number
}

/** One second of an edge. */
export interface FlushDemand {
  readonly streams: number
  /** Of them, those who came within this second. */
  readonly joins: number
  readonly writeUs: number
  /** The longest that a sweep took from when it was due, and a tick was late. */
  readonly slipMs: number
}

/** Decides; whoever owns it announces. */
export class FlushLaw {
  readonly #options: Required<FlushLawOptions>
  readonly #slips: number[] = []
  #intervalMs: number
  #easySince: Millis | undefined

  constructor(options: FlushLawOptions) {
    this.#options = { cpuTarget: CPU_TARGET, flushMsMax: FLUSH_MS_MAX, ...options }
    this.#intervalMs = options.flushMsMin
  }

  get intervalMs(): number {
    return this.#intervalMs
  }

  /** Once a second: the interval to announce, usually the one that is. */
  next(demand: FlushDemand, now: Millis): number {
    const needed = this.#needed(demand)
    const chosen = this.#within(Math.ceil((needed * HEADROOM) / FLUSH_STEP_MS) * FLUSH_STEP_MS)
    if (needed > this.#intervalMs) {
      this.#intervalMs = Math.max(this.#intervalMs, chosen)
      this.#easySince = undefined
    } else if (chosen > this.#intervalMs * SHORTEN_BELOW && chosen > this.#options.flushMsMin) {
      this.#easySince = undefined
    } else if (this.#intervalMs > chosen) {
      this.#easySince ??= now
      if (now - this.#easySince >= SHORTEN_AFTER) this.#shorten(chosen, now)
    }
    return this.#intervalMs
  }

  #shorten(chosen: number, now: Millis): void {
    const step = Math.floor((this.#intervalMs * SHORTEN_STEP) / FLUSH_STEP_MS) * FLUSH_STEP_MS
    this.#intervalMs = this.#within(Math.max(chosen, step))
    this.#easySince = now
  }

  #needed({ streams, joins, writeUs, slipMs }: FlushDemand): number {
    const sweepMs = (streams * writeUs) / 1_000
    const foreseenMs = ((streams + joins * FORESEEN_S) * writeUs) / 1_000
    this.#slips.push(slipMs)
    if (this.#slips.length > SLIP_SECONDS) this.#slips.shift()
    const isLoaded = sweepMs / this.#intervalMs >= Math.min(LOADED_FROM, this.#options.cpuTarget / 2)
    const slip = isLoaded && this.#slips.length === SLIP_SECONDS ? Math.min(...this.#slips) : 0
    return Math.max(foreseenMs / this.#options.cpuTarget, slip / SLIP_TARGET)
  }

  #within(ms: number): number {
    const { flushMsMin, flushMsMax } = this.#options
    return Math.min(flushMsMax, Math.max(flushMsMin, ms))
  }
}
