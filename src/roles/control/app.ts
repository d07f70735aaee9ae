// The studio door as one application: the order of its checks, and how everything that goes wrong is told. Served
// on two listeners (`listeners.ts`): TCP for people with a seat, a unix socket for edges that pass requests on.

import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { MimbarError } from '../../base/errors.ts'
import { PROBLEM_TYPE, problemOf } from '../../core/problem/problem.ts'
import { stackOf } from '../../host/announce.ts'
import { addAudienceRoutes } from './audience-routes.ts'
import { addCardRoutes } from './cards/card-routes.ts'
import { addHandRoutes } from './hands/hand-routes.ts'
import { addHoldRoutes } from './hold-routes.ts'
import { addOperationRoutes } from './operation-routes.ts'
import { addOperatorRoutes } from './operator-routes.ts'
import { isSafeMethod } from './origins.ts'
import { addPageRoutes } from './page-routes.ts'
import type { ControlApp, ControlParts } from './parts.ts'
import { addPictureRoutes, isUpload } from './picture-routes.ts'
import { type ControlEnv, readBody, UnreadBody } from './request.ts'
import { addRoomRoutes } from './room-routes.ts'
import { addSecuritySchemes } from './route-words.ts'
import { addSeatRoutes } from './seat-routes.ts'
import { addSoundCheckRoutes } from './sound-check-routes.ts'
import { addSpaceRoutes } from './space-routes.ts'
import { addStageRoutes } from './stage-routes.ts'
import { addNodeRoutes } from './watch/node-routes.ts'
import { addWhipCors } from './whip-cors.ts'

/** Builds the application; it holds nothing but `parts`. */
export function createControlApp(parts: ControlParts): ControlApp {
  const app: ControlApp = new OpenAPIHono<ControlEnv>({
    defaultHook: (result) => {
      if (result.success) return
      const issue = result.error.issues[0]
      const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
      throw new MimbarError('bad-request', `${where}${issue?.message ?? 'The request is not as described.'}`)
    },
  })
  addWhipCors(app)
  addChecks(app, parts)
  addOperationRoutes(app, parts)
  addOperatorRoutes(app, parts)
  addNodeRoutes(app, parts)
  addSpaceRoutes(app, parts)
  addHoldRoutes(app, parts)
  addAudienceRoutes(app, parts)
  addSeatRoutes(app, parts)
  addRoomRoutes(app, parts)
  addHandRoutes(app, parts)
  // Before the stage's, which refuse every method that a session does not have.
  addSoundCheckRoutes(app, parts)
  addStageRoutes(app, parts)
  addPictureRoutes(app, parts)
  addCardRoutes(app, parts)
  addPageRoutes(app, parts)
  addSecuritySchemes(app)
  app.doc31('/api/v1/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Mimbar', version: '1', description: 'Spaces, seats and stage signalling.' },
  })
  app.notFound((c) => {
    throw new MimbarError('not-found', `There is nothing at ${c.req.path} for ${c.req.method}.`)
  })
  addProblems(app, parts)
  return app
}

function addChecks(app: ControlApp, parts: ControlParts): void {
  app.use(async (c, next) => {
    await next()
    parts.meters.answered(c.res.status)
    c.res.headers.set('x-content-type-options', 'nosniff')
    c.res.headers.set('referrer-policy', 'no-referrer')
    c.res.headers.set('cross-origin-resource-policy', 'same-origin')
    c.res.headers.set('cross-origin-opener-policy', 'same-origin')
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
    if (!c.res.headers.has('content-security-policy')) {
      c.res.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    }
  })
  app.use(async (c, next) => {
    if (isSafeMethod(c.req.method)) return next()
    const origin = c.req.header('origin')
    const hasToken = c.req.header('authorization') !== undefined
    // An edge passes nothing on but raised hands, and has made sure of the page that sent them.
    const isEdge = c.env.door === 'edge'
    if (!isEdge && !hasToken && (origin === undefined || !parts.origins.has(origin))) {
      throw new MimbarError(
        'forbidden',
        'Changes need a Bearer token, or an Origin that is one of our doors (see --public-url and --studio-url).',
      )
    }
    if (isUpload(c.req.method, c.req.path)) return next()
    const body = await readBody(c.req.raw, parts.clock, parts.patience.bodyMs)
    c.set('bodyText', body)
    // The validators read the request's body, which was just consumed: give them one that is already here.
    c.req.raw = new Request(c.req.raw.url, {
      method: c.req.method,
      headers: c.req.raw.headers,
      signal: c.req.raw.signal,
      ...(body === '' ? {} : { body }),
    })
    return next()
  })
}

function addProblems(app: ControlApp, { callers, log, soundChecks }: ControlParts): void {
  app.onError((thrown, c) => {
    const error = thrown instanceof HTTPException ? fromHono(thrown) : thrown
    const problem = problemOf(error)
    if (problem.code === 'internal') log(`control bug at ${c.req.method} ${c.req.path}: ${stackOf(thrown)}`)
    const close = error instanceof UnreadBody ? { connection: 'close' } : {}
    const waitMs =
      problem.status === 429 ? Math.max(callers.waitMs(c.env.address), soundChecks.waitMs(c.env.address)) : 0
    const isTransient = problem.status === 429 || problem.status === 503
    return c.body(JSON.stringify(problem), problem.status as 400, {
      'content-type': PROBLEM_TYPE,
      ...close,
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(isTransient ? { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) } : {}),
    })
  })
}

/** What Hono's own validators throw, in our words. */
function fromHono(error: HTTPException): Error {
  if (error.status === 400) return new MimbarError('bad-request', 'The body is not JSON.', { cause: error })
  if (error.status === 415) {
    return new MimbarError('unsupported', 'The body must be application/json.', { cause: error })
  }
  return error
}
