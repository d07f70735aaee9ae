// Hands: raised, asked for and lowered by listeners, who come through the edges; accepted and declined by who runs
// the room.

import { createRoute, z } from '@hono/zod-openapi'
import { MimbarError } from '../../../base/errors.ts'
import type { SpaceId } from '../../../base/ids.ts'
import type { ControlApp, ControlParts } from '../parts.ts'
import { credentialsOf } from '../request.ts'
import { byHostOrOperator, json, jsonBody, problems, spaceParams } from '../route-words.ts'
import { handId, handRequestSchema, handStandingSchema, raisedHandSchema, spaceId } from '../schemas.ts'
import { leave } from '../seating.ts'
import { requireHostOrOperator } from '../space-routes.ts'

const all = '/api/v1/spaces/{space}/hands'
const one = `${all}/{hand}`
const handParams = z.object({ space: spaceId, hand: handId })
const byHand = { security: [{ bearer: [] }] }

const raise = createRoute({
  method: 'post',
  path: all,
  summary: 'Raises a hand: asks to speak. At the public door',
  request: { params: spaceParams, body: jsonBody(handRequestSchema) },
  responses: { 201: json('The hand, and its token, shown once', raisedHandSchema), ...problems },
})
const ask = createRoute({
  ...byHand,
  method: 'get',
  path: one,
  summary: 'How a hand stands. At the public door',
  request: { params: handParams },
  responses: { 200: json('Its standing', handStandingSchema), ...problems },
})
const lower = createRoute({
  ...byHand,
  method: 'delete',
  path: one,
  summary: 'Lowers a hand, or leaves the seat that it led to. At the public door',
  request: { params: handParams },
  responses: { 204: { description: 'The hand is down' }, ...problems },
})
const accept = createRoute({
  ...byHostOrOperator,
  method: 'post',
  path: `${one}/accept`,
  summary: "Calls a hand onto the stage: for two minutes its token opens one speaker's seat, once",
  request: { params: handParams },
  responses: { 204: { description: 'Its page is told when it asks next' }, ...problems },
})
const decline = createRoute({
  ...byHostOrOperator,
  method: 'post',
  path: `${one}/decline`,
  summary: 'Tells a hand no',
  request: { params: handParams },
  responses: { 204: { description: 'Its page is told when it asks next' }, ...problems },
})
const lowerAll = createRoute({
  ...byHostOrOperator,
  method: 'delete',
  path: all,
  summary: 'Lowers every hand that is up',
  request: { params: spaceParams },
  responses: { 204: { description: 'All are down' }, ...problems },
})

export function addHandRoutes(app: ControlApp, parts: ControlParts): void {
  const { hands, spaces } = parts

  app.openapi(raise, (c) => {
    const { space } = c.req.valid('param')
    const { name } = c.req.valid('json')
    return c.json(hands.raise(spaces.get(space), { name, address: c.env.address }), 201)
  })

  app.openapi(ask, (c) => {
    const { space, hand } = c.req.valid('param')
    const token = tokenOf(c.req.raw.headers)
    return c.json(hands.standing(spaces.get(space), hand, token, c.env.address), 200)
  })

  app.openapi(lower, async (c) => {
    const { space, hand } = c.req.valid('param')
    const seat = hands.lower(spaces.get(space), hand, tokenOf(c.req.raw.headers))
    if (seat !== undefined) await leave(parts, space, seat)
    return c.body(null, 204)
  })

  app.openapi(accept, (c) => {
    const { space, hand } = c.req.valid('param')
    hands.accept(byWhoRuns(parts, c.req.raw.headers, space), hand)
    return c.body(null, 204)
  })

  app.openapi(decline, (c) => {
    const { space, hand } = c.req.valid('param')
    hands.decline(byWhoRuns(parts, c.req.raw.headers, space), hand)
    return c.body(null, 204)
  })

  app.openapi(lowerAll, (c) => {
    const { space } = c.req.valid('param')
    hands.lowerAll(byWhoRuns(parts, c.req.raw.headers, space))
    return c.body(null, 204)
  })
}

function byWhoRuns(parts: ControlParts, headers: Headers, space: SpaceId) {
  const record = parts.spaces.get(space)
  requireHostOrOperator(parts, headers, record)
  return record
}

function tokenOf(headers: Headers): string {
  const credentials = credentialsOf(headers)
  if (credentials.kind === 'bearer') return credentials.secret
  throw new MimbarError('unauthorized', "This needs the hand's token, as Bearer.")
}
