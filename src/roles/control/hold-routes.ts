// Hold and resume: one press each, by who runs the room, or the operator.

import { createRoute } from '@hono/zod-openapi'
import type { WallMillis } from '../../base/units.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import { holdSpace, resumeSpace } from '../../core/space/hold.ts'
import { type ControlApp, type ControlParts, publicSpace } from './parts.ts'
import { byHostOrOperator, json, problems, spaceParams } from './route-words.ts'
import { publicSpaceSchema } from './schemas.ts'
import { requireHostOrOperator } from './space-routes.ts'

const hold = createRoute({
  ...byHostOrOperator,
  method: 'post',
  path: '/api/v1/spaces/{space}/hold',
  summary: 'Takes everyone off air for a moment, and tells listeners so; a held space stays as it is',
  request: { params: spaceParams },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})
const resume = createRoute({
  ...byHostOrOperator,
  method: 'post',
  path: '/api/v1/spaces/{space}/resume',
  summary: 'Ends a hold: who was on air is on air again',
  request: { params: spaceParams },
  responses: { 200: json('The space', publicSpaceSchema), ...problems },
})

export function addHoldRoutes(app: ControlApp, parts: ControlParts): void {
  const { spaces, log } = parts
  const apply = async (
    headers: Headers,
    space: SpaceFacts['id'],
    change: (facts: SpaceFacts, now: WallMillis) => SpaceFacts,
  ) => {
    requireHostOrOperator(parts, headers, spaces.get(space))
    await spaces.change(space, (record, now) => {
      const facts = change(record.facts, now)
      if (facts === record.facts) return { record }
      const word = facts.heldSinceMs === undefined ? 'resumed' : 'held'
      return { record: { ...record, facts }, afterwards: () => log(`space ${space} ${word}`) }
    })
    return publicSpace(parts, spaces.get(space))
  }

  app.openapi(hold, async (c) =>
    c.json(await apply(c.req.raw.headers, c.req.valid('param').space, holdSpace), 200),
  )
  app.openapi(resume, async (c) =>
    c.json(await apply(c.req.raw.headers, c.req.valid('param').space, resumeSpace), 200),
  )
}
