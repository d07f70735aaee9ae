// How long what a process said of itself is believed, before it counts as gone.

import type { WallMillis } from '../../base/units.ts'

/** A report is part of a sum for this long; then its process counts as gone. */
export const REPORT_FRESH_MS = 3_000
/** True while a report made at `atMs` counts. Clocks of two nodes may differ a little, in either direction. */
export function isFresh(atMs: WallMillis, now: WallMillis): boolean {
  return Math.abs(now - atMs) <= REPORT_FRESH_MS
}
