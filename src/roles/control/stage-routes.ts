// The way onto the stage: an SDP offer in, the answer of the stage that holds the space out (WHIP-shaped, RFC 9725),
// and the stream on which a page sees what that stage sees. Nothing trickles and nothing restarts, so there is no
// ETag and no PATCH (section 4.3): a client that lost its connection makes a new one for the same seat.

import { createRoute, z } from '@hono/zod-openapi'
import { MimbarError } from '../../base/errors.ts'
import { parseSpaceId, type SeatId, type SpaceId } from '../../base/ids.ts'
import type { Problem } from '../../core/api/api.ts'
import { PROBLEM_TYPE } from '../../core/problem/problem.ts'
import { RELAY_GUEST, type RelayUser } from '../../core/relay/relay-credentials.ts'
import { openLobby } from '../../core/space/phases.ts'
import type { ControlApp, ControlParts } from './parts.ts'
import { credentialsOf } from './request.ts'
import { bySeat, json, problems, seatQuery, spaceParams } from './route-words.ts'
import { iceServersSchema, sessionId, spaceId, stageViewSchema } from './schemas.ts'
import { encoderSeatOf, sitEncoder } from './seating.ts'

const SDP_TYPE = 'application/sdp'
const all = '/api/v1/spaces/{space}/stage'
const one = `${all}/{session}`
const sessionParams = z.object({ space: spaceId, session: sessionId })

const offer = createRoute({
  ...bySeat,
  method: 'post',
  path: all,
  summary: 'Connects a seat to the stage; a seat token, or the secret of a link, comes as Bearer or cookie',
  request: {
    params: spaceParams,
    query: seatQuery,
    body: { required: true, content: { [SDP_TYPE]: { schema: z.string() } } },
  },
  responses: {
    201: {
      description: 'The answer; `Location` is the session',
      headers: {
        Location: { description: 'DELETE it to hang up', schema: { type: 'string' } },
        Link: {
          description: 'Relays, with `rel="ice-server"`, where there are any',
          schema: { type: 'string' },
        },
      },
      content: { [SDP_TYPE]: { schema: z.string() } },
    },
    ...problems,
  },
})
const hangUp = createRoute({
  ...bySeat,
  method: 'delete',
  path: one,
  summary: 'Ends a session; the seat stays taken',
  request: { params: sessionParams, query: seatQuery },
  responses: { 200: { description: 'Ended, or was no more' }, ...problems },
})
const relaysOfSeat = createRoute({
  ...bySeat,
  method: 'get',
  path: `${all}/relays`,
  summary: 'TURN relays, to be known before an offer is made; for a seat, or the secret of a link',
  request: { params: spaceParams, query: seatQuery },
  responses: { 200: json('Relays; none where the operator has none', iceServersSchema), ...problems },
})
const events = createRoute({
  ...bySeat,
  method: 'get',
  path: `${all}/events`,
  summary: 'Desired and observed state of the stage, as `view` events',
  request: { params: spaceParams, query: seatQuery },
  responses: {
    200: {
      description: 'Each `view` event is one StageView',
      content: { 'text/event-stream': { schema: stageViewSchema } },
    },
    ...problems,
  },
})

