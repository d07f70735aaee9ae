// Taking somebody off the stage, for now or for good, and taking that back. The browser that held the seat keeps its
// token; here it is revoked, and good again when the removal is undone: the person is back in the same seat, with the
// same name and mute state, without being asked in again.

import { MimbarError } from '../../base/errors.ts'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import { requireMayRemove } from '../../core/seat/rights.ts'
import type { SeatRole } from '../../core/seat/roles.ts'
import { leaveSeat, takeSeat } from '../../core/seat/seats.ts'
import type { SeatFacts } from '../../core/space/facts.ts'
import type { ControlParts } from './parts.ts'
import { withSeats } from './seating.ts'

export interface RemovalWish {
  readonly seat: SeatId
  /** The role with which the caller runs the room. */
  readonly by: SeatRole
  /** Keep the browser out. */
  readonly blocked: boolean
}

/** Empties a seat that somebody else sits in. An empty seat stays so. `forbidden`: see `requireMayRemove`. */
export async function removeOther(parts: ControlParts, space: SpaceId, wish: RemovalWish): Promise<void> {
  const { removals, secrets } = parts.spaces
  await parts.spaces.change<void>(space, (record, now) => {
    const seat = record.facts.seats.find(({ id }) => id === wish.seat)
    const before = removals.find(space, wish.seat, now)
    if (seat === undefined) {
      // Removed a moment ago: it can still become a block.
      if (before !== undefined && wish.blocked) {
        requireMayRemove(wish.by, before.seat)
        return { record, alongside: () => removals.put({ ...before, blocked: true }) }
      }
      return { record }
    }
    requireMayRemove(wish.by, seat)
    const owner = { kind: 'seat', space, seat: seat.id } as const
    return {
      record: withSeats(record, leaveSeat(record.facts.seats, seat.id)),
      alongside: () => {
        removals.put({ space, seat, removedAtMs: now, blocked: wish.blocked })
        secrets.revoke(owner, now)
      },
      undo: () => {
        removals.forget(space, seat.id)
        secrets.unrevoke(owner, now)
      },
      afterwards: () => {
        removals.prune(space, now)
        secrets.prune(now)
      },
    }
  })
}

/**
 * Seats again who was removed or blocked. `gone` when it is too late (`UNDO_WITHIN_MS`), `too-many` when the stage has
 * filled up since, `forbidden` to whom the removal would have been.
 */
export async function restore(
  parts: ControlParts,
  space: SpaceId,
  wish: Omit<RemovalWish, 'blocked'>,
): Promise<SeatFacts> {
  const { removals, secrets } = parts.spaces
  return parts.spaces.change<SeatFacts>(space, (record, now) => {
    const seated = record.facts.seats.find(({ id }) => id === wish.seat)
    if (seated !== undefined) return { record, alongside: () => seated }
    const removal = removals.find(space, wish.seat, now)
    if (removal === undefined || record.facts.phase === 'ended') {
      throw new MimbarError('gone', 'It is too late to undo this. Send them the invitation again.')
    }
    const { seat } = removal
    requireMayRemove(wish.by, seat)
    const owner = { kind: 'seat', space, seat: seat.id } as const
    return {
      record: withSeats(record, takeSeat(record.facts.seats, seat)),
      alongside: () => {
        removals.forget(space, seat.id)
        secrets.unrevoke(owner, removal.removedAtMs)
        return seat
      },
      undo: () => {
        removals.put(removal)
        secrets.revoke(owner, removal.removedAtMs)
      },
    }
  })
}
