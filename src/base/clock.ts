// Time is an argument. Shells own the one real clock; the simulation owns a heap of deadlines.

import type { Millis, WallMillis } from './units.ts'

/** Where a shell reads the time. Pure code takes `now` values instead. */
export interface Clock {
  /** Wall clock; may step when the machine's clock is set. */
  wall(): WallMillis
  /** Monotonic; for durations and deadlines. */
  now(): Millis
}
