// What those who run the room do to everybody, or to somebody for good: mute all, block, and take a removal back.

import { createRoute } from '@hono/zod-openapi'
import { muteAll } from '../../core/seat/rights.ts'
import type { ControlApp, ControlParts } from './parts.ts'
import { removeOther, restore } from './removing.ts'
import { bySeat, json, problems, seatParams, seatQuery, spaceParams } from './route-words.ts'
import { seatSchema } from './schemas.ts'
import { seatOf } from './seat-routes.ts'
import { withSeats } from './seating.ts'

const all = '/api/v1/spaces/{space}/seats'

const mute = createRoute({
  ...bySeat,
  method: 'post',
  path: `${all}/mute`,
  summary: 'Mutes everybody but the own seat; they unmute themselves',
  request: { params: spaceParams, query: seatQuery },
  responses: { 204: { description: 'Everybody else is muted' }, ...problems },
})
const block = createRoute({
  ...bySeat,
  method: 'post',
  path: `${all}/{seat}/block`,
  summary: 'Removes a seat; the browser that held it opens no seat here any more, whatever invitation it has',
  request: { params: seatParams },
  responses: { 204: { description: 'The seat is empty, and its browser is kept out' }, ...problems },
})
const undo = createRoute({
  ...bySeat,
  method: 'post',
  path: `${all}/{seat}/restore`,
  summary: 'Undoes a removal within seconds, or a block: the seat and its token are good again',
  request: { params: seatParams },
  responses: { 200: json('The seat, as it was', seatSchema), ...problems },
})

export function addRoomRoutes(app: ControlApp, parts: ControlParts): void {
  const { callers, spaces } = parts

  app.openapi(mute, async (c) => {
    const { space } = c.req.valid('param')
    const { headers } = c.req.raw
    const record = spaces.get(space)
    callers.requireRunningRole(headers, c.env.address, record)
    const me = callers.requireSeat(headers, c.env.address, record, c.req.valid('query').seat).seat.id
    await spaces.change<void>(space, (before) => {
      const seats = muteAll(before.facts.seats, me)
      return { record: seats === before.facts.seats ? before : withSeats(before, seats) }
    })
    return c.body(null, 204)
  })

  app.openapi(block, async (c) => {
    const { space, seat } = c.req.valid('param')
    const by = callers.requireRunningRole(c.req.raw.headers, c.env.address, spaces.get(space))
    await removeOther(parts, space, { seat, by, blocked: true })
    return c.body(null, 204)
  })

  app.openapi(undo, async (c) => {
    const { space, seat } = c.req.valid('param')
    const by = callers.requireRunningRole(c.req.raw.headers, c.env.address, spaces.get(space))
    return c.json(seatOf(space, await restore(parts, space, { seat, by })), 200)
  })
}
