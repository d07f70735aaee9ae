// What the engine answers over HTTP. Numbers and names are checked by the engine itself; here JSON becomes values.
//
//   PUT    /log/:space              JsonSpec → 204                     open
//   GET    /log/:space              → JSON LogHead                     head
//   DELETE /log/:space              → 204                              forget
//   POST   /log/:space/parts        one record → 204                   append
//   GET    /log/:space/parts        ?from&to → frames                  read
//   GET    /log/:space/held         ?from&to → JSON HeldRange[]        held
//   GET    /log/:space/tail         ?from=n, or ?burst=n → frames      tail
//   POST   /log/:space/keep         {from, writer} → 204               keepFrom
//   POST   /log/:space/end          {writer} → 204                     end
//   POST   /feed                    [{topic, value}…] → 204            publish
//   GET    /feed                    ?prefix → JSON lines               subscribe
//   POST   /lease/:space/acquire    {holder, ttlMs, over?} → JSON LeaseAnswer
//   POST   /lease/:space/renew      {epoch, ttlMs} → {renewed}
//   POST   /lease/:space/release    {epoch} → 204
//   GET    /lease/:space            → {holder?: LeaseHolder}
//   GET    /roster/fact             ?key → {fact?: RosterFact}
//   PUT    /roster/fact             ?key&revision, JSON → {revision}
//   DELETE /roster/fact             ?key&revision → 204
//   GET    /roster                  ?prefix → JSON RosterFact[]
//   GET    /roster/watch            ?prefix → JSON lines: RosterFact…, {synced: true}, RosterFact…
//
// Every failure is an RFC 9457 problem; within frames it is the last one.

import { hasCode, MimbarError } from '../../../base/errors.ts'
import { parseSpaceId, type SpaceId } from '../../../base/ids.ts'
import { epoch, millis, sequence } from '../../../base/units.ts'
import { RECORD_BYTES_MAX, RECORD_PREFIX_BYTES } from '../../../core/part/part.ts'
import { problemOf } from '../../../core/problem/problem.ts'
import type { Engine, RosterFact, TailItem, TailStart } from '../../ports.ts'
import { checkPrefix } from '../json-value.ts'
import { partOf } from '../store/records.ts'
import { specFromJson, specToJson } from '../store/spec-json.ts'
import { encodeFrame, type Frame } from './frames.ts'
import { HEARTBEAT_LINE, jsonLine } from './json-lines.ts'
import { pulledBody, withHeartbeat } from './streams.ts'

/** The largest body there is: a spec of every track, or a batch of feed values. */
export const BODY_BYTES_MAX = 1024 * 1024
const NO_CONTENT = { status: 204 }

interface Call {
  readonly engine: Engine
  readonly request: Request
  readonly query: URLSearchParams
  readonly space: SpaceId
}

type Handler = (call: Call) => Promise<Response>

