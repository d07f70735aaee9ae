// Spaces: making, listing, starting, ending and deleting them, and making their links anew.

import { createRoute, z } from '@hono/zod-openapi'
import { MimbarError } from '../../base/errors.ts'
import { LINK_FRAGMENT } from '../../core/api/api.ts'
import { openHands } from '../../core/hand/open-hands.ts'
import { endProgram, startProgram } from '../../core/space/phases.ts'
import { planStart } from '../../core/space/planned-start.ts'
import { listSpaces } from '../../core/space/public-space.ts'
import { type ControlApp, type ControlParts, publicSpace } from './parts.ts'
import { byHostOrOperator, byOperator, json, jsonBody, problems, spaceParams } from './route-words.ts'
import {
  createdSpaceSchema,
  linkSchema,
  newSpaceSchema,
  publicSpaceSchema,
  spaceChangeSchema,
  spaceId,
  spaceListSchema,
} from './schemas.ts'
import type { SpaceRecord } from './space-store.ts'

/** What everyone may read changes at most this slowly for those in between who keep it. */
const PUBLIC_CACHE = 'public, max-age=1'
const one = '/api/v1/spaces/{space}'

const list = createRoute({
  method: 'get',
  path: '/api/v1/spaces',
  summary: 'What is on, what comes, what was',
  responses: { 200: json('Three lists', spaceListSchema), ...problems },
})
const create = createRoute({
  ...byOperator,
  method: 'post',
  path: '/api/v1/spaces',
  summary: 'Makes a space and its three links',
  request: { body: jsonBody(newSpaceSchema) },
  responses: { 201: json('The links are shown once', createdSpaceSchema), ...problems },
})
const read = createRoute({
  method: 'get',
  path: one,
  summary: 'What anyone may know of a space',
  request: { params: spaceParams },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})
const change = createRoute({
  ...byHostOrOperator,
  method: 'patch',
  path: one,
  summary: 'Lets the program begin by itself at the scheduled second, or leaves that to the host',
  request: { params: spaceParams, body: jsonBody(spaceChangeSchema) },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})
const remove = createRoute({
  ...byOperator,
  method: 'delete',
  path: one,
  summary: 'Removes a scheduled or ended space, its links and its log',
  request: { params: spaceParams },
  responses: { 204: { description: 'Removed' }, ...problems },
})
const relink = createRoute({
  ...byOperator,
  method: 'post',
  path: `${one}/links/{kind}`,
  summary: 'Makes the host or speaker link anew; the old one stops working, seats that are taken stay',
  request: { params: z.object({ space: spaceId, kind: z.enum(['host', 'speaker']) }) },
  responses: { 201: json('Shown once', linkSchema), ...problems },
})
const start = createRoute({
  ...byHostOrOperator,
  method: 'post',
  path: `${one}/start`,
  summary: 'Begins the program; a live space stays as it is',
  request: { params: spaceParams },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})
const end = createRoute({
  ...byHostOrOperator,
  method: 'post',
  path: `${one}/end`,
  summary: 'Ends the program; an ended space stays as it is',
  request: { params: spaceParams },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})

export function addSpaceRoutes(app: ControlApp, parts: ControlParts): void {
  const { callers, spaces } = parts

  app.openapi(list, (c) => {
    c.header('cache-control', PUBLIC_CACHE)
    const all = spaces.store.listed().map((record) => publicSpace(parts, record))
    return c.json(listSpaces(all), 200)
  })

  app.openapi(create, async (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    const { record, host, speaker } = await spaces.create(c.req.valid('json'))
    const { id } = record.facts
    c.header('location', `/api/v1/spaces/${id}`)
    const links = {
      host: stageLink(parts, record, 'host', host),
      speaker: stageLink(parts, record, 'speaker', speaker),
      listen: `${parts.publicUrl}/s/${id}`,
    }
    return c.json({ space: publicSpace(parts, record), links }, 201)
  })

  app.openapi(read, (c) => {
    c.header('cache-control', PUBLIC_CACHE)
    return c.json(publicSpace(parts, spaces.get(c.req.valid('param').space)), 200)
  })

  app.openapi(change, async (c) => {
    const { space } = c.req.valid('param')
    const { start: mode, handsOpen } = c.req.valid('json')
    requireHostOrOperator(parts, c.req.raw.headers, spaces.get(space))
    await spaces.change(space, (record, now) => {
      const planned = mode === undefined ? record.facts : planStart(record.facts, mode, now)
      const facts = handsOpen === undefined ? planned : openHands(planned, handsOpen)
      return { record: facts === record.facts ? record : { ...record, facts } }
    })
    return c.json(publicSpace(parts, spaces.get(space)), 200)
  })

  app.openapi(remove, async (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    await spaces.delete(c.req.valid('param').space)
    return c.body(null, 204)
  })

  app.openapi(relink, async (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    const { space, kind } = c.req.valid('param')
    const url = await spaces.change(space, (record, now) => ({
      record,
      alongside: () => {
        spaces.secrets.revoke({ kind, space }, now)
        return stageLink(parts, record, kind, spaces.secrets.issue({ kind, space }, now))
      },
    }))
    return c.json({ url }, 201)
  })

  app.openapi(start, async (c) => {
    const { space } = c.req.valid('param')
    requireHostOrOperator(parts, c.req.raw.headers, spaces.get(space))
    await spaces.change(space, (record, now) => {
      const facts = startProgram(record.facts, now)
      return { record: facts === record.facts ? record : { ...record, facts } }
    })
    return c.json(publicSpace(parts, spaces.get(space)), 200)
  })

  app.openapi(end, async (c) => {
    const { space } = c.req.valid('param')
    requireHostOrOperator(parts, c.req.raw.headers, spaces.get(space))
    await spaces.change(space, (record, now) => {
      const { audience } = parts.observations.audience(space)
      const ended = endProgram(record.facts, now)
      const isNews = ended !== record.facts && audience !== undefined
      const facts = isNews ? { ...ended, audience } : ended
      return { record: facts === record.facts ? record : { ...record, facts } }
    })
    return c.json(publicSpace(parts, spaces.get(space)), 200)
  })
}

/** The link that makes who opens it a host or a speaker; its secret is in the fragment, which no server sees. */
function stageLink(
  parts: ControlParts,
  record: SpaceRecord,
  kind: 'host' | 'speaker',
  secret: string,
): string {
  return `${parts.studioUrl}/s/${record.facts.id}/stage#${LINK_FRAGMENT[kind]}=${secret}`
}

/** Throws unless the caller runs the room of `record`, or is the operator. */
export function requireHostOrOperator(parts: ControlParts, headers: Headers, record: SpaceRecord): void {
  if (parts.callers.runsRoom(headers, record) || parts.callers.isOperator(headers)) return
  if (parts.callers.findSeat(headers, record) !== undefined) {
    throw new MimbarError('forbidden', 'Only the host can do this.')
  }
  throw new MimbarError('unauthorized', "This needs the host's seat or the operator.")
}
