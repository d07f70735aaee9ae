// The audiences of the spaces that this stage knows, held or not: who edges see, and what others report. Sums are kept
// by the standby too, so a takeover loses neither the devices that were seen nor those who were turned away.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import { sequence } from '../../base/units.ts'
import {
  type AudienceRecord,
  DEVICES_PREFIX,
  REPORTED_PREFIX,
  type ReportedNumbers,
  type SpaceAudience,
} from '../../core/count/audience.ts'
import { lastAudience } from '../../core/count/audience-log.ts'
import type { Part } from '../../core/part/part.ts'
import type { EdgeReport, SpaceFacts } from '../../core/space/facts.ts'
import type { Feed, LogHead, PartLog } from '../../engine/ports.ts'

/** Told of spaces that this stage does not know yet, by topic; when full, the one told longest ago goes. */
const UNCLAIMED_MAX = 1_000
/** The newest record of a log is in one of its last parts, also where one of them is damaged. */
const LOOK_BACK_PARTS = 30

/** What a keeper has for it. */
interface Counted {
  readonly space: SpaceId
  readonly audience: SpaceAudience
}

export class AudienceBook {
  readonly #audienceOf: (space: SpaceId) => SpaceAudience | undefined
  readonly #clock: Clock
  /** What the Feed said first, before the Roster told of the space. */
  readonly #unclaimed = new Map<string, { readonly space: string; readonly value: unknown }>()

  constructor(audienceOf: (space: SpaceId) => SpaceAudience | undefined, clock: Clock) {
    this.#audienceOf = audienceOf
    this.#clock = clock
  }

  /** An edge has reported. */
  heard(report: EdgeReport): void {
    if (report.audience === undefined) return
    for (const space of Object.keys(report.audience.spaces)) {
      this.#audienceOf(space as SpaceId)?.heard(report.edge, report.audience, space)
    }
  }

  /** A space became known: it gets what was said of it before. */
  catchUp(space: SpaceId, reports: Iterable<EdgeReport>): void {
    const audience = this.#audienceOf(space)
    for (const { edge, audience: told } of reports) if (told !== undefined) audience?.heard(edge, told, space)
    for (const [topic, item] of this.#unclaimed) {
      if (item.space !== space) continue
      this.#unclaimed.delete(topic)
      this.#take(topic, item.value)
    }
  }

  /** Listens to sketches and to what others report, until `signal` ends it. */
  async follow(feed: Feed, signal: AbortSignal): Promise<void> {
    await Promise.all(
      [DEVICES_PREFIX, REPORTED_PREFIX].map(async (prefix) => {
        for await (const { topic, value } of feed.subscribe(prefix, signal)) this.#take(topic, value)
      }),
    )
  }

  /** The record of this second; undefined until it is known what the log had before. */
  record(
    { space, audience }: Counted,
    reports: Iterable<EdgeReport>,
    isProgram: boolean,
  ): AudienceRecord | undefined {
    return audience.isResumed ? audience.record(reports, space, this.#clock.wall(), isProgram) : undefined
  }

  #take(topic: string, value: unknown): void {
    const [, space = ''] = topic.split('/')
    const audience = this.#audienceOf(space as SpaceId)
    if (audience === undefined) {
      this.#unclaimed.delete(topic)
      // A topic that was cleared says nothing.
      if (value !== null && value !== undefined) this.#unclaimed.set(topic, { space, value })
      if (this.#unclaimed.size > UNCLAIMED_MAX) {
        this.#unclaimed.delete(this.#unclaimed.keys().next().value as string)
      }
      return
    }
    if (topic.startsWith(REPORTED_PREFIX))
      audience.heardReported((value ?? undefined) as ReportedNumbers | undefined)
    else if (typeof value === 'string') audience.heardDevices(value)
  }
}

/** Tells `audience` what the log said last, so that peak and totals go on from there. Never throws. */
export async function resumeAudience(
  audience: SpaceAudience,
  log: PartLog,
  facts: SpaceFacts,
  head: LogHead,
): Promise<void> {
  const { newest } = head
  const parts: Part[] = []
  try {
    if (newest !== undefined) {
      const from = sequence(Math.max(0, newest - LOOK_BACK_PARTS))
      for await (const part of log.read(facts.id, from, sequence(newest + 1))) parts.push(part)
    }
  } catch (error) {
    // Without it the program goes on, and its peak begins with what this stage has seen itself.
    if (!(error instanceof MimbarError)) throw error
  }
  const last = lastAudience(parts)
  audience.resume(
    last?.audience,
    last !== undefined && facts.programStart !== undefined && last.at >= facts.programStart,
  )
}