const ROUTES: Readonly<Record<string, Handler>> = {
  'PUT /log/:space': async ({ engine, request, space }) => {
    await engine.log.open(space, specFromJson(await jsonOf(request)))
    return new Response(null, NO_CONTENT)
  },
  'GET /log/:space': async ({ engine, space }) => {
    const { tracks, gridStartMs, ringParts, ...head } = await engine.log.head(space)
    return Response.json({ ...head, spec: specToJson({ tracks, gridStartMs, ringParts }) })
  },
  'DELETE /log/:space': async ({ engine, space }) => {
    await engine.log.forget(space)
    return new Response(null, NO_CONTENT)
  },
  'POST /log/:space/parts': async ({ engine, request, space }) => {
    await engine.log.append(space, partOf(await bytesOf(request, RECORD_PREFIX_BYTES + RECORD_BYTES_MAX)))
    return new Response(null, NO_CONTENT)
  },
  'GET /log/:space/parts': async ({ engine, query, space }) => {
    const [from, to] = [sequence(numberOf(query, 'from')), sequence(numberOf(query, 'to'))]
    const abort = new AbortController()
    return framed(readFrames(engine.log.read(space, from, to, abort.signal)), abort)
  },
  'GET /log/:space/held': async ({ engine, query, space }) => {
    const [from, to] = [sequence(numberOf(query, 'from')), sequence(numberOf(query, 'to'))]
    return Response.json(await engine.log.held(space, from, to))
  },
  'GET /log/:space/tail': async ({ engine, query, space }) => {
    const start: TailStart = query.has('burst')
      ? { kind: 'live', burstParts: numberOf(query, 'burst') }
      : { kind: 'sequence', from: sequence(numberOf(query, 'from')) }
    const abort = new AbortController()
    return framed(engine.log.tail(space, start, abort.signal), abort)
  },
  'POST /log/:space/keep': async ({ engine, request, space }) => {
    const { from, writer } = await objectOf(request)
    await engine.log.keepFrom(space, sequence(Number(from)), epoch(Number(writer)))
    return new Response(null, NO_CONTENT)
  },
  'POST /log/:space/end': async ({ engine, request, space }) => {
    const { writer } = await objectOf(request)
    await engine.log.end(space, epoch(Number(writer)))
    return new Response(null, NO_CONTENT)
  },
  'POST /feed': async ({ engine, request }) => {
    const batch = await jsonOf(request)
    if (!Array.isArray(batch)) throw new MimbarError('bad-request', 'A list of values is needed.')
    for (const item of batch) engine.feed.publish(item?.topic, item?.value)
    return new Response(null, NO_CONTENT)
  },
  'GET /feed': async ({ engine, query }) => {
    const abort = new AbortController()
    return lines(engine.feed.subscribe(prefixOf(query), abort.signal), abort)
  },
  'POST /lease/:space/acquire': async ({ engine, request, space }) => {
    const { holder, ttlMs, over } = await objectOf(request)
    const answer = await engine.lease.acquire({
      space,
      holder: String(holder ?? ''),
      ttl: millis(Number(ttlMs)),
      ...(over === undefined ? {} : { over: epoch(Number(over)) }),
    })
    return Response.json(answer)
  },
  'POST /lease/:space/renew': async ({ engine, request, space }) => {
    const { epoch: held, ttlMs } = await objectOf(request)
    return Response.json({
      renewed: await engine.lease.renew(space, epoch(Number(held)), millis(Number(ttlMs))),
    })
  },
  'POST /lease/:space/release': async ({ engine, request, space }) => {
    const { epoch: held } = await objectOf(request)
    await engine.lease.release(space, epoch(Number(held)))
    return new Response(null, NO_CONTENT)
  },
  'GET /lease/:space': async ({ engine, space }) =>
    Response.json({ holder: await engine.lease.holder(space) }),
  'GET /roster/fact': async ({ engine, query }) =>
    Response.json({ fact: await engine.roster.get(query.get('key') ?? '') }),
  'PUT /roster/fact': async ({ engine, request, query }) => {
    const value = await jsonOf(request)
    return Response.json({
      revision: await engine.roster.put(query.get('key') ?? '', value, numberOf(query, 'revision')),
    })
  },
  'DELETE /roster/fact': async ({ engine, query }) => {
    await engine.roster.delete(query.get('key') ?? '', numberOf(query, 'revision'))
    return new Response(null, NO_CONTENT)
  },
  'GET /roster': async ({ engine, query }) => Response.json(await engine.roster.list(prefixOf(query))),
  'GET /roster/watch': async ({ engine, query }) => {
    const abort = new AbortController()
    return lines(watchWithMark(engine, prefixOf(query), abort.signal), abort)
  },
}

const SPACE_PATH = /^\/(log|lease)\/([^/]+)(\/[a-z]+)?$/

