// What those who run the room may do to each other. Running it is `runsRoom` in `roles.ts`; this is where it ends.

import { MimbarError } from '../../base/errors.ts'
import type { SeatFacts, SpaceFacts } from '../space/facts.ts'
import { SEAT_ROLES, type SeatRole } from './roles.ts'

/**
 * Throws `forbidden` unless somebody with the role `by`, who runs the room, may take the person in `seat` off the stage.
 * Nobody may the host, so that a co-host cannot take a space away; only the host may a co-host.
 */
export function requireMayRemove(by: SeatRole, seat: Pick<SeatFacts, 'role'>): void {
  if (mayRemove(by, seat)) return
  const why = seat.role === 'host' ? 'Nobody can remove the host.' : 'Only the host can remove a co-host.'
  throw new MimbarError('forbidden', why)
}

/** Whether {@link requireMayRemove} lets it pass. */
export function mayRemove(by: SeatRole, seat: Pick<SeatFacts, 'role'>): boolean {
  return seat.role === 'speaker' || (by === 'host' && seat.role === 'cohost')
}

/** The role that may do more. */
export function strongerRole(a: SeatRole, b: SeatRole): SeatRole {
  return SEAT_ROLES.indexOf(a) <= SEAT_ROLES.indexOf(b) ? a : b
}

/** `seats` after everybody but `except` was muted; the same list when all of them were already. */
export function muteAll(seats: readonly SeatFacts[], except: SeatFacts['id']): readonly SeatFacts[] {
  if (seats.every((seat) => seat.muted || seat.id === except)) return seats
  return seats.map((seat) => (seat.muted || seat.id === except ? seat : { ...seat, muted: true }))
}

/** `facts` with the stage locked, so that the invitation opens no new seats, or not; the same when it is so. */
export function lockStage(facts: SpaceFacts, locked: boolean): SpaceFacts {
  const { locked: before = false, ...others } = facts
  if (before === locked) return facts
  return locked ? { ...others, locked } : others
}
