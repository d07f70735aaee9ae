// Spaces: making, listing, starting, ending and deleting them, and making their links anew.

import { createRoute, z } from '@hono/zod-openapi'
import { MimbarError } from '../../base/errors.ts'
import type { WallMillis } from '../../base/units.ts'
import { announce, withAnnouncement } from '../../core/announcement/announcement.ts'
import { LINK_FRAGMENT, type SpaceChange } from '../../core/api/api.ts'
import { openHands } from '../../core/hand/open-hands.ts'
import { lockStage } from '../../core/seat/rights.ts'
import { SEAT_ROLES, type SeatRole } from '../../core/seat/roles.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import { parseScheduledAt, parseTitle } from '../../core/space/new-space.ts'
import { startProgram } from '../../core/space/phases.ts'
import { planStart, reschedule, type StartMode } from '../../core/space/planned-start.ts'
import { listSpaces } from '../../core/space/public-space.ts'
import { withholdRecording } from '../../core/space/withholding.ts'
import { endWithAudience } from './ending.ts'
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
  summary: 'Makes a space and its four links',
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
  summary:
    'The title, when and by whom the program begins, where who comes after the start comes in, whether the stage is locked, what is announced, and (the operator alone) whether the recording is withheld',
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
  ...byHostOrOperator,
  method: 'post',
  path: `${one}/links/{kind}`,
  summary:
    'Makes a link to the stage anew; the old one stops working, seats that are taken stay. The invitation (speaker) also by who runs the room',
  request: { params: z.object({ space: spaceId, kind: z.enum(SEAT_ROLES) }) },
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
  const { callers, spaces, log } = parts

  app.openapi(list, (c) => {
    c.header('cache-control', PUBLIC_CACHE)
    const all = spaces.store.listed().map((record) => publicSpace(parts, record))
    return c.json(listSpaces(all), 200)
  })

  app.openapi(create, async (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    const { record, host, cohost, speaker } = await spaces.create(c.req.valid('json'))
    const { id } = record.facts
    c.header('location', `/api/v1/spaces/${id}`)
    const links = {
      host: stageLink(parts, record, 'host', host),
      cohost: stageLink(parts, record, 'cohost', cohost),
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
    const asked = c.req.valid('json')
    requireHostOrOperator(parts, c.req.raw.headers, spaces.get(space))
    if (asked.withheld !== undefined) requireMayWithhold(parts, c.req.raw.headers)
    await spaces.change(space, (record, now) => {
      const facts = changed(record.facts, asked, now)
      return {
        record: facts === record.facts ? record : { ...record, facts },
        afterwards: () => {
          if (facts.withheld === record.facts.withheld) return
          log(`space ${space} recording ${facts.withheld === true ? 'withheld' : 'shown'}`)
        },
      }
    })
    return c.json(publicSpace(parts, spaces.get(space)), 200)
  })

  app.openapi(remove, async (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    await spaces.delete(c.req.valid('param').space)
    return c.body(null, 204)
  })

  app.openapi(relink, async (c) => {
    const { space, kind } = c.req.valid('param')
    if (kind === 'speaker') requireHostOrOperator(parts, c.req.raw.headers, spaces.get(space))
    else callers.requireOperator(c.req.raw.headers, c.env.address)
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
    const { audience } = parts.observations.audience(space)
    await spaces.change(space, (record, now) => {
      const facts = endWithAudience(record.facts, now, audience)
      return { record: facts === record.facts ? record : { ...record, facts } }
    })
    return c.json(publicSpace(parts, spaces.get(space)), 200)
  })
}

/** `facts` with everything that is asked for; the same object when that is how it is. Throws for the first that cannot be. */
function changed(facts: SpaceFacts, change: SpaceChange, now: WallMillis): SpaceFacts {
  const { start: mode, scheduledAtMs, arrivals, locked, handsOpen, withheld, title, ...announced } = change
  const planned = plan(facts, { mode, scheduledAtMs }, now)
  const isNews = arrivals !== undefined && arrivals !== (planned.arrivals ?? 'on-air')
  const arranged = isNews ? { ...planned, arrivals } : planned
  const lockable = locked === undefined ? arranged : lockStage(arranged, locked)
  const handed = handsOpen === undefined ? lockable : openHands(lockable, handsOpen)
  const kept = withheld === undefined ? handed : withholdRecording(handed, withheld)
  const titled = title === undefined ? kept : withTitle(kept, parseTitle(title))
  return withAnnouncement(titled, announce(titled, announced))
}

/** When it begins, and by whom. A start by hand first: whoever asks for both may then leave it without a time. */
function plan(
  facts: SpaceFacts,
  asked: { readonly mode: StartMode | undefined; readonly scheduledAtMs: number | null | undefined },
  now: WallMillis,
): SpaceFacts {
  const { mode, scheduledAtMs: atMs } = asked
  const manual = mode === 'manual' ? planStart(facts, mode, now) : facts
  const isNews = atMs !== undefined && (atMs ?? undefined) !== facts.scheduledAtMs
  const dated = isNews
    ? reschedule(manual, atMs === null ? undefined : parseScheduledAt(atMs, now), now)
    : manual
  return mode === 'automatic' ? planStart(dated, mode, now) : dated
}

const withTitle = (facts: SpaceFacts, title: string): SpaceFacts =>
  facts.title === title ? facts : { ...facts, title }

/** What the link makes of who opens it is its kind; its secret is in the fragment, which no server sees. */
function stageLink(parts: ControlParts, record: SpaceRecord, kind: SeatRole, secret: string): string {
  return `${parts.studioUrl}/s/${record.facts.id}/stage#${LINK_FRAGMENT[kind]}=${secret}`
}

/** Of those who may change a space, only the operator answers for what this server gives out. */
function requireMayWithhold({ callers }: ControlParts, headers: Headers): void {
  if (callers.isOperator(headers)) return
  throw new MimbarError('forbidden', 'Only the operator can withhold a recording, or show it again.')
}

/** Throws unless the caller runs the room of `record`, or is the operator. */
export function requireHostOrOperator(parts: ControlParts, headers: Headers, record: SpaceRecord): void {
  if (parts.callers.runsRoom(headers, record) || parts.callers.isOperator(headers)) return
  if (parts.callers.findSeat(headers, record) !== undefined) {
    throw new MimbarError('forbidden', 'Only those who run the room can do this.')
  }
  throw new MimbarError('unauthorized', 'This needs a seat that runs the room, or the operator.')
}
