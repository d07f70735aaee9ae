// The one real clock of a process that serves an engine.

import type { Clock } from '../../base/clock.ts'
import { millis, wallMillis } from '../../base/units.ts'

export const systemClock: Clock = {
  wall: () => wallMillis(Date.now()),
  now: () => millis(performance.now()),
}