export function addStageRoutes(app: ControlApp, parts: ControlParts): void {
  const { callers, relays, signalling, spaces, views } = parts

  app.openapi(offer, async (c) => {
    const { space } = c.req.valid('param')
    if (c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() !== SDP_TYPE) {
      throw new MimbarError('unsupported', 'An offer is application/sdp.')
    }
    const sdp = c.get('bodyText')
    if (!sdp.startsWith('v=0')) throw new MimbarError('bad-request', 'An SDP offer begins with v=0.')
    const seat = await seatForOffer(parts, c.req.raw.headers, c.env.address, space, c.req.valid('query').seat)
    await spaces.change(space, (record) => {
      const facts = openLobby(record.facts)
      return { record: facts === record.facts ? record : { ...record, facts } }
    })
    const answer = await signalling.offer(space, seat, sdp, c.req.raw.signal)
    return c.body(answer.sdp, 201, {
      'content-type': SDP_TYPE,
      ...relays.linkHeader(seat),
      location: `/api/v1/spaces/${space}/stage/${answer.session}?seat=${seat}`,
    })
  })

  app.openapi(relaysOfSeat, (c) => {
    const { space } = c.req.valid('param')
    const user = relayUser(parts, c.req.raw.headers, c.env.address, space, c.req.valid('query').seat)
    return c.json(relays.of(user), 200, { 'cache-control': 'no-store' })
  })

  app.openapi(hangUp, async (c) => {
    const { space, session } = c.req.valid('param')
    const headers = c.req.raw.headers
    const seat =
      linkSeat(parts, headers, space) ??
      callers.requireSeat(headers, c.env.address, spaces.get(space), c.req.valid('query').seat).seat.id
    await signalling.end(space, seat, session)
    return c.body(null, 200)
  })

  app.openapi(events, (c) => {
    const { space } = c.req.valid('param')
    const caller = callers.requireSeat(
      c.req.raw.headers,
      c.env.address,
      spaces.get(space),
      c.req.valid('query').seat,
    )
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }
    // Nobody would read or end a stream that was opened for HEAD.
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers)
    return c.body(views.stream(space, caller.seat.id), 200, headers)
  })

  // Clients that cannot take relays into use after their offer ask for them here (RFC 9725, section 4.6). Pages have
  // a route of their own.
  app.options('/api/v1/spaces/:space/stage', (c) => {
    const headers = c.req.raw.headers
    const known = { allow: 'POST, OPTIONS', 'accept-post': SDP_TYPE }
    if (!headers.has('authorization')) return c.body(null, 204, known)
    const user = relayUser(parts, headers, c.env.address, parseSpaceId(c.req.param('space')), undefined)
    return c.body(null, 204, { ...known, ...relays.linkHeader(user) })
  })
  app.options('/api/v1/spaces/:space/stage/:session', (c) => c.body(null, 204, { allow: 'DELETE, OPTIONS' }))
  // RFC 9725, section 4.3: a session that neither trickles nor restarts answers 405 to PATCH. Other methods are kept
  // free for what may come (sections 4.2 and 4.3).
  app.on(['GET', 'HEAD', 'POST', 'PUT', 'PATCH'], '/api/v1/spaces/:space/stage/:session', (c) =>
    c.body(
      notAllowed('Sessions neither trickle nor restart; make a new offer for the same seat, or DELETE.'),
      405,
      { 'content-type': PROBLEM_TYPE, allow: 'DELETE, OPTIONS' },
    ),
  )
  app.on(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'], '/api/v1/spaces/:space/stage', (c) =>
    c.body(notAllowed('Offers are sent here with POST.'), 405, {
      'content-type': PROBLEM_TYPE,
      allow: 'POST, OPTIONS',
    }),
  )
}

function notAllowed(detail: string): string {
  const problem: Problem = {
    type: 'about:blank',
    title: 'Not supported',
    status: 405,
    code: 'unsupported',
    detail,
  }
  return JSON.stringify(problem)
}

/** The seat that an offer is for: the one whose token came with it, or the one that a link's secret stands for. */
async function seatForOffer(
  parts: ControlParts,
  headers: Headers,
  address: string,
  space: SpaceId,
  wanted: SeatId | undefined,
): Promise<SeatId> {
  const record = parts.spaces.get(space)
  const credentials = credentialsOf(headers)
  if (credentials.kind === 'bearer' && parts.callers.findSeat(headers, record, wanted) === undefined) {
    const role = parts.callers.linkKind(credentials.secret, space)
    if (role !== undefined) return (await sitEncoder(parts, space, role)).id
  }
  return parts.callers.requireSeat(headers, address, record, wanted).seat.id
}

/** For whom relay credentials are made. Throws as `Callers.refuse` does for who has neither a seat nor a link. */
function relayUser(
  { callers, spaces }: ControlParts,
  headers: Headers,
  address: string,
  space: SpaceId,
  wanted: SeatId | undefined,
): RelayUser {
  const record = spaces.get(space)
  if (record.facts.phase === 'ended') throw new MimbarError('gone', 'This space has ended.')
  const credentials = credentialsOf(headers)
  const isGuest = credentials.kind === 'bearer' && callers.linkKind(credentials.secret, space) !== undefined
  return isGuest ? RELAY_GUEST : callers.requireSeat(headers, address, record, wanted).seat.id
}

/** The seat that a link's secret stands for, when that is the Bearer token of the request. */
function linkSeat(parts: ControlParts, headers: Headers, space: SpaceId): SeatId | undefined {
  const credentials = credentialsOf(headers)
  if (credentials.kind !== 'bearer') return undefined
  const role = parts.callers.linkKind(credentials.secret, space)
  return role === undefined ? undefined : encoderSeatOf(parts.spaces.get(space), role)
}
