// The green room's way to the stage: an offer by who may take a seat, or has one, which takes none.

import { createRoute, z } from '@hono/zod-openapi'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import { RELAY_GUEST } from '../../core/relay/relay-credentials.ts'
import type { ControlApp, ControlParts } from './parts.ts'
import { credentialsOf } from './request.ts'
import { bySeat, json, problems, spaceParams } from './route-words.ts'
import { sessionId, soundCheckReportSchema, spaceId } from './schemas.ts'

const SDP_TYPE = 'application/sdp'
const all = '/api/v1/spaces/{space}/stage/check'
const one = `${all}/{session}`
const sessionParams = z.object({ space: spaceId, session: sessionId })

const open = createRoute({
  ...bySeat,
  method: 'post',
  path: all,
  summary:
    'Begins a sound check: a sentence goes to the stage and comes back; the secret of a link, or a seat',
  request: {
    params: spaceParams,
    body: { required: true, content: { [SDP_TYPE]: { schema: z.string() } } },
  },
  responses: {
    201: {
      description: 'The answer; `Location` is the check, which lasts 20 s at most and is in no program',
      headers: { Location: { description: 'GET it for its report', schema: { type: 'string' } } },
      content: { [SDP_TYPE]: { schema: z.string() } },
    },
    ...problems,
  },
})
const read = createRoute({
  ...bySeat,
  method: 'get',
  path: one,
  summary: 'How a sound check stands, and what the stage measured',
  request: { params: sessionParams },
  responses: { 200: json('The report', soundCheckReportSchema), ...problems },
})
const end = createRoute({
  ...bySeat,
  method: 'delete',
  path: one,
  summary: 'Ends a sound check; nothing is kept of it',
  request: { params: sessionParams },
  responses: { 204: { description: 'Ended, or was no more' }, ...problems },
})

export function addSoundCheckRoutes(app: ControlApp, parts: ControlParts): void {
  const { relays, soundChecks } = parts

  app.openapi(open, async (c) => {
    const { space } = c.req.valid('param')
    requireGuest(parts, c.req.raw.headers, c.env.address, space)
    if (c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() !== SDP_TYPE)
      throw new MimbarError('unsupported', 'An offer is application/sdp.')
    const sdp = c.get('bodyText')
    if (!sdp.startsWith('v=0')) throw new MimbarError('bad-request', 'An SDP offer begins with v=0.')
    const answer = await soundChecks.open(space, c.env.address, sdp, c.req.raw.signal)
    return c.body(answer.sdp, 201, {
      'content-type': SDP_TYPE,
      ...relays.linkHeader(RELAY_GUEST),
      location: `/api/v1/spaces/${space}/stage/check/${answer.session}`,
    })
  })

  app.openapi(read, async (c) => {
    const { space, session } = c.req.valid('param')
    requireGuest(parts, c.req.raw.headers, c.env.address, space)
    return c.json(await soundChecks.report(space, session), 200)
  })

  app.openapi(end, async (c) => {
    const { space, session } = c.req.valid('param')
    requireGuest(parts, c.req.raw.headers, c.env.address, space)
    await soundChecks.end(space, session)
    return c.body(null, 204)
  })
}

/** Throws unless the request shows the secret of a link, or holds a seat, in a space that has not ended. */
function requireGuest(parts: ControlParts, headers: Headers, address: string, space: SpaceId): void {
  const record = parts.spaces.get(space)
  const credentials = credentialsOf(headers)
  const hasLink =
    credentials.kind === 'bearer' && parts.callers.linkKind(credentials.secret, space) !== undefined
  if (!hasLink) parts.callers.requireSeat(headers, address, record)
  if (record.facts.phase === 'ended') throw new MimbarError('gone', 'This space has ended.')
}
