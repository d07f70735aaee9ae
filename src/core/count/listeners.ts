// The number of listeners, true by addition: each edge counts the streams it is delivering to, and the fresh
// reports add up. Control and every stage sum by this same rule, so a page and a snapshot agree.

import type { WallMillis } from '../../base/units.ts'
import type { EdgeReport } from '../space/facts.ts'
import { isFresh } from '../space/freshness.ts'

/** Listeners of `space` over all edges; a report that is not fresh is not part of the sum. */
export function sumListeners(reports: Iterable<EdgeReport>, space: string, now: WallMillis): number {
  let sum = 0
  for (const report of reports) {
    if (isFresh(report.atMs, now)) sum += report.listeners[space] ?? 0
  }
  return sum
}
