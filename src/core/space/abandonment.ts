// A live space whose stage is empty goes on: people come back. Only when nobody has for a long time, and everybody
// could read when it would be so, does it end by itself.
//
//     somebody there ──nobody, for ANNOUNCE_AFTER_MS──► announced (endsAtMs) ──its time has come──► ended
//           ▲                                               │
//           └────────────────anybody is there───────────────┘
//
// An empty stage is something seen, not the absence of news. While control or the stage is down nobody can come back,
// and nobody is looking; so after every interruption there is time to return (RETURN_MS) before anything ends,
// however long ago the announced end has passed.

import { type WallMillis, wallMillis } from '../../base/units.ts'
import { endProgram, type SpaceCourse } from './phases.ts'

/** `unknown`: no stage has reported lately. */
export type Attendance = 'somebody' | 'nobody' | 'unknown'

/** So long is nothing announced: a takeover or a reload empties a stage for seconds. */
export const ANNOUNCE_AFTER_MS = 10_000
/** Nothing ends before the stage was seen empty for so long on end, or for the whole wait if that is shorter. */
export const RETURN_MS = 5 * 60_000
/** Two looks further apart than this have something unseen between them. */
export const LOOKS_APART_MAX_MS = 5_000

/** What one look leaves behind for the next. */
export interface Watch {
  readonly lookedAtMs: WallMillis
  /** Since when nobody was seen without interruption; absent while somebody is there, or while nobody can tell. */
  readonly emptySinceMs?: WallMillis
}

/** The part of a space's facts that an abandonment is made of. */
export interface Abandonable extends SpaceCourse {
  readonly endsAtMs?: WallMillis
}

/** What is known after a look at `now`; `before` is what the last look left, if there was one. */
export function look(before: Watch | undefined, attendance: Attendance, now: WallMillis): Watch {
  if (attendance !== 'nobody') return { lookedAtMs: now }
  const sinceMs = before?.emptySinceMs
  const apartMs = now - (before?.lookedAtMs ?? Number.NEGATIVE_INFINITY)
  // A clock that was set, in either direction, is an interruption like any other.
  const isUnbroken = sinceMs !== undefined && apartMs >= 0 && apartMs <= LOOKS_APART_MAX_MS
  return { lookedAtMs: now, emptySinceMs: isUnbroken ? sinceMs : now }
}

/**
 * The space after a look: its end announced, called off, put off or come. The same object when nothing changes. `waitMs`: how
 * long an empty stage is waited for; Infinity: for ever.
 */
export function passAbandonment<S extends Abandonable>(
  space: S,
  watch: Watch,
  attendance: Attendance,
  waitMs: number,
): S {
  if (space.phase !== 'live') return space
  if (attendance === 'somebody' || waitMs === Number.POSITIVE_INFINITY) return withoutEnd(space)
  const { emptySinceMs, lookedAtMs: now } = watch
  if (emptySinceMs === undefined || now - emptySinceMs < Math.min(ANNOUNCE_AFTER_MS, waitMs)) return space
  const earliest = emptySinceMs + Math.min(waitMs, RETURN_MS)
  const announced = space.endsAtMs ?? emptySinceMs + waitMs
  // Never further than a whole wait ahead either: the setting may be shorter now, or the clock was set back.
  const endsAtMs = wallMillis(Math.max(earliest, Math.min(announced, now + waitMs)))
  const told = endsAtMs === space.endsAtMs ? space : { ...space, endsAtMs }
  return now >= endsAtMs ? withoutEnd(endProgram(told, now)) : told
}

function withoutEnd<S extends Abandonable>(space: S): S {
  if (space.endsAtMs === undefined) return space
  const { endsAtMs: _, ...rest } = space
  return rest as S
}
