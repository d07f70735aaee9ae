// What somebody who waits is told: how many are ahead, and how long it will be. Never more exactly than it is known.

import type { WallMillis } from '../../base/units.ts'
import type { LineView } from './waiting.ts'

/** How long it will be, in steps in which people think; `unknown` while nobody is let in. */
export type Wait =
  | { readonly kind: 'now' }
  | { readonly kind: 'moments' }
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'long' }
  | { readonly kind: 'unknown' }

export interface Outlook {
  /** People ahead, rounded to what one can tell; absent before the line was heard of. */
  readonly ahead?: number
  readonly wait: Wait
}

/** Slower than this says nothing about the next minutes: whoever leaves does so when they like. */
const RATE_TELLING_PER_S = 1 / 120
const MOMENTS_S = 45
const LONG_MINUTES = 60

/** True once the place that was given at `arrivedAtMs` is called. */
export function isCalled(line: LineView, arrivedAtMs: WallMillis): boolean {
  return arrivedAtMs < line.admittedBeforeMs
}

/** Asked again when this much of the time that it will take has gone. */
const ASK_AT_SHARE = 0.7
/** Who is at the front asks this often, and each one behind a little less often: they are many. */
const ASK_MS_MIN = 2_000
const ASK_MS_A_PERSON = 50

/**
 * When to ask again how the line stands, ms, with `perSecond` let in: most of the time that it will take, and sooner
 * near the front, which may move whenever somebody leaves. So it costs about as many questions for each one who is let
 * in, however long the line is.
 */
export function askAfterMs(line: LineView, arrivedAtMs: WallMillis, perSecond: number): number {
  const ahead = peopleAhead(line, arrivedAtMs)
  const mostMs = perSecond > 0 ? ((ahead + 1) / perSecond) * 1_000 * ASK_AT_SHARE : Number.POSITIVE_INFINITY
  const soonMs = Math.max(ASK_MS_MIN, Math.min(mostMs, ASK_MS_MIN + ahead * ASK_MS_A_PERSON))
  return Math.min(line.askAgainMs, soonMs)
}

/** `perSecond`: how many are let in, as the one who waits has seen it over a while. */
export function outlookOf(line: LineView, arrivedAtMs: WallMillis, perSecond: number): Outlook {
  if (isCalled(line, arrivedAtMs)) return { ahead: 0, wait: { kind: 'now' } }
  const ahead = peopleAhead(line, arrivedAtMs)
  return { ahead: roundPeople(ahead), wait: waitFor(ahead, perSecond) }
}

/** Between two points of the line people arrived evenly; after the last one, everybody is ahead. */
export function peopleAhead({ arrivals, waiting }: LineView, arrivedAtMs: WallMillis): number {
  let before = { atMs: arrivals[0]?.atMs ?? arrivedAtMs, before: arrivals[0]?.before ?? 0 }
  if (arrivals.length === 0) return Math.max(0, waiting - 1)
  if (arrivedAtMs <= before.atMs) return before.before
  for (const point of arrivals.slice(1)) {
    if (arrivedAtMs <= point.atMs) {
      const share = (arrivedAtMs - before.atMs) / Math.max(1, point.atMs - before.atMs)
      return Math.round(before.before + share * (point.before - before.before))
    }
    before = point
  }
  return Math.max(0, Math.min(waiting, before.before))
}

function waitFor(ahead: number, perSecond: number): Wait {
  if (perSecond < RATE_TELLING_PER_S) return { kind: 'unknown' }
  const seconds = (ahead + 1) / perSecond
  if (seconds < MOMENTS_S) return { kind: 'moments' }
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes > LONG_MINUTES) return { kind: 'long' }
  return { kind: 'minutes', minutes: minutes <= 10 ? minutes : Math.round(minutes / 5) * 5 }
}

/** Exact up to twenty, then in two digits. */
function roundPeople(people: number): number {
  if (people <= 20) return people
  const step = 10 ** (Math.floor(Math.log10(people)) - 1)
  return Math.round(people / step) * step
}
