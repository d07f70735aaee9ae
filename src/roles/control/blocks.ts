// Knowing again who was blocked: by the token of the seat that they were removed from, or by the seat itself where a
// link's secret stands for it.

import { MimbarError } from '../../base/errors.ts'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import { seatCookie } from './callers.ts'
import type { ControlParts } from './parts.ts'
import { credentialsOf } from './request.ts'
import type { SpaceRecord } from './space-store.ts'

/** Throws `forbidden` when the request carries the token of a seat whose holder was blocked. */
export function refuseBlocked(parts: ControlParts, headers: Headers, record: SpaceRecord): void {
  const { removals, secrets } = parts.spaces
  const space = record.facts.id
  const credentials = credentialsOf(headers)
  for (const { seat } of removals.blocked(space)) {
    const token =
      credentials.kind === 'bearer' ? credentials.secret : credentials.cookies.get(seatCookie(seat.id))
    if (token !== undefined && secrets.isRevoked(token, { kind: 'seat', space, seat: seat.id }))
      throw blocked()
  }
}

/** Throws `forbidden` when that very seat is blocked, as an encoder's may be, which has no token. */
export function refuseBlockedSeat(parts: ControlParts, space: SpaceId, seat: SeatId): void {
  if (parts.spaces.removals.blocked(space).some((removal) => removal.seat.id === seat)) throw blocked()
}

const blocked = () =>
  new MimbarError(
    'forbidden',
    'You were asked to leave this stage, and cannot come back. You can still listen.',
  )
