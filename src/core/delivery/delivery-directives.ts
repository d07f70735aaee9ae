// Delivery Directives (RFC 8216bis, section 6.2.5): what a player asks of a playlist in the query of its URL, and
// whether it can be answered now, later or not at all.

import { MimbarError } from '../../base/errors.ts'
import { PARTIAL_MS, PARTIALS_PER_SEGMENT, partialOrdinal } from './partials.ts'

export interface DeliveryDirectives {
  /** `_HLS_msn`: hold the answer until the playlist has this segment … */
  readonly msn?: number
  /** `_HLS_part`: … or this Partial Segment of it. Only ever with `msn`. */
  readonly part?: number
  /** `_HLS_skip`: leave out what the player has seen. */
  readonly skip: boolean
}

const DECIMAL_INTEGER = /^\d{1,15}$/

/** Reads the directives. Throws `bad-request` for a malformed one, and for `_HLS_part` alone (section 6.2.5.2). */
export function parseDirectives(query: { get(name: string): string | null }): DeliveryDirectives {
  const msn = decimal(query.get('_HLS_msn'), '_HLS_msn')
  const part = decimal(query.get('_HLS_part'), '_HLS_part')
  const skip = query.get('_HLS_skip')
  if (part !== undefined && msn === undefined) {
    throw new MimbarError('bad-request', '`_HLS_part` says nothing without `_HLS_msn`.')
  }
  // `v2` would also leave out date ranges, of which our playlists have none: it is the same answer.
  if (skip !== null && skip !== 'YES' && skip !== 'v2') {
    throw new MimbarError('bad-request', '`_HLS_skip` is YES or v2.')
  }
  return {
    ...(msn === undefined ? {} : { msn }),
    ...(part === undefined ? {} : { part }),
    skip: skip !== null,
  }
}

function decimal(text: string | null, name: string): number | undefined {
  if (text === null) return undefined
  if (!DECIMAL_INTEGER.test(text)) throw new MimbarError('bad-request', `\`${name}\` is a decimal integer.`)
  return Number(text)
}

/** `wait`: until the playlist's partials end at ordinal `until` or later. `too-far`: nobody honest asks for it yet. */
export type ReloadVerdict =
  | { readonly kind: 'ready' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'too-far' }

/** Segments beyond the last one for which a request is held (section 6.2.5.2). */
const ADVANCE_SEGMENTS_MAX = 2
/** Partials beyond the last one: the draft's Advance Part Limit for a Part Target Duration below one second. */
const ADVANCE_PARTIALS_MAX = 3000 / PARTIAL_MS

/** Judges a reload of a playlist that has not ended, and whose partials end at ordinal `end`. */
export function judgeReload(directives: DeliveryDirectives, end: number): ReloadVerdict {
  const { msn, part } = directives
  if (msn === undefined) return { kind: 'ready' }
  const until = neededEnd(msn, part)
  if (until <= end) return { kind: 'ready' }
  const lastSegment = Math.floor(end / PARTIALS_PER_SEGMENT) - 1
  const isTooFar =
    msn > lastSegment + ADVANCE_SEGMENTS_MAX || (part !== undefined && until - end > ADVANCE_PARTIALS_MAX)
  return isTooFar ? { kind: 'too-far' } : { kind: 'wait', until }
}

/** Where a playlist's partials must end at least, to contain what is asked for. */
function neededEnd(msn: number, part: number | undefined): number {
  if (part === undefined) return partialOrdinal(msn + 1, 0)
  // A Part Index beyond the segment's last means the first one of the next segment.
  const ordinal = part < PARTIALS_PER_SEGMENT ? partialOrdinal(msn, part) : partialOrdinal(msn + 1, 0)
  return ordinal + 1
}
