// What the other roles report on the Feed, as control last heard it. Lossy by nature: a report counts while fresh.

import type { Clock } from '../../base/clock.ts'
import type { SpaceId, StageId } from '../../base/ids.ts'
import { sumListeners } from '../../core/count/listeners.ts'
import { PROBLEMS_PREFIX, type ProblemReports } from '../../core/count/problems.ts'
import type { EdgeReport, ObservedSpace, StageHeartbeat } from '../../core/space/facts.ts'
import { isFresh } from '../../core/space/freshness.ts'
import type { AudienceNow } from '../../core/space/public-space.ts'
import type { Feed } from '../../engine/ports.ts'

/** Reporters of one kind that are remembered; when full, the one that was quiet for longest is forgotten. */
export const REPORTERS_MAX = 10_000

/** What a process told of itself, or an edge of its listeners' problems; as it came, fresh or not. */
export type Heard =
  | { readonly kind: 'stage'; readonly report: StageHeartbeat }
  | { readonly kind: 'edge'; readonly report: EdgeReport }
  | { readonly kind: 'problems'; readonly report: ProblemReports }

export interface ObservationsOptions {
  readonly feed: Feed
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A stage has reported on a space; `tookOver` when it is another epoch than before. */
  readonly onObserved: (space: SpaceId, tookOver: boolean) => void
  /** Told of everything else that comes. */
  readonly onHeard?: (heard: Heard) => void
}

export class Observations {
  readonly #options: ObservationsOptions
  readonly #spaces = new Map<string, ObservedSpace>()
  readonly #stages = new Map<string, StageHeartbeat>()
  readonly #edges = new Map<string, EdgeReport>()
  readonly #ended: Promise<unknown>

  constructor(options: ObservationsOptions) {
    this.#options = options
    this.#ended = Promise.all([
      this.#follow<ObservedSpace>('observed/', (topic, report) => this.#noteSpace(topic, report)),
      this.#follow<StageHeartbeat>('stage/', (topic, report) => {
        remember(this.#stages, topic, report)
        options.onHeard?.({ kind: 'stage', report })
      }),
      this.#follow<EdgeReport>('edge/', (topic, report) => {
        remember(this.#edges, topic, report)
        options.onHeard?.({ kind: 'edge', report })
      }),
      this.#follow<ProblemReports>(PROBLEMS_PREFIX, (_topic, report) =>
        options.onHeard?.({ kind: 'problems', report }),
      ),
    ])
  }

  /** What the stage that holds the space sees; undefined when none has said so lately. */
  observed(space: SpaceId): ObservedSpace | undefined {
    const report = this.#spaces.get(`observed/${space}`)
    return report !== undefined && isFresh(report.atMs, this.#options.clock.wall()) ? report : undefined
  }

  /** That stage, while it lives. */
  stage(id: string): StageHeartbeat | undefined {
    return this.stages().find((stage) => stage.stage === (id as StageId))
  }

  /** Every living stage, the one with the fewest spaces first. */
  stages(): readonly StageHeartbeat[] {
    const now = this.#options.clock.wall()
    return [...this.#stages.values()]
      .filter((stage) => isFresh(stage.atMs, now))
      .sort((a, b) => a.spaces - b.spaces)
  }

  /** Listeners of `space` now, summed over the edges. */
  listeners(space: SpaceId): number {
    return sumListeners(this.#edges.values(), space, this.#options.clock.wall())
  }

  /** Everything that is told of the audience of `space`; totals and the peak as they were told last. */
  audience(space: SpaceId): AudienceNow {
    const now = this.#options.clock.wall()
    let replaying = 0
    for (const { atMs, audience } of this.#edges.values()) {
      if (isFresh(atMs, now)) replaying += audience?.spaces[space]?.replaying ?? 0
    }
    return {
      listeners: this.listeners(space),
      audience: this.#spaces.get(`observed/${space}`)?.audience,
      replaying,
    }
  }

  /** Resolves when the signal has ended every subscription. */
  async ended(): Promise<void> {
    await this.#ended
  }

  #noteSpace(topic: string, report: ObservedSpace): void {
    const before = this.#spaces.get(topic)
    // A stage that was fenced off may go on reporting for a moment; its epoch gives it away.
    if (before !== undefined && report.epoch < before.epoch) return
    // A stage that has just taken over has nothing to tell of the audience yet; what was true a moment ago still is.
    const audience = report.audience ?? before?.audience
    remember(this.#spaces, topic, audience === undefined ? report : { ...report, audience })
    this.#options.onObserved(report.space, before?.epoch !== report.epoch)
  }

  async #follow<T>(prefix: string, note: (topic: string, report: T) => void): Promise<void> {
    for await (const { topic, value } of this.#options.feed.subscribe(prefix, this.#options.signal)) {
      // Only our own roles publish; a topic that was cleared has no value.
      if (typeof value === 'object' && value !== null) note(topic, value as T)
    }
  }
}

function remember<T>(reports: Map<string, T>, topic: string, report: T): void {
  reports.delete(topic)
  reports.set(topic, report)
  if (reports.size <= REPORTERS_MAX) return
  const oldest = reports.keys().next()
  if (!oldest.done) reports.delete(oldest.value)
}
