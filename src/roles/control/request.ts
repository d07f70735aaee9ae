// What a handler may know of a request before it looks at the words: who sent it, through which door, with what
// credentials. One file, because every trust decision of the border is made on it.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'

/** How a request came in. `edge`: over the unix socket, from an edge of ours that names the client. */
export interface Arrival {
  readonly door: 'studio' | 'edge'
  /** The client's IP address; `unknown` when nobody can tell. */
  readonly address: string
}

/** Hono's environment for every route of control. */
export interface ControlEnv {
  readonly Bindings: Arrival
  readonly Variables: {
    /** The body as text, when the request had one. */
    bodyText: string
  }
}

/** What a request shows to prove who sent it. A Bearer token, once there, is all that counts. */
export type Credentials =
  | { readonly kind: 'bearer'; readonly secret: string }
  | { readonly kind: 'cookies'; readonly cookies: ReadonlyMap<string, string> }

/**
 * A body that was not read whole. What is left of it would be taken for the next request: the connection ends with the
 * answer, whatever the client goes on to send.
 */
export class UnreadBody extends MimbarError {}

/** Request bodies are JSON of a few fields, or one SDP offer. */
export const BODY_BYTES_MAX = 64 * 1024
/** More cookies than this in one request are not all ours; the rest is not read. */
const COOKIES_MAX = 64

/** Reads `Authorization` and, only without one, `Cookie`. `unauthorized` for a scheme other than Bearer. */
export function credentialsOf(headers: Headers): Credentials {
  const authorization = headers.get('authorization')
  if (authorization === null) return { kind: 'cookies', cookies: parseCookies(headers.get('cookie') ?? '') }
  const [scheme = '', secret = '', ...rest] = authorization.trim().split(/ +/)
  if (scheme.toLowerCase() !== 'bearer' || secret === '' || rest.length > 0) {
    throw new MimbarError('unauthorized', 'Only `Authorization: Bearer <token>` is understood here.')
  }
  return { kind: 'bearer', secret }
}

function parseCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of header.split(';', COOKIES_MAX)) {
    const at = pair.indexOf('=')
    if (at > 0) cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
  }
  return cookies
}

/**
 * The text of a request's body. `too-large` beyond {@link BODY_BYTES_MAX}, told before reading where the length is
 * announced; `bad-request` when it is not UTF-8 or does not arrive within `patienceMs`.
 */
export async function readBody(request: Request, clock: Clock, patienceMs: number): Promise<string> {
  const bytes = await readBytes(request, { clock, bytesMax: BODY_BYTES_MAX, patienceMs })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new MimbarError('bad-request', 'The body is not UTF-8.', { cause })
  }
}

/** A request's body. `too-large` beyond `bytesMax`, `bad-request` as above. */
export async function readBytes(
  request: Request,
  limit: { readonly clock: Clock; readonly bytesMax: number; readonly patienceMs: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const { clock, bytesMax } = limit
  const tooLarge = () => new UnreadBody('too-large', `The body may have ${bytesMax} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge()
  if (request.body === null) return new Uint8Array()
  const reader = request.body.getReader()
  const deadline = clock.now() + limit.patienceMs
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const chunk = await within(reader.read(), deadline - clock.now())
      if (chunk.done) return new Uint8Array(Buffer.concat(pieces, length))
      length += chunk.value.length
      if (length > bytesMax) throw tooLarge()
      pieces.push(chunk.value)
    }
  } catch (cause) {
    // Frees the socket's buffer; whether the client hears of it does not matter any more.
    reader.cancel().catch(() => {})
    if (cause instanceof UnreadBody) throw cause
    throw new UnreadBody('bad-request', 'The body did not arrive whole.', { cause })
  }
}

async function within<T>(work: Promise<T>, leftMs: number): Promise<T> {
  let timer: Timer | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new UnreadBody('bad-request', 'The body took too long to arrive.')
    timer = setTimeout(() => reject(error), Math.max(0, leftMs))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
