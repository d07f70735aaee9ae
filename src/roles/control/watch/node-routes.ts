// What the operator page polls, and the test of the alarm webhook.

import { createRoute } from '@hono/zod-openapi'
import type { ControlApp, ControlParts } from '../parts.ts'
import { byOperator, json, problems } from '../route-words.ts'
import { nodeViewSchema } from './node-schemas.ts'

const readNode = createRoute({
  ...byOperator,
  method: 'get',
  path: '/api/v1/node',
  summary: 'Everything that people on duty look at, as of the last second',
  responses: { 200: json('The node now', nodeViewSchema), ...problems },
})
const testAlarm = createRoute({
  ...byOperator,
  method: 'post',
  path: '/api/v1/node/alarm-test',
  summary: 'Posts a test alarm to the webhook, once',
  responses: { 204: { description: 'It was delivered' }, ...problems },
})

export function addNodeRoutes(app: ControlApp, { callers, node }: ControlParts): void {
  app.openapi(readNode, (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    return c.json(node.view(), 200)
  })

  app.openapi(testAlarm, async (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    await node.testWebhook()
    return c.body(null, 204)
  })
}
