// Taking and leaving seats. A link's secret opens a seat; the token of that seat then stands for the person.
//
// The host secret always opens the one host seat. Whoever opens it from another browser takes the seat over: its
// token is rotated, and the browser that held it before is out. The invitation opens a new speaker seat, or again
// the one that this browser holds already; a co-host's link likewise, and makes a speaker who opens it a co-host.

import { MimbarError } from '../../base/errors.ts'
import type { HandId, SeatId, SpaceId } from '../../base/ids.ts'
import { type WallMillis, wallMillis } from '../../base/units.ts'
import type { Hand } from '../../core/hand/hands.ts'
import { arrive } from '../../core/seat/air.ts'
import { strongerRole } from '../../core/seat/rights.ts'
import type { SeatRole } from '../../core/seat/roles.ts'
import { leaveSeat, parseName, takeSeat } from '../../core/seat/seats.ts'
import type { SeatFacts } from '../../core/space/facts.ts'
import { refuseBlockedSeat } from './blocks.ts'
import { COOKIE_MAX_AGE_S, type SeatCaller } from './callers.ts'
import type { ControlParts } from './parts.ts'
import type { SecretOwner } from './secrets.ts'
import type { SpaceRecord } from './space-store.ts'
import { type Change, newSeatId } from './spaces.ts'

/** What an encoder is called when it comes with a link's secret and no name. */
export const ENCODER_NAME = 'Encoder'

export interface SeatWish {
  readonly role: SeatFacts['role']
  readonly name: string
  /** The seat that the caller holds already and that this link is good for. */
  readonly held?: SeatCaller
  /** The accepted hand whose token was shown: it opens a seat once. */
  readonly hand?: HandId
}

/** Seats somebody who has shown a link's secret. `gone` once the space has ended; `too-many` when it is full. */
export function sit(parts: ControlParts, space: SpaceId, wish: SeatWish): Promise<SeatCaller> {
  const name = parseName(wish.name)
  return parts.spaces.change(space, (record, now) => {
    const id = wish.role === 'host' ? record.hostSeat : (wish.held?.seat.id ?? newSeatId())
    const before = record.facts.seats.find((seat) => seat.id === id)
    // Whom the host calls up comes in by a locked door.
    if (before === undefined && wish.hand === undefined) refuseLocked(record, wish.role)
    // A link may make more of who has a seat, never less.
    const role = before === undefined ? wish.role : strongerRole(before.role, wish.role)
    const fresh = () => arrive({ id, role, name, muted: false, takenAtMs: now }, record.facts)
    const seat: SeatFacts = before === undefined ? fresh() : { ...before, role, name }
    const change = seated(parts, record, seat, now, before === undefined ? undefined : wish.held?.token)
    return wish.hand === undefined ? change : spending(parts, wish.hand, seat.id, change)
  })
}

/**
 * The seat of an encoder that shows a link's secret with every request and keeps no cookie (RFC 9725 clients such
 * as OBS). The secret stands for the seat: the host's, or the one encoder seat that a space has for speakers.
 */
export async function sitEncoder(
  parts: ControlParts,
  space: SpaceId,
  role: SeatFacts['role'],
): Promise<SeatFacts> {
  const id = encoderSeatOf(parts.spaces.get(space), role)
  const taken = parts.spaces.get(space).facts.seats.find((seat) => seat.id === id)
  if (taken !== undefined) return taken
  // Nobody clicks on an encoder: with a co-host's link it speaks like any other.
  const encoder = { id, role: role === 'host' ? role : 'speaker', name: ENCODER_NAME, muted: false } as const
  return await parts.spaces.change(space, (record, now) => {
    refuseEnded(record)
    refuseBlockedSeat(parts, space, id)
    refuseLocked(record, role)
    const seat = arrive({ ...encoder, takenAtMs: now }, record.facts)
    return { record: withSeats(record, takeSeat(record.facts.seats, seat)), alongside: () => seat }
  })
}

/** Which seat a link's secret stands for when an encoder shows it. */
export function encoderSeatOf(record: SpaceRecord, role: SeatFacts['role']): SeatId {
  return role === 'host' ? record.hostSeat : record.encoderSeat
}

/** Empties a seat and revokes its token. A seat that is empty already stays so. */
export async function leave(parts: ControlParts, space: SpaceId, seat: SeatId): Promise<void> {
  await parts.spaces.change<void>(space, (record, now) => {
    const seats = leaveSeat(record.facts.seats, seat)
    return {
      record: seats.length === record.facts.seats.length ? record : withSeats(record, seats),
      afterwards: () => revokeSeat(parts, { kind: 'seat', space, seat }, now),
    }
  })
}

/** `record` with other seats. Who has none any more does not hold the room. */
export function withSeats(record: SpaceRecord, seats: readonly SeatFacts[]): SpaceRecord {
  const { holder, ...facts } = record.facts
  const isSeated = seats.some(({ id }) => id === holder)
  return { ...record, facts: { ...facts, ...(holder !== undefined && isSeated ? { holder } : {}), seats } }
}

function seated(
  parts: ControlParts,
  record: SpaceRecord,
  seat: SeatFacts,
  now: WallMillis,
  token: string | undefined,
): Change<SeatCaller> {
  refuseEnded(record)
  const { secrets } = parts.spaces
  const owner = { kind: 'seat', space: record.facts.id, seat: seat.id } as const
  const expiresAt = wallMillis(now + COOKIE_MAX_AGE_S * 1000)
  return {
    record: withSeats(record, takeSeat(record.facts.seats, seat)),
    alongside: () => ({ seat, token: token ?? secrets.issue(owner, now, expiresAt) }),
    undo: (caller) => {
      if (token === undefined) secrets.revokeOne(owner, caller.token, now)
    },
    // Only now: a device that was in keeps its seat when this one did not get it.
    afterwards: (caller) => revokeSeat(parts, owner, now, caller.token),
  }
}

/** `change`, which also spends the invitation of a hand: both happen, or neither. */
function spending(
  parts: ControlParts,
  hand: HandId,
  seat: SeatId,
  change: Change<SeatCaller>,
): Change<SeatCaller> {
  let before: Hand | undefined
  return {
    ...change,
    alongside: () => {
      before = parts.hands.seat(change.record, hand, seat)
      return change.alongside?.() as SeatCaller
    },
    undo: (caller) => {
      change.undo?.(caller)
      if (before !== undefined) parts.hands.unseat(change.record, before)
    },
  }
}

/** Revoked tokens are forgotten at once: whoever may take seats could otherwise fill the disk with them. */
function revokeSeat(parts: ControlParts, owner: SecretOwner, now: WallMillis, keep?: string): void {
  parts.spaces.secrets.revoke(owner, now, keep)
  parts.spaces.secrets.prune(now)
}

/** A locked stage opens to those who hold a seat, and to those who will run it. */
function refuseLocked({ facts }: SpaceRecord, role: SeatRole): void {
  if (facts.locked !== true || role !== 'speaker') return
  throw new MimbarError(
    'conflict',
    'The stage is locked: nobody new can take a seat now. Ask whoever invited you to unlock it, or listen.',
  )
}

function refuseEnded(record: SpaceRecord): void {
  if (record.facts.phase === 'ended') throw new MimbarError('gone', 'This space has ended.')
}
