// The public API, passed on to control over its unix socket, in amounts that control can bear. Only reading, only
// without credentials: a cookie, an Authorization header or a body never crosses here, so nobody can use this door
// to guess secrets, to ride on somebody's session, or to change anything. All of that belongs to the studio door.
//
// Since answers are the same for everyone, one question a second reaches control, however large the crowd.

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { CLIENT_ADDRESS_HEADER } from '../../../core/api/api.ts'
import { asBody } from '../answers.ts'
import {
  PROXY_CACHE_ENTRIES_MAX,
  PROXY_CACHE_MS,
  PROXY_CONCURRENT_MAX,
  PROXY_RESPONSE_BYTES_MAX,
  PROXY_TIMEOUT_MS,
  PROXY_WAITING_MAX,
} from '../limits.ts'
import type { EdgeCounters } from '../metrics.ts'
import { RecentCache } from '../recent-cache.ts'
import { Turnstile } from '../turnstile.ts'

/** What control answered, of any status. */
export interface ControlAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Headers of control's answer that a client may see; everything else, cookies first of all, stays here. */
const ANSWER_HEADERS = ['Content-Type', 'Cache-Control', 'ETag', 'Retry-After', 'Content-Language'] as const
/** These do not depend on a query, so one that is added to them does not get around the cache. */
const WITHOUT_QUERY = /^\/api\/v1\/(?:spaces(?:\/[^/]+)?|openapi\.json)$/

export interface ControlProxyOptions {
  readonly controlSocket: string
  readonly counters: EdgeCounters
  readonly clock: Clock
}

export class ControlProxy {
  readonly #options: ControlProxyOptions
  readonly #answers: RecentCache<ControlAnswer>
  readonly #turns = new Turnstile({
    what: 'Control',
    concurrentMax: PROXY_CONCURRENT_MAX,
    waitingMax: PROXY_WAITING_MAX,
  })

  constructor(options: ControlProxyOptions) {
    this.#options = options
    this.#answers = new RecentCache({
      entriesMax: PROXY_CACHE_ENTRIES_MAX,
      keptMs: PROXY_CACHE_MS,
      clock: options.clock,
    })
  }

  /** Answers GET and HEAD below `/api/v1/`. Throws `unavailable` when control does not answer in time. */
  async pass(request: Request, url: URL, clientAddress: string): Promise<Response> {
    const target = WITHOUT_QUERY.test(url.pathname) ? url.pathname : url.pathname + url.search
    const { counters } = this.#options
    let isAsked = false
    const answer = await this.#answers.get(target, () => {
      isAsked = true
      return this.ask(target, clientAddress)
    })
    if (!isAsked) counters.proxyCacheHits += 1
    return new Response(request.method === 'HEAD' ? null : asBody(answer.body), {
      status: answer.status,
      headers: { ...answer.headers, 'X-Content-Type-Options': 'nosniff' },
    })
  }

  /** Asks control itself, in its turn; for who keeps the answer in a way of their own. `unavailable` likewise. */
  async ask(target: string, clientAddress: string): Promise<ControlAnswer> {
    const { counters } = this.#options
    let isStarted = false
    try {
      return await this.#turns.pass(async () => {
        isStarted = true
        const answer = await this.#fetch(target, clientAddress)
        counters.proxied += 1
        return answer
      })
    } catch (error) {
      if (isStarted) counters.proxyFailed += 1
      else counters.proxyRefused += 1
      if (error instanceof MimbarError) throw error
      throw new MimbarError('unavailable', 'The API does not answer right now; streams go on.', {
        cause: error,
      })
    }
  }

  async #fetch(target: string, clientAddress: string): Promise<ControlAnswer> {
    const answer = await fetch(`http://control${target}`, {
      unix: this.#options.controlSocket,
      headers: { Accept: 'application/json', [CLIENT_ADDRESS_HEADER]: clientAddress },
      redirect: 'manual',
      signal: AbortSignal.timeout(PROXY_TIMEOUT_MS),
    })
    const headers: Record<string, string> = {}
    for (const name of ANSWER_HEADERS) {
      const value = answer.headers.get(name)
      if (value !== null) headers[name] = value
    }
    return { status: answer.status, headers, body: await boundedBody(answer) }
  }
}

async function boundedBody(answer: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of answer.body ?? []) {
    bytes += piece.length
    if (bytes > PROXY_RESPONSE_BYTES_MAX) {
      throw new MimbarError('unavailable', 'The answer is too large for the public door.')
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
