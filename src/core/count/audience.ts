// The numbers of one audience, and how they are summed. Edges tell what they see; the stage that holds the space adds it
// up and writes it into the log once a second, so that a replay, the API and the export all say the same.
//
// What an edge counts since it started (turned away, gave up, could not play) it tells as running totals: a report that
// is lost costs nothing, since the next one says it too. An edge that starts anew begins at zero under another `life`;
// what its former life had told stays in the sum.

import type { WallMillis } from '../../base/units.ts'
import type { EdgeReport } from '../space/facts.ts'
import { isFresh } from '../space/freshness.ts'
import { DeviceSketch } from './device-sketch.ts'

/** Who came and did not hear it. Totals since the space opened. */
export interface Failures {
  /** Refused (503, 429), and had not got in half a minute later. */
  readonly turnedAway: number
  /** Left before the first sound, as their page told. */
  readonly gaveUp: number
  /** The player found no way to play, as the page told. */
  readonly couldNotPlay: number
}

/** What somebody else counted, such as a CDN: never part of another number. */
export interface ReportedAudience {
  readonly source: string
  readonly listeners: number
}

/** Everything but the listeners of this moment. */
export interface Audience extends Failures {
  /** The most listeners that were recorded in one second; since the program's start, once it has begun. */
  readonly peak: number
  /** Different devices so far: an estimate (`SKETCH_ERROR`), never mixed with listeners. */
  readonly unique: number
  /** Who hears the recording now, which is not the live program. */
  readonly replaying: number
  readonly reported?: readonly ReportedAudience[]
}

/** One second in the `events` track of the log. `listeners` is the sum of `edges`, `others` included. */
export interface AudienceRecord extends Audience {
  readonly kind: 'audience'
  readonly listeners: number
  /** Listeners by edge, by name. */
  readonly edges: readonly (readonly [edge: string, listeners: number])[]
  /** Of the edges beyond {@link EDGES_RECORDED_MAX}, when there are more. */
  readonly others?: number
}

/** What one edge adds to its report about one space; what is 0 is left out. */
export interface EdgeAudience extends Partial<Failures> {
  readonly replaying?: number
}

/** The edge's part of {@link EdgeReport}. */
export interface EdgeAudienceReport {
  /** Another one each time the edge starts; its totals then begin at 0. */
  readonly life: number
  readonly spaces: Readonly<Record<string, EdgeAudience>>
}

/** Edges that are named in each second's record, about 1.3 KB; those with later names are summed in `others`. */
export const EDGES_RECORDED_MAX = 64
/** Edges whose totals are told apart; the one heard longest ago is folded into the sum for good. */
export const EDGES_SUMMED_MAX = 1_000
/** One part in five has a record: one in a second. */
export const RECORD_EVERY_PARTS = 5
/** Sources of reported numbers, and the letters of their names. */
export const SOURCES_MAX = 4
export const SOURCE_PATTERN = '^[a-z0-9][a-z0-9.-]{0,31}$'
/** More people than there are is a mistake. */
export const REPORTED_LISTENERS_MAX = 10_000_000_000
/** A number that nobody repeated for this long is no longer reported. */
export const REPORTED_FRESH_MS = 150_000

export const DEVICES_PREFIX = 'devices/'
/** Feed topic of one edge's sketch of one space: text, told when it has changed, every few seconds at most. */
export const devicesTopic = (space: string, edge: string): string => `${DEVICES_PREFIX}${space}/${edge}`
export const REPORTED_PREFIX = 'reported/'
/** Feed topic of the numbers that others reported of one space: {@link ReportedNumbers}. */
export const reportedTopic = (space: string): string => `${REPORTED_PREFIX}${space}`

export interface ReportedNumbers {
  readonly sources: readonly (ReportedAudience & { readonly atMs: WallMillis })[]
}

/** Those that are fresh, as they are shown. */
export function freshReported(
  numbers: ReportedNumbers | undefined,
  now: WallMillis,
): readonly ReportedAudience[] {
  return (numbers?.sources ?? [])
    .filter(({ atMs }) => now - atMs <= REPORTED_FRESH_MS)
    .map(({ source, listeners }) => ({ source, listeners }))
}

const NONE: Failures = { turnedAway: 0, gaveUp: 0, couldNotPlay: 0 }

/** Adds up what the edges tell of one space, from when it opens until it is forgotten. */
export class SpaceAudience {
  readonly #sketch = new DeviceSketch()
  /** Newest totals of each edge, in the order of last news. */
  readonly #edges = new Map<string, { readonly life: number; readonly failures: Failures }>()
  /** Of edges that are gone. */
  #folded = NONE
  /** What the log says of lives that ended before this process heard of them. */
  #missed = NONE
  #uniqueBefore = 0
  #uniqueNow = 0
  #peak = 0
  #isProgram = false
  #reported: ReportedNumbers | undefined
  #isResumed = false

