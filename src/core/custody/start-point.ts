// Where a stage goes on in a log that others have written before it.

import { FRAMES_PER_PART, type Sequence, sequence } from '../../base/units.ts'
import type { GapReason } from '../part/part.ts'

/** Five seconds: as much of a hole is filled with slate; a longer one is declared. */
export const BACKFILL_PARTS_MAX = 25

/** What a writer needs to know of the log; a `LogHead` has it. */
export interface LogPosition {
  readonly newest?: Sequence
  readonly appendFrom: Sequence
}

export interface StartPoint {
  /** First part that is written; everything between it and `now` is slate. */
  readonly sequence: Sequence
  /** Its first frame on the log's grid. */
  readonly frame: number
  readonly gap?: GapReason
}

/** The first part to write when `current` is the part being spoken now. */
export function startPoint(log: LogPosition, current: Sequence): StartPoint {
  const { newest, appendFrom } = log
  if (newest === undefined) return at(Math.max(current, appendFrom), 'first')
  const isBurnt = appendFrom > newest + 1
  if (!isBurnt && current - newest - 1 <= BACKFILL_PARTS_MAX) return at(newest + 1)
  return at(Math.max(current, appendFrom), isBurnt ? 'unclean-stop' : 'takeover')
}

function at(start: number, gap?: GapReason): StartPoint {
  return { sequence: sequence(start), frame: start * FRAMES_PER_PART, ...(gap === undefined ? {} : { gap }) }
}
