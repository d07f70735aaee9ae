// Who holds the room while the host is away. Two pure steps: `watch` turns what the stage observes into how long
// everybody has been away, `holderOf` decides.
//
//     host present ───────────────────────────────────────────────► nobody else holds the room
//     host away for longer than the limit ──► the first present co-host, else the first present speaker
//     holder away for longer than the limit, or without a seat ───► passes on; a present co-host goes before a speaker
//
// Only time in which a stage was heard counts as away. A control that has just started, or a space between two stages,
// knows nothing about anybody, so it deposes nobody: after a takeover everybody has the whole limit to come back.

import type { SeatId } from '../../base/ids.ts'
import type { Millis } from '../../base/units.ts'
import type { SeatFacts, SpaceFacts } from '../space/facts.ts'

/** Between two reports of a stage at most this much counts as away: what was longer was not watched. */
export const WATCH_STEP_MS_MAX = 1_000

/** How everybody has been seen since control began to watch. A value; `watch` makes the next one. */
export interface Watched {
  readonly at: Millis
  /** The host has been on stage in this space: a host who has not come yet is nobody's reason to pass the room on. */
  readonly hostCame: boolean
  readonly present: ReadonlySet<SeatId>
  /** For how long those who are not present have been away, in watched ms. */
  readonly awayMs: ReadonlyMap<SeatId, number>
}

export interface Sighting {
  /** The one seat of the host, whether or not it is taken. */
  readonly host: SeatId
  readonly seats: readonly Pick<SeatFacts, 'id'>[]
  /** Whom the stage has connected; it may name seats that are no longer taken. */
  readonly connected: readonly SeatId[]
  readonly hostCame: boolean
}

/** What is known after a report of the stage at `now`; `before` is absent at the first one. */
export function watch(before: Watched | undefined, sighting: Sighting, now: Millis): Watched {
  const { host, seats, connected } = sighting
  const seated = new Set(seats.map(({ id }) => id))
  const present = new Set(connected.filter((id) => seated.has(id)))
  const stepMs = before === undefined ? 0 : Math.max(0, Math.min(now - before.at, WATCH_STEP_MS_MAX))
  const awayMs = new Map<SeatId, number>()
  for (const id of new Set([host, ...seated])) {
    if (!present.has(id)) awayMs.set(id, before === undefined ? 0 : (before.awayMs.get(id) ?? 0) + stepMs)
  }
  const hostCame = sighting.hostCame || before?.hostCame === true || present.has(host)
  return { at: now, hostCame, present, awayMs }
}

/**
 * Who holds the room now; undefined while the host does, or nobody is there to. `seats` are in the agreed order: as
 * they were taken. `awayMsMax`: who has been away for longer does not hold the room.
 */
export function holderOf(
  { seats, holder }: Pick<SpaceFacts, 'seats' | 'holder'>,
  host: SeatId,
  { hostCame, present, awayMs }: Watched,
  awayMsMax: number,
): SeatId | undefined {
  if (!hostCame || present.has(host)) return undefined
  const isAway = (id: SeatId): boolean => (awayMs.get(id) ?? 0) > awayMsMax
  if (holder === undefined && !isAway(host)) return undefined
  const kept = seats.find((seat) => seat.id === holder && seat.id !== host && !isAway(seat.id))
  if (kept?.role === 'cohost') return kept.id
  const others = seats.filter((seat) => seat.id !== host && present.has(seat.id))
  return others.find((seat) => seat.role === 'cohost')?.id ?? kept?.id ?? others[0]?.id
}