  /** True once it is known what the log had before. */
  get isResumed(): boolean {
    return this.#isResumed
  }

  /** An edge tells its totals. */
  heard(edge: string, { life, spaces }: EdgeAudienceReport, space: string): void {
    const told = spaces[space]
    const before = this.#edges.get(edge)
    if (told === undefined && before === undefined) return
    this.#edges.delete(edge)
    if (before !== undefined && before.life !== life) this.#folded = add(this.#folded, before.failures)
    this.#edges.set(edge, { life, failures: { ...NONE, ...failuresOf(told ?? {}) } })
    if (this.#edges.size <= EDGES_SUMMED_MAX) return
    const [oldest, gone] = this.#edges.entries().next().value as [string, { failures: Failures }]
    this.#folded = add(this.#folded, gone.failures)
    this.#edges.delete(oldest)
  }

  /** An edge tells which devices it has seen, as text of a sketch. Throws `corrupt`. */
  heardDevices(text: string): void {
    if (this.#sketch.merge(DeviceSketch.decode(text))) this.#uniqueNow = this.#sketch.estimate()
  }

  /** Somebody else's numbers. */
  heardReported(numbers: ReportedNumbers | undefined): void {
    this.#reported = numbers
  }

  /**
   * This process writes from now on. `last` is what the log said last, if it said anything; `isProgram` whether that was
   * after the program's start. Totals go on from there, for edges may have died that only the log knew of.
   */
  resume(last: Audience | undefined, isProgram: boolean): void {
    this.#isResumed = true
    if (last === undefined) return
    const sum = this.#sum()
    this.#missed = {
      turnedAway: Math.max(0, last.turnedAway - sum.turnedAway),
      gaveUp: Math.max(0, last.gaveUp - sum.gaveUp),
      couldNotPlay: Math.max(0, last.couldNotPlay - sum.couldNotPlay),
    }
    this.#uniqueBefore = last.unique
    this.#peak = Math.max(last.peak, this.#peak)
    this.#isProgram = isProgram
  }

  /** The record of this second, which may be a new peak. `isProgram`: the program has begun. */
  record(reports: Iterable<EdgeReport>, space: string, now: WallMillis, isProgram: boolean): AudienceRecord {
    const edges: [string, number][] = []
    let listeners = 0
    let replaying = 0
    for (const report of reports) {
      if (!isFresh(report.atMs, now)) continue
      const count = report.listeners[space] ?? 0
      listeners += count
      replaying += report.audience?.spaces[space]?.replaying ?? 0
      if (count > 0) edges.push([report.edge, count])
    }
    edges.sort(([a], [b]) => (a < b ? -1 : 1))
    const others = edges.slice(EDGES_RECORDED_MAX).reduce((sum, [, count]) => sum + count, 0)
    // Who waited in the lobby is no part of the program's peak.
    if (isProgram && !this.#isProgram) this.#peak = 0
    this.#isProgram ||= isProgram
    this.#peak = Math.max(this.#peak, listeners)
    const reported = freshReported(this.#reported, now)
    return {
      kind: 'audience',
      listeners,
      peak: this.#peak,
      unique: Math.max(this.#uniqueBefore, this.#uniqueNow),
      ...add(this.#sum(), this.#missed),
      replaying,
      ...(reported.length === 0 ? {} : { reported }),
      edges: edges.slice(0, EDGES_RECORDED_MAX),
      ...(others === 0 ? {} : { others }),
    }
  }

  #sum(): Failures {
    let sum = this.#folded
    for (const { failures } of this.#edges.values()) sum = add(sum, failures)
    return sum
  }
}

/** A record without what belongs to its moment. */
export function audienceOf(record: AudienceRecord): Audience {
  const { peak, unique, turnedAway, gaveUp, couldNotPlay, replaying, reported } = record
  const others = reported === undefined ? {} : { reported }
  return { peak, unique, turnedAway, gaveUp, couldNotPlay, replaying, ...others }
}

function failuresOf({ turnedAway = 0, gaveUp = 0, couldNotPlay = 0 }: Partial<Failures>): Failures {
  return { turnedAway, gaveUp, couldNotPlay }
}

function add(a: Failures, b: Failures): Failures {
  return {
    turnedAway: a.turnedAway + b.turnedAway,
    gaveUp: a.gaveUp + b.gaveUp,
    couldNotPlay: a.couldNotPlay + b.couldNotPlay,
  }
}
