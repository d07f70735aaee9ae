// How many listen, as the sum of what the edges said last. An edge that fell silent counts no longer.

import type { SpaceId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import { type EdgeReport, REPORT_FRESH_MS } from '../space/facts.ts'

/** Adds up the reports of one cluster's edges. */
export class ListenerCount {
  readonly #reports = new Map<string, EdgeReport>()

  /** The newest report of an edge replaces its last. */
  note(report: EdgeReport): void {
    this.#reports.set(report.edge, report)
  }

  /** Listeners of `space` now. */
  of(space: SpaceId, now: WallMillis): number {
    let sum = 0
    for (const [edge, { atMs, listeners }] of this.#reports) {
      if (now - atMs > REPORT_FRESH_MS) this.#reports.delete(edge)
      else sum += listeners[space] ?? 0
    }
    return sum
  }
}
