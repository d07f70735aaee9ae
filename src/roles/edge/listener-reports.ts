// How many listen to each space: this edge's own count, published once a second, and the sum over all edges.

import type { Clock } from '../../base/clock.ts'
import type { SpaceId } from '../../base/ids.ts'
import { sumListeners } from '../../core/count/listeners.ts'
import { type EdgeReport, edgeTopic, REPORT_FRESH_MS } from '../../core/space/facts.ts'
import type { Feed } from '../../engine/ports.ts'
import type { Admission } from './admission/admission.ts'
import type { SpaceReaders } from './stream/space-readers.ts'

export interface ListenerReportsOptions {
  readonly edgeId: string
  readonly feed: Feed
  readonly readers: SpaceReaders
  readonly admission: Admission
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

  constructor(options: ListenerReportsOptions) {
    this.#options = options
    this.#collecting = this.#collect()
  }

  /** Tells everyone this edge's numbers of now. */
  publish(): void {
    const { edgeId, feed, readers, admission, clock } = this.#options
    const listeners: Record<string, number> = {}
    for (const [space, reader] of readers.all()) {
      const count = reader.listeners()
      if (count > 0) listeners[space] = count
    }
    const report: EdgeReport = { edge: edgeId, atMs: clock.wall(), listeners, door: admission.report() }
    feed.publish(edgeTopic(edgeId), report)
    this.#reports.set(edgeTopic(edgeId), report)
  }

  /** Tells everyone within a moment: a burst of reasons is one report. */
  publishSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      if (!this.#stopping.signal.aborted) this.publish()
    }, SOON_MS)
  }

  /** Over all edges whose report is fresh. */
  sum(space: SpaceId): number {
    return sumListeners(this.#reports.values(), space, this.#options.clock.wall())
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
