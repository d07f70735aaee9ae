// The number of listeners, true by addition: each edge counts the streams it is delivering to, and the fresh
// reports add up. Control and every stage sum by this same rule, so a page and a snapshot agree.

import type { SpaceId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import { type EdgeReport, REPORT_FRESH_MS } from '../space/facts.ts'

/** Listeners of `space` over all edges; a report older than {@link REPORT_FRESH_MS} is not part of the sum. */
export function sumListeners(reports: Iterable<EdgeReport>, space: SpaceId, now: WallMillis): number {
  let sum = 0
  for (const report of reports) {
    if (isFresh(report.atMs, now)) sum += report.listeners[space] ?? 0
  }
  return sum
}

/** True while a report made at `atMs` counts. Clocks of two nodes may differ a little, in either direction. */
export function isFresh(atMs: WallMillis, now: WallMillis): boolean {
  return Math.abs(now - atMs) <= REPORT_FRESH_MS
}