/** Answers one request; never throws. */
export async function answer(engine: Engine, request: Request): Promise<Response> {
  try {
    const { pathname, searchParams: query } = new URL(request.url)
    const match = SPACE_PATH.exec(pathname)
    const path = match === null ? pathname : `/${match[1]}/:space${match[3] ?? ''}`
    const key = `${request.method} ${path}`
    const handler = Object.hasOwn(ROUTES, key) ? ROUTES[key] : undefined
    if (handler === undefined) throw new MimbarError('not-found', `The engine has no ${key}.`)
    // Routes without a space in their path do not look at it.
    const space = match === null ? ('' as SpaceId) : parseSpaceId(match[2])
    return await handler({ engine, request, query, space })
  } catch (error) {
    return problemResponse(error)
  }
}

export function problemResponse(error: unknown): Response {
  // Bytes from outside that are no record are the caller's mistake, not damage to what we store.
  const shown = hasCode(error, 'corrupt') ? new MimbarError('bad-request', error.message) : error
  const problem = problemOf(shown)
  if (problem.status >= 500 && !(error instanceof MimbarError)) console.error('log: a call failed:', error)
  return Response.json(problem, {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json' },
  })
}

async function* readFrames(parts: ReturnType<Engine['log']['read']>): AsyncGenerator<Frame> {
  for await (const part of parts) yield { kind: 'part', part }
  yield { kind: 'complete' }
}

// The first item is awaited, so that `not-found` and its like are answers with a status.
async function framed(items: AsyncIterable<Frame | TailItem>, abort: AbortController): Promise<Response> {
  const iterator = items[Symbol.asyncIterator]()
  const first = await iterator.next()
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (let item = first; !item.done; item = await iterator.next()) yield encodeFrame(item.value)
    } catch (error) {
      yield encodeFrame({ kind: 'problem', problem: problemOf(error) })
    } finally {
      await iterator.return?.()
    }
  }
  return new Response(pulledBody(chunks(), abort), {
    headers: { 'content-type': 'application/octet-stream' },
  })
}

function lines(documents: AsyncIterable<unknown>, abort: AbortController): Response {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    // At once, so that the reader knows that it is connected.
    yield HEARTBEAT_LINE
    for await (const document of documents) yield jsonLine(document)
  }
  const body = withHeartbeat(chunks(), HEARTBEAT_LINE, abort.signal)
  return new Response(pulledBody(body, abort), { headers: { 'content-type': 'application/x-ndjson' } })
}

// Whoever reconnects must learn what was deleted meanwhile: everything that has not come before the mark.
async function* watchWithMark(
  engine: Engine,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<RosterFact | { synced: true }> {
  const facts = engine.roster.watch(prefix, signal)[Symbol.asyncIterator]()
  // Asked for before the list is: what is listed comes, or is told to be deleted.
  const first = facts.next()
  const left = new Set((await engine.roster.list(prefix)).map((fact) => fact.key))
  if (left.size === 0) yield { synced: true }
  for (let next = await first; !next.done; next = await facts.next()) {
    yield next.value
    if (left.delete(next.value.key) && left.size === 0) yield { synced: true }
  }
}

async function bytesOf(request: Request, bytesMax: number): Promise<Uint8Array> {
  const body = new Uint8Array(await request.arrayBuffer())
  if (body.length <= bytesMax) return body
  throw new MimbarError('too-large', `A body here has at most ${bytesMax} bytes.`)
}

async function jsonOf(request: Request): Promise<unknown> {
  const body = await bytesOf(request, BODY_BYTES_MAX)
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown
  } catch (cause) {
    throw new MimbarError('bad-request', 'The body is not JSON.', { cause })
  }
}

async function objectOf(request: Request): Promise<Record<string, unknown>> {
  const value = await jsonOf(request)
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new MimbarError('bad-request', 'A JSON object is needed.')
}

// Checked here: a stream that has begun has no status to say it with.
function prefixOf(query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  checkPrefix(prefix)
  return prefix
}

function numberOf(query: URLSearchParams, name: string): number {
  const text = query.get(name)
  if (text !== null && /^\d{1,16}$/.test(text)) return Number(text)
  throw new MimbarError('bad-request', `"${name}" is a whole number.`)
}
