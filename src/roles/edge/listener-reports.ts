// How many listen to each space: this edge's own count, published once a second, and the sum over all edges.

import type { Clock } from '../../base/clock.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { EdgeLoad } from '../../core/capacity/edge-load.ts'
import { sumListeners } from '../../core/count/listeners.ts'
import { type EdgeReport, edgeTopic } from '../../core/space/facts.ts'
import { isFresh, REPORT_FRESH_MS } from '../../core/space/freshness.ts'
import type { Feed } from '../../engine/ports.ts'
import type { Admission } from './admission/admission.ts'
import type { EdgeAudiences } from './count/edge-audience.ts'
import type { SpaceReaders } from './stream/space-readers.ts'

export interface ListenerReportsOptions {
  readonly edgeId: string
  readonly feed: Feed
  readonly readers: SpaceReaders
  readonly admission: Admission
  readonly audiences: EdgeAudiences
  readonly clock: Clock
}

/** At most this often between two regular reports. */
const SOON_MS = 100

export class ListenerReports {
  readonly #options: ListenerReportsOptions
  readonly #stopping = new AbortController()
  readonly #collecting: Promise<void>
  #soon: ReturnType<typeof setTimeout> | undefined
  readonly #reports = new Map<string, EdgeReport>()
  /** As of the last second: what is told in between repeats it. */
  #load: EdgeLoad | undefined

  constructor(options: ListenerReportsOptions) {
    this.#options = options
    this.#collecting = this.#collect()
  }

  /** Tells everyone this edge's numbers of now. */
  publish(load: EdgeLoad | undefined): void {
    this.#load = load
    const { edgeId, feed, readers, admission, audiences, clock } = this.#options
    const listeners: Record<string, number> = {}
    for (const [space, reader] of readers.all()) {
      const count = reader.listeners()
      if (count > 0) listeners[space] = count
    }
    const report: EdgeReport = {
      edge: edgeId,
      atMs: clock.wall(),
      listeners,
      ...(load && { load }),
      door: admission.report(),
      audience: audiences.report(),
    }
    audiences.tellDevices()
    feed.publish(edgeTopic(edgeId), report)
    this.#reports.set(edgeTopic(edgeId), report)
  }

  /** Tells everyone within a moment: a burst of reasons is one report. */
  publishSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      if (!this.#stopping.signal.aborted) this.publish(this.#load)
    }, SOON_MS)
  }

  /** Over all edges whose report is fresh. */
  sum(space: SpaceId): number {
    return sumListeners(this.#reports.values(), space, this.#options.clock.wall())
  }

  /** What the other edges of `node` said of themselves, as far as it is fresh. */
  neighbours(node: string): ReadonlyMap<string, EdgeLoad> {
    const now = this.#options.clock.wall()
    const loads = new Map<string, EdgeLoad>()
    for (const { edge, atMs, load } of this.#reports.values()) {
      const isOther = edge !== this.#options.edgeId && load?.node === node
      if (isOther && isFresh(atMs, now)) loads.set(edge, load)
    }
    return loads
  }

  /** This edge serves nobody any more. */
  async stop(): Promise<void> {
    const { edgeId, feed, clock } = this.#options
    feed.publish(edgeTopic(edgeId), { edge: edgeId, atMs: clock.wall(), listeners: {} } satisfies EdgeReport)
    clearTimeout(this.#soon)
    this.#stopping.abort()
    await this.#collecting
  }

  async #collect(): Promise<void> {
    const { feed, clock } = this.#options
    for await (const item of feed.subscribe(edgeTopic(''), this.#stopping.signal)) {
      const { edge, atMs, door } = item.value as EdgeReport
      this.#options.admission.learn(edge, atMs, door)
      this.#reports.set(item.topic, item.value as EdgeReport)
      // Edges of earlier lives would otherwise be remembered for ever.
      for (const [topic, report] of this.#reports) {
        if (clock.wall() - report.atMs > 2 * REPORT_FRESH_MS) this.#reports.delete(topic)
      }
    }
  }
}
