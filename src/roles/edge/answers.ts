// How this door answers: problems, bytes with a validator, and the headers that every answer of a kind has.
// Nothing here ever sets a cookie.

import { hasCode } from '../../base/errors.ts'
import { NoRoom, TooMany } from '../../core/door/no-room.ts'
import { PROBLEM_TYPE, problemOf } from '../../core/problem/problem.ts'

/** Media may be fetched by any page. */
export const MEDIA_CORS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'ETag, Retry-After',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'X-Content-Type-Options': 'nosniff',
}

/** Cache-Control of each kind of object. */
export const CACHE = {
  never: 'no-store',
  /** The list of renditions: players load it once, and new sessions may be told otherwise a moment later. */
  multivariant: 'public, max-age=2',
  /** A list that grows: half a target duration (RFC 8216bis, appendix B). */
  livePlaylist: 'public, max-age=1',
  /** A list that has what its URL asks for, now and for ever: six target durations (the same). */
  blockingPlaylist: 'public, max-age=12',
  endedPlaylist: 'public, max-age=60',
  /** A URL that names one content for ever. */
  immutable: 'public, max-age=31536000, immutable',
  /**
   * Media, of which the same is true: its `v` says which log and which writer. Caches that many share ask again after
   * ten minutes all the same, so that what is withheld does not live on in them.
   */
  media: 'public, max-age=31536000, s-maxage=600, immutable',
  /** The same bytes under a URL that a later space of the same id could reuse. */
  unversioned: 'public, max-age=10',
  /** How long the line before the door is: the same for everybody. */
  line: 'public, max-age=1',
  /** A link's card: what changes it changes its address as well. */
  card: 'public, max-age=300',
  /** An event for a calendar, which says when it was made. */
  calendar: 'public, max-age=60',
  /** What is not there yet may be there in a second. */
  missing: 'public, max-age=1',
} as const

/** Seconds after which an overloaded or restarting server is worth asking again. */
const RETRY_AFTER_S = '2'

/** The problem document of any thrown value, with headers of its own. */
export function problemResponse(error: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const problem = problemOf(error)
  const isTransient = hasCode(error, 'unavailable') || hasCode(error, 'too-many')
  const told = error instanceof NoRoom ? { ...problem, place: error.place, line: error.line } : problem
  return new Response(JSON.stringify(told), {
    status: problem.status,
    headers: {
      'Content-Type': PROBLEM_TYPE,
      'Cache-Control': CACHE.never,
      'X-Content-Type-Options': 'nosniff',
      ...(isTransient ? { 'Retry-After': RETRY_AFTER_S } : {}),
      ...doorHeaders(error),
      ...headers,
    },
  })
}

function doorHeaders(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof TooMany) return { 'Retry-After': String(error.retryAfterS) }
  if (!(error instanceof NoRoom)) return {}
  const ending = error.endsConnection ? { Connection: 'close' } : undefined
  return { 'Retry-After': String(error.retryAfterS), ...ending }
}

/** A method that this address does not have (RFC 9110, section 15.5.6). Whatever body it came with is not waited for. */
export function methodRefused(allow: string, detail: string): Response {
  const problem = {
    type: 'urn:mimbar:problem:method',
    title: 'Method not allowed',
    status: 405,
    code: 'method',
    detail,
  }
  return new Response(JSON.stringify(problem), {
    status: 405,
    headers: {
      'Content-Type': PROBLEM_TYPE,
      Allow: allow,
      'Cache-Control': CACHE.never,
      Connection: 'close',
    },
  })
}

export interface BytesAnswer {
  readonly body: Uint8Array
  readonly contentType: string
  readonly cacheControl: string
  /** Strong, with its quotes. */
  readonly etag: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers GET and HEAD with `answer`, or 304 when the client has it (RFC 9110, section 13.1.2). */
export function bytesResponse(request: Request, answer: BytesAnswer): Response {
  const headers = { ...answer.headers, 'Cache-Control': answer.cacheControl, ETag: answer.etag }
  if (matchesEtag(request.headers.get('If-None-Match'), answer.etag)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(request.method === 'HEAD' ? null : asBody(answer.body), {
    headers: {
      ...headers,
      'Content-Type': answer.contentType,
      'Content-Length': String(answer.body.length),
    },
  })
}

function matchesEtag(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((candidate) => {
    const tag = candidate.trim()
    return tag === '*' || tag === etag || tag === `W/${etag}`
  })
}

/** An ETag by content. */
export function etagOf(body: Uint8Array): string {
  return `"${Bun.hash(body).toString(36)}"`
}

/** Track bytes may be views into shared memory as far as types know; they never are. */
export const asBody = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>

export type Encoding = 'br' | 'gzip' | 'identity'

/** The best encoding that the client takes (RFC 9110, section 12.5.3; a quality of 0 refuses). */
export function encodingFor(request: Request): Encoding {
  const accepted = new Set<string>()
  for (const item of (request.headers.get('Accept-Encoding') ?? '').split(',')) {
    const [name = '', ...parameters] = item.split(';').map((piece) => piece.trim().toLowerCase())
    if (!parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) accepted.add(name)
  }
  if (accepted.has('br')) return 'br'
  return accepted.has('gzip') ? 'gzip' : 'identity'
}
