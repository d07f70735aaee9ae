// What others count, and where the export is. The numbers themselves are the stage's: control only passes on what an
// operator's tool read in somebody else's report, for the stage to write down in a column of its own.

import { createRoute } from '@hono/zod-openapi'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import {
  REPORTED_FRESH_MS,
  type ReportedAudience,
  type ReportedNumbers,
  reportedTopic,
  SOURCES_MAX,
} from '../../core/count/audience.ts'
import type { ControlApp, ControlParts } from './parts.ts'
import { byOperator, jsonBody, problems, spaceParams } from './route-words.ts'
import { reportedAudienceSchema } from './schemas.ts'

const report = createRoute({
  ...byOperator,
  method: 'post',
  path: '/api/v1/spaces/{space}/audience/reported',
  summary:
    'Tells how many somebody else counts, such as a CDN; shown beside our own numbers, never added to them',
  request: { params: spaceParams, body: jsonBody(reportedAudienceSchema) },
  responses: { 204: { description: `Shown until repeated, for ${REPORTED_FRESH_MS / 1000} s` }, ...problems },
})
const table = createRoute({
  method: 'get',
  path: '/api/v1/spaces/{space}/audience.csv',
  summary: 'The audience of the program, a line for each second; the public door serves it',
  request: { params: spaceParams },
  responses: {
    200: {
      description: 'At the public door. Lines that begin with # say what the table is',
      content: { 'text/csv': { schema: { type: 'string' as const } } },
    },
    307: { description: 'At the studio door: where the public door is' },
    ...problems,
  },
})

export function addAudienceRoutes(app: ControlApp, parts: ControlParts): void {
  const { callers, clock, spaces, engine } = parts
  const numbers = new Map<SpaceId, ReportedNumbers>()

  app.openapi(report, (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    const { space } = c.req.valid('param')
    const { phase } = spaces.get(space).facts
    if (phase === 'ended') throw new MimbarError('gone', 'This space has ended; its numbers are final.')
    const now = clock.wall()
    const next = withReport(numbers.get(space), c.req.valid('json'), now)
    // What nobody repeats is forgotten, so that this never holds more than what is told now.
    for (const [other, { sources }] of numbers)
      if (sources.every((one) => isStale(one, now))) numbers.delete(other)
    numbers.set(space, next)
    engine.feed.publish(reportedTopic(space), next)
    return c.body(null, 204)
  })

  app.openapi(table, (c) => {
    const { space } = c.req.valid('param')
    return c.redirect(`${parts.publicUrl}/api/v1/spaces/${spaces.get(space).facts.id}/audience.csv`, 307)
  })
}

function withReport(
  before: ReportedNumbers | undefined,
  { source, listeners }: ReportedAudience,
  now: WallMillis,
): ReportedNumbers {
  const others = (before?.sources ?? []).filter((one) => one.source !== source && !isStale(one, now))
  if (others.length >= SOURCES_MAX) {
    throw new MimbarError('conflict', `Numbers of ${SOURCES_MAX} sources are shown at most.`)
  }
  const sources = [...others, { source, listeners, atMs: now }]
  return { sources: sources.toSorted((a, b) => (a.source < b.source ? -1 : 1)) }
}

const isStale = ({ atMs }: { readonly atMs: WallMillis }, now: WallMillis): boolean =>
  now - atMs > REPORTED_FRESH_MS
