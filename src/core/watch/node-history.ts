// The charts' memory: the node's own, and one for each of the spaces that are shown. What is no longer shown is
// forgotten.

import type { Millis } from '../../base/units.ts'
import { ChartRing } from './chart-ring.ts'
import {
  CHART_STEP_MS,
  type ChartPoints,
  type NodeCharts,
  type NodeView,
  SPACES_SHOWN_MAX,
  type SpaceRow,
  shareOf,
} from './node-view.ts'

export class NodeHistory {
  readonly #listeners = new ChartRing()
  readonly #latenessMs = new ChartRing()
  readonly #capacity = new ChartRing()
  readonly #egressBps = new ChartRing()
  readonly #spaces = new Map<string, ChartRing>()
  #stepEndsAt: number

  constructor(startedAt: Millis) {
    this.#stepEndsAt = startedAt + CHART_STEP_MS
  }

  /** How many steps have ended since the last time; almost always 0 or 1. */
  stepsUntil(now: Millis): number {
    if (now < this.#stepEndsAt) return 0
    const steps = 1 + Math.floor((now - this.#stepEndsAt) / CHART_STEP_MS)
    this.#stepEndsAt += steps * CHART_STEP_MS
    return steps
  }

  /** `rows` with the most listeners first. Ends `steps` before it notes what is so now. */
  note(
    node: Pick<NodeView, 'listeners' | 'egressBps' | 'stages' | 'capacity' | 'isHearing'>,
    rows: readonly SpaceRow[],
    steps: number,
  ): void {
    const shown = rows.slice(0, SPACES_SHOWN_MAX)
    const ids = new Set<string>(shown.map(({ id }) => id))
    for (const id of this.#spaces.keys()) if (!ids.has(id)) this.#spaces.delete(id)
    if (steps > 0) for (const ring of this.#rings()) ring.close(steps - 1)
    if (!node.isHearing) return
    const lateness = node.stages.flatMap(({ latenessMsP99 }) => latenessMsP99 ?? [])
    this.#listeners.note(node.listeners)
    this.#egressBps.note(node.egressBps)
    this.#latenessMs.note(lateness.length === 0 ? undefined : Math.max(...lateness))
    this.#capacity.note(node.capacity === undefined ? undefined : shareOf(node.capacity))
    for (const { id, listeners } of shown) this.#ringOf(id).note(listeners)
  }

  charts(): NodeCharts {
    return {
      stepMs: CHART_STEP_MS,
      listeners: this.#listeners.points(),
      latenessMs: this.#latenessMs.points(),
      capacity: this.#capacity.points(),
      egressBps: this.#egressBps.points(),
    }
  }

  pointsOf(space: string): ChartPoints {
    return this.#ringOf(space).points()
  }

  #ringOf(space: string): ChartRing {
    const ring = this.#spaces.get(space) ?? new ChartRing()
    this.#spaces.set(space, ring)
    return ring
  }

  #rings(): readonly ChartRing[] {
    return [this.#listeners, this.#latenessMs, this.#capacity, this.#egressBps, ...this.#spaces.values()]
  }
}
