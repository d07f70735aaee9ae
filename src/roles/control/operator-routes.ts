// The operator's link and session.

import { createRoute } from '@hono/zod-openapi'
import { deleteCookie, setCookie } from 'hono/cookie'
import { type WallMillis, wallMillis } from '../../base/units.ts'
import { LINK_FRAGMENT } from '../../core/api/api.ts'
import { COOKIE_MAX_AGE_S, OPERATOR_COOKIE } from './callers.ts'
import { type ControlApp, type ControlParts, isSecure } from './parts.ts'
import { credentialsOf } from './request.ts'
import { byOperator, json, jsonBody, problems } from './route-words.ts'
import { linkSchema, operatorSecretSchema } from './schemas.ts'
import type { SecretStore } from './secrets.ts'

const path = '/api/v1/operator/session'

const createSession = createRoute({
  method: 'post',
  path,
  summary: "Exchanges the operator's secret, or this machine's token, for a cookie",
  request: { body: jsonBody(operatorSecretSchema) },
  responses: { 204: { description: 'The cookie is set' }, ...problems },
})
const readSession = createRoute({
  ...byOperator,
  method: 'get',
  path,
  summary: 'Tells whether the caller is the operator',
  responses: { 204: { description: 'Yes' }, ...problems },
})
const deleteSession = createRoute({
  method: 'delete',
  path,
  summary: "Ends the cookie's session",
  responses: { 204: { description: 'Ended' }, ...problems },
})
const createLink = createRoute({
  ...byOperator,
  method: 'post',
  path: '/api/v1/operator/link',
  summary: 'Makes a new operator link; the old one and every session of it stop working',
  responses: { 201: json('Shown once', linkSchema), ...problems },
})

/** Issues the operator's secret, revoking the one before it and its sessions. Returns the link that carries it. */
export function issueOperatorLink(secrets: SecretStore, studioUrl: string, now: WallMillis): string {
  secrets.revoke({ kind: 'operator' }, now)
  secrets.revoke({ kind: 'operator-session' }, now)
  return `${studioUrl}/operator#${LINK_FRAGMENT.operator}=${secrets.issue({ kind: 'operator' }, now)}`
}

export function addOperatorRoutes(app: ControlApp, parts: ControlParts): void {
  const { callers, clock, spaces } = parts

  app.openapi(createSession, (c) => {
    if (!callers.isOperatorSecret(c.req.valid('json').secret)) {
      callers.refuse(c.env.address, 'This operator link does not work (any more).')
    }
    const now = clock.wall()
    const session = spaces.secrets.issue(
      { kind: 'operator-session' },
      now,
      wallMillis(now + COOKIE_MAX_AGE_S * 1000),
    )
    spaces.secrets.prune(now)
    setCookie(c, OPERATOR_COOKIE, session, {
      path: '/api/v1',
      httpOnly: true,
      sameSite: 'Strict',
      secure: isSecure(parts),
      maxAge: COOKIE_MAX_AGE_S,
    })
    return c.body(null, 204)
  })

  app.openapi(readSession, (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    return c.body(null, 204)
  })

  app.openapi(deleteSession, (c) => {
    const credentials = credentialsOf(c.req.raw.headers)
    const session = credentials.kind === 'cookies' ? credentials.cookies.get(OPERATOR_COOKIE) : undefined
    if (session !== undefined) {
      spaces.secrets.revokeOne({ kind: 'operator-session' }, session, clock.wall())
      deleteCookie(c, OPERATOR_COOKIE, { path: '/api/v1', secure: isSecure(parts) })
    }
    return c.body(null, 204)
  })

  app.openapi(createLink, (c) => {
    callers.requireOperator(c.req.raw.headers, c.env.address)
    const url = spaces.inTransaction(() => issueOperatorLink(spaces.secrets, parts.studioUrl, clock.wall()))
    return c.json({ url }, 201)
  })
}
