// Seats: taking one with a link's secret, reading, changing and leaving it.

import { createRoute } from '@hono/zod-openapi'
import { deleteCookie, setCookie } from 'hono/cookie'
import { MimbarError } from '../../base/errors.ts'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import type { Seat } from '../../core/api/api.ts'
import { isOnAir, putOnAir } from '../../core/seat/air.ts'
import { runsRoom } from '../../core/seat/roles.ts'
import { changeSeat, type SeatChanger, takeSeat } from '../../core/seat/seats.ts'
import type { SeatFacts } from '../../core/space/facts.ts'
import { refuseBlocked } from './blocks.ts'
import { COOKIE_MAX_AGE_S, seatCookie } from './callers.ts'
import { type ControlApp, type ControlParts, isSecure } from './parts.ts'
import { removeOther } from './removing.ts'
import { bySeat, json, jsonBody, problems, seatParams, spaceParams } from './route-words.ts'
import { seatChangeSchema, seatRequestSchema, seatSchema } from './schemas.ts'
import { leave, sit, withSeats } from './seating.ts'
import type { SpaceRecord } from './space-store.ts'

const all = '/api/v1/spaces/{space}/seats'
const one = `${all}/{seat}`

const take = createRoute({
  method: 'post',
  path: all,
  summary: "Exchanges a link's secret for a seat; the cookie then holds it",
  request: { params: spaceParams, body: jsonBody(seatRequestSchema) },
  responses: { 201: json('The seat, new or the one held before', seatSchema), ...problems },
})
const read = createRoute({
  ...bySeat,
  method: 'get',
  path: one,
  summary: 'The seat that the caller holds',
  request: { params: seatParams },
  responses: { 200: json('The seat', seatSchema), ...problems },
})
const change = createRoute({
  ...bySeat,
  method: 'patch',
  path: one,
  summary:
    'Mutes, unmutes, renames or takes off air the own seat; who runs the room mutes others, puts them on and off air; the host makes co-hosts',
  request: { params: seatParams, body: jsonBody(seatChangeSchema) },
  responses: { 200: json('The seat', seatSchema), ...problems },
})
const remove = createRoute({
  ...bySeat,
  method: 'delete',
  path: one,
  summary: 'Leaves the own seat; who runs the room removes others',
  request: { params: seatParams },
  responses: { 204: { description: 'The seat is empty and its token revoked' }, ...problems },
})

export function addSeatRoutes(app: ControlApp, parts: ControlParts): void {
  const { callers, spaces } = parts

  app.openapi(take, async (c) => {
    const { space } = c.req.valid('param')
    const { secret, name } = c.req.valid('json')
    const record = spaces.get(space)
    const link = callers.linkKind(secret, space)
    const hand = link === undefined ? parts.hands.invited(record, secret) : undefined
    const role = hand === undefined ? link : 'speaker'
    if (role === undefined) {
      return callers.refuse(c.env.address, 'This link does not open a seat in this space.')
    }
    if (role !== 'host') refuseBlocked(parts, c.req.raw.headers, record)
    // The host's seat is one for itself; the other two links open one and the same seat to who holds it.
    const held = callers
      .seatsHeld(c.req.raw.headers, record)
      .find(({ seat }) => (seat.role === 'host') === (role === 'host'))
    const { seat, token } = await sit(parts, space, {
      role,
      name,
      ...(held === undefined ? {} : { held }),
      ...(hand === undefined ? {} : { hand }),
    })
    setCookie(c, seatCookie(seat.id), token, {
      path: `/api/v1/spaces/${space}`,
      httpOnly: true,
      sameSite: 'Strict',
      secure: isSecure(parts),
      maxAge: COOKIE_MAX_AGE_S,
    })
    c.header('location', `/api/v1/spaces/${space}/seats/${seat.id}`)
    return c.json(seatOf(space, seat), 201)
  })

  app.openapi(read, (c) => {
    const { space, seat } = c.req.valid('param')
    const caller = callers.requireSeat(c.req.raw.headers, c.env.address, spaces.get(space), seat)
    return c.json(seatOf(space, caller.seat), 200)
  })

  app.openapi(change, async (c) => {
    const { space, seat } = c.req.valid('param')
    const by = changerOf(parts, c.req.raw.headers, c.env.address, spaces.get(space), seat)
    const wanted = c.req.valid('json')
    if (wanted.role !== undefined && callers.runningRole(c.req.raw.headers, spaces.get(space)) !== 'host') {
      throw new MimbarError('forbidden', 'Only the host makes others co-hosts or speakers.')
    }
    const after = await spaces.change<SeatFacts>(space, (record) => {
      const before = record.facts.seats.find((other) => other.id === seat)
      if (before === undefined) throw new MimbarError('not-found', 'This seat is empty.')
      const changed = changeSeat(before, wanted, wanted.role === undefined ? by : 'host')
      const { onAir } = wanted
      const byRunsRoom = by !== 'self' || runsRoom(record.facts, before)
      const next = onAir === undefined ? changed : putOnAir(changed, onAir, byRunsRoom)
      const same = Bun.deepEquals(next, before)
      return {
        record: same ? record : withSeats(record, takeSeat(record.facts.seats, next)),
        alongside: () => next,
      }
    })
    return c.json(seatOf(space, after), 200)
  })

  app.openapi(remove, async (c) => {
    const { space, seat } = c.req.valid('param')
    const by = changerOf(parts, c.req.raw.headers, c.env.address, spaces.get(space), seat)
    if (by !== 'self') {
      await removeOther(parts, space, { seat, by: by === 'host' ? 'host' : 'cohost', blocked: false })
      return c.body(null, 204)
    }
    await leave(parts, space, seat)
    deleteCookie(c, seatCookie(seat), { path: `/api/v1/spaces/${space}` })
    return c.body(null, 204)
  })
}

/** Whether the caller sits in that seat, is the host of the space or runs its room otherwise; throws when neither. */
function changerOf(
  parts: ControlParts,
  headers: Headers,
  address: string,
  record: SpaceRecord,
  seat: SeatId,
): SeatChanger {
  if (parts.callers.findSeat(headers, record, seat) !== undefined) return 'self'
  return parts.callers.requireRunningRole(headers, address, record) === 'host' ? 'host' : 'cohost'
}

/** A seat as its holder reads it. */
export function seatOf(space: SpaceId, seat: SeatFacts): Seat {
  const { id, name, role, muted, soundCheck } = seat
  return {
    ...{ id, space, name, role, muted },
    ...(isOnAir(seat) ? {} : { onAir: false }),
    ...(soundCheck === undefined ? {} : { soundCheck }),
  }
}
