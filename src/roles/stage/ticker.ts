// The pulse of the process: one timer for all programs, on the 20 ms grid that they share (a log's grid starts at a
// whole multiple of 2 s). `setInterval` drifts, so each wait is computed from the clock anew.

import type { Clock } from '../../base/clock.ts'
import { FRAME_MS, millis, type WallMillis } from '../../base/units.ts'
import { LatenessMeter } from '../../core/pace/lateness-meter.ts'
import { SteadyWall } from '../../core/pace/steady-wall.ts'

/** A machine that slept for an hour does not count 180,000 late ticks. */
const JUDGED_AT_ONCE_MS = 1_000

/** Calls `tick` at every multiple of 20 ms, or as soon after it as the process comes to it. */
export class Ticker {
  readonly #clock: Clock
  readonly #tick: (now: WallMillis) => void
  readonly #wall: SteadyWall
  readonly lateness = new LatenessMeter()
  #timer: ReturnType<typeof setTimeout> | undefined
  #due: number

  constructor(clock: Clock, tick: (now: WallMillis) => void) {
    this.#clock = clock
    this.#tick = tick
    this.#wall = new SteadyWall(clock.wall(), clock.now())
    this.#due = nextBoundary(this.now())
    this.#wait()
  }

  /** The wall time by which programs are paced. */
  now(): WallMillis {
    return this.#wall.read(this.#clock.wall(), this.#clock.now())
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#run(), Math.ceil(Math.max(0, this.#due - this.now())))
  }

  #run(): void {
    const now = this.now()
    if (now >= this.#due) {
      // Every boundary that was missed counts, not only the one that was found late.
      const missedFrom = Math.max(this.#due, nextBoundary(now) - JUDGED_AT_ONCE_MS)
      for (let due = missedFrom; due <= now; due += FRAME_MS) this.lateness.note(millis(now - due))
      this.#due = nextBoundary(now)
      this.#tick(now)
    }
    this.#wait()
  }
}

const nextBoundary = (now: WallMillis): number => (Math.floor(now / FRAME_MS) + 1) * FRAME_MS
