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
