// The audience as a table, one line for each second that the log has: what anyone needs to add it up again.
// RFC 4180, but for lines that begin with `#`, which say what the table is.

import { PART_MS, type Sequence, type WallMillis, wallTimeOf } from '../../base/units.ts'
import { formatDateTime } from '../../media/hls/date-time.ts'
import type { Part } from '../part/part.ts'
import { RECORD_EVERY_PARTS, type ReportedAudience } from './audience.ts'
import { type AudienceInPart, audienceIn } from './audience-log.ts'

export const CSV_COLUMNS = [
  'time',
  'media_seconds',
  'current',
  'peak',
  'unique',
  'turned_away',
  'gave_up',
  'could_not_play',
  'replaying',
  'reported',
  'edges',
] as const

export interface AudienceCsvOptions {
  readonly gridStartMs: WallMillis
  /** Media time 0; before the program begins, times are counted from the log's grid. */
  readonly programStart: Sequence
  /** Where the page that says what is counted is. */
  readonly definitionUrl: string
  /** Lines of their own at the top; without line breaks. */
  readonly remarks: readonly string[]
}

/** How long a log may go without a record before it is taken for one that has none. */
const OLD_LOG_PARTS = 2 * RECORD_EVERY_PARTS

/**
 * A transform from parts to lines. Logs of earlier versions know the listeners alone: the other columns are empty. A log
 * that has records is told by them alone, so that there is one line for each second.
 */
export class AudienceCsv {
  readonly #options: AudienceCsvOptions
  #kind: 'unknown' | 'old' | 'recorded' = 'unknown'
  /** What is said if this turns out to be an old log. */
  #held = ''
  #begunAt: Sequence | undefined
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(options: AudienceCsvOptions) {
    this.#options = options
  }

  /** What comes before the first line. */
  get header(): string {
    const { definitionUrl, remarks } = this.#options
    const comments = [`What is counted, and how well: ${definitionUrl}`, ...remarks]
    return `${comments.map((line) => `# ${line}\r\n`).join('')}${CSV_COLUMNS.join(',')}\r\n`
  }

  /** The lines that `part` completes: one when it has a record, and mostly none. */
  push(part: Part): string {
    this.#begunAt ??= part.sequence
    // Four parts in five have no record: they are not even looked into.
    if (this.#kind === 'recorded' && part.sequence % RECORD_EVERY_PARTS !== 0) return ''
    const found = audienceIn(part)
    if (found?.kind === 'audience') {
      this.#kind = 'recorded'
      this.#held = ''
      return this.#line(part.sequence, found)
    }
    if (this.#kind === 'recorded') return ''
    if (this.#kind === 'unknown' && part.sequence - this.#begunAt > OLD_LOG_PARTS) this.#kind = 'old'
    if (found !== undefined && part.sequence - this.#saidAt >= RECORD_EVERY_PARTS) {
      this.#saidAt = part.sequence
      this.#held += this.#line(part.sequence, found)
    }
    return this.#kind === 'old' ? this.finish() : ''
  }

  /** The lines that are still owed. */
  finish(): string {
    const lines = this.#held
    this.#held = ''
    return lines
  }

  #line(sequence: Sequence, found: AudienceInPart): string {
    const { gridStartMs, programStart } = this.#options
    const time = formatDateTime(wallTimeOf(sequence, gridStartMs))
    const mediaSeconds = (((sequence - programStart) * PART_MS) / 1_000).toFixed(1)
    return `${[time, mediaSeconds, ...columnsOf(found)].join(',')}\r\n`
  }
}

function columnsOf(found: AudienceInPart) {
  if (found.kind === 'listeners') return [found.listeners, '', '', '', '', '', '', '', '']
  const { listeners, peak, unique, turnedAway, gaveUp, couldNotPlay, replaying } = found
  const edges = [...found.edges, ...(found.others === undefined ? [] : [['others', found.others] as const])]
  return [
    ...[listeners, peak, unique, turnedAway, gaveUp, couldNotPlay, replaying],
    pairs(
      (found.reported ?? []).map(({ source, listeners }: ReportedAudience) => [source, listeners] as const),
    ),
    pairs(edges),
  ]
}

/** `edge-0=12;edge-1=9`: names are ours, and have none of these signs. */
const pairs = (list: readonly (readonly [string, number])[]): string =>
  list.map(([name, value]) => `${name.replace(/[^\w.-]/g, '_')}=${value}`).join(';')
