// The audience as a table, one line for each second that the log has: what anyone needs to add it up again.
// RFC 4180, but for lines that begin with `#`, which say what the table is.

import { PART_MS, type Sequence, type WallMillis, wallTimeOf } from '../../base/units.ts'
import { formatDateTime } from '../../media/hls/date-time.ts'
import type { Part } from '../part/part.ts'
import type { AudienceRecord, ReportedAudience } from './audience.ts'
import { audienceIn } from './audience-log.ts'

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

/** A transform from parts to lines. Old logs know the listeners alone: the other columns are empty. */
export class AudienceCsv {
  readonly #options: AudienceCsvOptions

  constructor(options: AudienceCsvOptions) {
    this.#options = options
  }

  /** What comes before the first line. */
  get header(): string {
    const { definitionUrl, remarks } = this.#options
    const comments = [`What is counted, and how well: ${definitionUrl}`, ...remarks]
    return `${comments.map((line) => `# ${line}\r\n`).join('')}${CSV_COLUMNS.join(',')}\r\n`
  }

  /** The line of `part`, or nothing when it has none. */
  push(part: Part): string {
    const found = audienceIn(part)
    if (found === undefined) return ''
    const { gridStartMs, programStart } = this.#options
    const time = formatDateTime(wallTimeOf(part.sequence, gridStartMs))
    const mediaSeconds = (((part.sequence - programStart) * PART_MS) / 1_000).toFixed(1)
    return `${[time, mediaSeconds, ...columnsOf(found)].join(',')}\r\n`
  }
}

function columnsOf(found: AudienceRecord | { readonly kind: 'listeners'; readonly listeners: number }) {
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
