// A program that begins by itself, at the second that was announced. The plan is a fact long before: whoever holds the
// space begins at that part without being told again, so nothing that happens to control around that second (or to
// one of two stages) makes it late. Control follows and writes down that it has begun.

import { MimbarError } from '../../base/errors.ts'
import { PART_MS, type Sequence, sequence, type WallMillis, wallTimeOf } from '../../base/units.ts'
import type { SpaceCourse } from './phases.ts'

/** Who begins the program: the host, or the clock. */
export type StartMode = 'manual' | 'automatic'

/**
 * This close to its second a plan is neither made nor given up: longer than control waits for its engine, so that a
 * change either reached the stage before the part in question or did not happen.
 */
export const PLAN_FIRM_MS = 5_000

/** `automatic` while a start is planned, or when the program began by one. */
export function startModeOf(space: SpaceCourse): StartMode {
  const { plannedStart, programStart } = space
  if (plannedStart === undefined) return 'manual'
  return programStart === undefined || programStart === plannedStart ? 'automatic' : 'manual'
}

/**
 * The space with its start planned, or not. `bad-request` without a scheduled time; `conflict` once it has begun, or
 * when the scheduled second is nearer than {@link PLAN_FIRM_MS}.
 */
export function planStart<S extends SpaceCourse>(space: S, mode: StartMode, now: WallMillis): S {
  if (startModeOf(space) === mode) return space
  const { phase, scheduledAtMs } = space
  if (phase === 'live' || phase === 'ended') {
    throw new MimbarError('conflict', 'This space has started already.')
  }
  if (scheduledAtMs === undefined) {
    throw new MimbarError('bad-request', 'Only a space with a scheduled time can start by itself.')
  }
  if (scheduledAtMs - now < PLAN_FIRM_MS) {
    const seconds = PLAN_FIRM_MS / 1000
    throw new MimbarError(
      'conflict',
      `An automatic start is set or given up at least ${seconds} seconds ahead.`,
    )
  }
  const { plannedStart: _, ...unplanned } = space
  return mode === 'manual' ? (unplanned as S) : { ...space, plannedStart: firstPartAt(space, scheduledAtMs) }
}

/**
 * The space planned for another moment, or for none. A start by itself moves with it. `conflict` once it has begun, or
 * when a start by itself would be, or was, nearer than {@link PLAN_FIRM_MS}; `bad-request` when that one is left
 * without a time.
 */
export function reschedule<S extends SpaceCourse>(
  space: S,
  scheduledAtMs: WallMillis | undefined,
  now: WallMillis,
): S {
  if (scheduledAtMs === space.scheduledAtMs) return space
  const mode = startModeOf(space)
  const { scheduledAtMs: _, ...undated } = planStart(space, 'manual', now)
  if (space.phase === 'live' || space.phase === 'ended') {
    throw new MimbarError('conflict', 'This space has started already.')
  }
  const dated = scheduledAtMs === undefined ? undated : { ...undated, scheduledAtMs }
  return planStart(dated as S, mode, now)
}

/** How things stand at the part `at`, for whoever makes it: a planned start that has come is a start. */
export function courseAt<S extends SpaceCourse>(space: S, at: Sequence): S {
  const { phase, plannedStart } = space
  if (phase !== 'lobby' || plannedStart === undefined || at < plannedStart) return space
  return { ...space, phase: 'live', programStart: plannedStart }
}

/** When the program will begin by itself; undefined when it will not, or has begun. */
export function startsAtMs(space: SpaceCourse): WallMillis | undefined {
  const { phase, plannedStart, gridStartMs } = space
  const isAhead = phase === 'scheduled' || phase === 'lobby'
  return isAhead && plannedStart !== undefined ? wallTimeOf(plannedStart, gridStartMs) : undefined
}

/** True when listeners count on the program: it is on, or begins by itself within {@link PLAN_FIRM_MS}. */
export function isProgramDue(space: SpaceCourse, now: WallMillis): boolean {
  if (space.phase === 'live') return true
  const at = startsAtMs(space)
  return at !== undefined && at - now <= PLAN_FIRM_MS
}

/** Whole seconds lie on the grid of parts; another moment begins with the next part after it. */
function firstPartAt(space: SpaceCourse, atMs: WallMillis): Sequence {
  return sequence(Math.ceil((atMs - space.gridStartMs) / PART_MS))
}
