// What may be asked for when a space is made, and the grid that it then keeps for ever.

import { MimbarError } from '../../base/errors.ts'
import { SEGMENT_MS, type WallMillis, wallMillis } from '../../base/units.ts'
import { parseLine } from './line.ts'

export const TITLE_CHARACTERS_MAX = 120
/** Further ahead is a typing error more often than a plan. */
export const SCHEDULE_AHEAD_MAX_MS = 366 * 24 * 3_600_000
/** A form that was open for a while still counts: this far in the past means now. */
export const SCHEDULE_BEHIND_MAX_MS = 3_600_000

/** A title as it is kept: trimmed, 1 to 120 characters, on one line. Throws `bad-request`. */
export function parseTitle(text: unknown): string {
  return parseLine(text, { what: 'A title', charactersMax: TITLE_CHARACTERS_MAX })
}

/** A scheduled time that lies between an hour ago and a year ahead of `now`. Throws `bad-request`. */
export function parseScheduledAt(value: number, now: WallMillis): WallMillis {
  if (!Number.isSafeInteger(value) || value < now - SCHEDULE_BEHIND_MAX_MS) {
    throw new MimbarError('bad-request', 'The scheduled time is in the past.')
  }
  if (value > now + SCHEDULE_AHEAD_MAX_MS) {
    throw new MimbarError('bad-request', 'The scheduled time is more than a year ahead.')
  }
  return wallMillis(value)
}

/** Wall time of sequence 0 of a space made at `now`: the segment boundary before it. */
export function gridStartAt(now: WallMillis): WallMillis {
  return wallMillis(Math.floor(now / SEGMENT_MS) * SEGMENT_MS)
}
