// The one real clock. Everything pure takes the time as an argument; a shell that is given no other clock reads this.

import type { Clock } from '../base/clock.ts'
import { millis, wallMillis } from '../base/units.ts'

/** The machine's clocks: the wall clock, and the monotonic one of this process. */
export const systemClock: Clock = {
  wall: () => wallMillis(Date.now()),
  now: () => millis(performance.now()),
}
