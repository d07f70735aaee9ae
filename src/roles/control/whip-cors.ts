// Pages of other sites may publish into a seat: RFC 9725, section 4.2, has WHIP resources support CORS (Fetch
// standard). That gives such a page nothing but what any program on the internet has: whoever publishes shows a Bearer
// token, and no page can make a browser send one that it does not know. The wildcard keeps cookies out of it: a
// browser shows no page the answer to a request with credentials, and makes none that needs a preflight, as an offer
// and a DELETE do. Everything else at this door stays closed to other origins.

import type { ControlApp } from './parts.ts'

/** The endpoint and its sessions; sound checks, relays and views belong to our own pages, and are not WHIP. */
const WHIP_RESOURCE = /^\/api\/v1\/spaces\/[^/]+\/stage(\/(?!check$|events$|relays$)[^/]+)?$/

/** What a client may read of every answer, refusals included: else it could not tell why it may not publish. */
const ANSWER = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Location, ETag, Link, Accept-Patch, Accept-Post, Allow, Retry-After',
} as const

const PREFLIGHT_HEADERS = 'Authorization, Content-Type, If-Match'
/** A day: the answer never changes. Browsers cut it down to what they think right. */
const PREFLIGHT_MAX_AGE_S = 86_400

/** Adds CORS to WHIP's answers. To be called ahead of everything that may refuse a request. */
export function addWhipCors(app: ControlApp): void {
  app.use('/api/v1/spaces/*', async (c, next) => {
    await next()
    const resource = WHIP_RESOURCE.exec(c.req.path)
    if (resource === null) return
    const { headers } = c.res
    for (const [name, value] of Object.entries(ANSWER)) headers.set(name, value)
    if (c.req.method !== 'OPTIONS') return
    // PATCH too: clients that trickle understand its 405, but not that a browser kept them from asking.
    headers.set('access-control-allow-methods', resource[1] === undefined ? 'POST' : 'PATCH, DELETE')
    headers.set('access-control-allow-headers', PREFLIGHT_HEADERS)
    headers.set('access-control-max-age', String(PREFLIGHT_MAX_AGE_S))
  })
}
