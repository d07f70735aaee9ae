// How a space goes through its life. Every rule is here; control decides with it, writes down, and tells the Roster.
//
//     scheduled ──offer, or its time is near──► lobby ──start──► live ──end──► ended
//         ▲  └───────────────start──────────────────────────────► │
//         │                                        (or its planned second)
//         └──nobody came──────────────────────────┘
//
// The program begins and ends at a part boundary a little ahead, so that the stage reads the change before the
// part in question is cut, and two people who press the button together mean the same boundary.

import { MimbarError } from '../../base/errors.ts'
import {
  PART_MS,
  type Sequence,
  sequence,
  sequenceAt,
  type WallMillis,
  wallTimeOf,
} from '../../base/units.ts'
import type { SpacePhase } from './facts.ts'

/** The part of a space's facts that its phases are made of. */
export interface SpaceCourse {
  readonly phase: SpacePhase
  readonly gridStartMs: WallMillis
  readonly scheduledAtMs?: WallMillis
  readonly plannedStart?: Sequence
  readonly programStart?: Sequence
  readonly programEnd?: Sequence
}

/** Room for the command to travel to the stage: it applies desired state within 200 ms. */
export const COMMAND_LEAD_MS = 250
/** The lobby opens this long before the scheduled time, so that who comes early hears the slate. */
export const LOBBY_AHEAD_MS = 10 * 60_000
/** A lobby that nobody with a seat has been in for this long closes again. */
export const LOBBY_EMPTY_MS = 15 * 60_000

/** `scheduled` becomes `lobby`; a lobby or a live space stays as it is. `gone` once ended. */
export function openLobby<S extends SpaceCourse>(space: S): S {
  if (space.phase === 'ended') throw new MimbarError('gone', 'This space has ended.')
  return space.phase === 'scheduled' ? { ...space, phase: 'lobby' } : space
}

/** Begins the program at the next boundary; a live space stays as it is. `gone` once ended. */
export function startProgram<S extends SpaceCourse>(space: S, now: WallMillis): S {
  if (space.phase === 'ended') throw new MimbarError('gone', 'This space has ended; make a new one.')
  if (space.phase === 'live') return space
  // A planned start that is nearer than the next boundary keeps its second: the stage has it already.
  const { plannedStart, phase } = space
  const next = nextBoundary(space, now)
  const isNearer = phase === 'lobby' && plannedStart !== undefined && plannedStart < next
  return { ...space, phase: 'live', programStart: isNearer ? plannedStart : next }
}

/** Ends the program at the next boundary; an ended space stays as it is. `conflict` before it has begun. */
export function endProgram<S extends SpaceCourse>(asked: S, now: WallMillis): S {
  const space = followPlan(asked, now)
  if (space.phase === 'ended') return space
  if (space.phase !== 'live' || space.programStart === undefined) {
    throw new MimbarError('conflict', 'This space has not started, so it cannot end.')
  }
  // A program has at least one part, also when the wall clock was set back since it began.
  const end = Math.max(nextBoundary(space, now), space.programStart + 1)
  return { ...space, phase: 'ended', programEnd: sequence(end) }
}

/**
 * What time alone does to a space: its lobby opens ahead of the scheduled second, its program begins at the planned
 * one, and a lobby closes when nobody with a seat was seen in it since `lastSeenMs`. Around the scheduled time an
 * empty lobby stays, since listeners wait in it.
 */
export function passTime<S extends SpaceCourse>(asked: S, now: WallMillis, lastSeenMs: WallMillis): S {
  const space = followPlan(asked, now)
  if (space.phase === 'scheduled' && isExpected(space, now)) return { ...space, phase: 'lobby' }
  const empty = now - lastSeenMs >= LOBBY_EMPTY_MS
  if (space.phase === 'lobby' && empty && !isExpected(space, now)) return { ...space, phase: 'scheduled' }
  return space
}

/**
 * A planned start that has come is a start. A lobby was begun by its stage at that very part, whoever else was there;
 * a space that nobody served then (control was away since before its lobby) begins now.
 */
function followPlan<S extends SpaceCourse>(space: S, now: WallMillis): S {
  const { phase, plannedStart, gridStartMs } = space
  if (plannedStart === undefined || now < wallTimeOf(plannedStart, gridStartMs)) return space
  if (phase === 'lobby') return { ...space, phase: 'live', programStart: plannedStart }
  return phase === 'scheduled' ? { ...space, phase: 'live', programStart: nextBoundary(space, now) } : space
}

function isExpected(space: SpaceCourse, now: WallMillis): boolean {
  const at = space.scheduledAtMs
  return at !== undefined && now >= at - LOBBY_AHEAD_MS && now < at + LOBBY_EMPTY_MS
}

function nextBoundary(space: SpaceCourse, now: WallMillis): Sequence {
  const earliest = (now + COMMAND_LEAD_MS) as WallMillis
  const current = sequenceAt(earliest, space.gridStartMs)
  const begun = (earliest - space.gridStartMs) % PART_MS !== 0
  return sequence(Math.max(0, begun ? current + 1 : current))
}
