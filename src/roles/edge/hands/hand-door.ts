// Raised hands on their way from a listener's page to control: the second thing, after a page's report, that the
// public door takes (decision 0022). What can be refused is refused here: hands that are closed, by the facts that
// every edge has; other sites' pages; too much from one address, and too much in all. What is left reaches control
// through a turnstile of its own, so that no crowd of hands is in the way of those who read, nor of control.

import type { Clock } from '../../../base/clock.ts'
import { hasCode, MimbarError } from '../../../base/errors.ts'
import { parseHandId } from '../../../base/ids.ts'
import { CLIENT_ADDRESS_HEADER } from '../../../core/api/api.ts'
import { addressBlock } from '../../../core/attempts/attempt-limit.ts'
import { TooMany } from '../../../core/door/no-room.ts'
import { type BucketBudget, TokenBuckets } from '../../../core/door/token-buckets.ts'
import { requireHandsOpen } from '../../../core/hand/hands.ts'
import { parseName } from '../../../core/seat/seats.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { CACHE, methodRefused } from '../answers.ts'
import { PROXY_TIMEOUT_MS } from '../limits.ts'
import { requireOwnPage } from '../own-page.ts'
import { SmallBodies } from '../small-bodies.ts'
import { Turnstile } from '../turnstile.ts'
import type { HandCounters } from './hand-counters.ts'

/** Raised from one address: a household at once, then one every ten seconds. */
export const RAISES_PER_ADDRESS: BucketBudget = { perSecond: 0.1, burst: 6 }
/** Asked for from one address: twenty hands that ask every four seconds, and room to spare. */
export const ASKS_PER_ADDRESS: BucketBudget = { perSecond: 10, burst: 40 }
/** Of all addresses together, at this edge. */
export const RAISES_IN_ALL: BucketBudget = { perSecond: 20, burst: 60 }
export const ASKS_IN_ALL: BucketBudget = { perSecond: 200, burst: 400 }
/** Addresses whose rates are remembered; the one quiet for longest is forgotten. */
const ADDRESSES_MAX = 4_096
/** Hands at control at the same time, and how many may wait for their turn; beyond it, 503. */
const CONCURRENT_MAX = 8
const WAITING_MAX = 64
/** A name of 40 characters in JSON. */
export const HAND_BODY_BYTES_MAX = 1_024
const BODY_WITHIN_MS = 3_000
/** Bodies that are awaited at the same time; beyond it, 503. */
const READING_MAX = 64
/** An answer of control is a few short fields, or a problem. */
const ANSWER_BYTES_MAX = 16 * 1024
/** A token of ours has 27 characters. */
const AUTHORIZATION = /^Bearer [\w-]{1,128}$/i
const ANSWER_HEADERS = ['Content-Type', 'Retry-After', 'WWW-Authenticate'] as const

export interface HandDoorOptions {
  readonly controlSocket: string
  readonly counters: HandCounters
  readonly clock: Clock
}

interface Passed {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly address: string
  readonly authorization?: string
  readonly body?: string
}

export class HandDoor {
  readonly #options: HandDoorOptions
  readonly #raises = new TokenBuckets(ADDRESSES_MAX)
  readonly #asks = new TokenBuckets(ADDRESSES_MAX)
  readonly #turns = new Turnstile({
    what: 'Control',
    concurrentMax: CONCURRENT_MAX,
    waitingMax: WAITING_MAX,
  })
  readonly #bodies = new SmallBodies({
    what: 'What raises a hand',
    bytesMax: HAND_BODY_BYTES_MAX,
    withinMs: BODY_WITHIN_MS,
    readingMax: READING_MAX,
  })

  constructor(options: HandDoorOptions) {
    this.#options = options
  }

  /**
   * Answers `POST …/hands`, and `GET` and `DELETE …/hands/:hand` with the hand's token. `hand`: what the path says
   * after `hands/`, if anything. Throws what a refusal is: `conflict` while hands are closed, `forbidden` for another
   * site's page, `too-many`, and `unavailable` when control does not answer.
   */
  async answer(
    request: Request,
    facts: SpaceFacts,
    hand: string | undefined,
    address: string,
  ): Promise<Response> {
    const { method } = request
    const all = `/api/v1/spaces/${facts.id}/hands`
    if (hand === undefined) {
      if (method !== 'POST') return methodRefused('POST', 'Hands are raised here; there is no list of them.')
      return this.#counted(() => this.#raise(request, facts, all, address))
    }
    if (method !== 'GET' && method !== 'DELETE') {
      return methodRefused('GET, DELETE', 'A hand can be asked for and lowered here.')
    }
    return this.#counted(() => this.#ask(request, method, `${all}/${parseHandId(hand)}`, address))
  }

  async #raise(request: Request, facts: SpaceFacts, path: string, address: string): Promise<Response> {
    requireHandsOpen(facts)
    requireOwnPage(request, 'raise hands')
    this.#take(this.#raises, address, RAISES_PER_ADDRESS, RAISES_IN_ALL)
    const { name } = parseJson(await this.#body(request)) as { readonly name?: unknown }
    return this.#pass({ method: 'POST', path, address, body: JSON.stringify({ name: parseName(name) }) })
  }

  async #ask(request: Request, method: 'GET' | 'DELETE', path: string, address: string): Promise<Response> {
    const authorization = request.headers.get('Authorization') ?? ''
    if (!AUTHORIZATION.test(authorization)) {
      throw new MimbarError('unauthorized', "This needs the hand's token, as Bearer.")
    }
    this.#take(this.#asks, address, ASKS_PER_ADDRESS, ASKS_IN_ALL)
    return this.#pass({ method, path, address, authorization })
  }

  #take(buckets: TokenBuckets, address: string, each: BucketBudget, all: BucketBudget): void {
    const now = this.#options.clock.now()
    // Its own rate first: what one address does too much of is not taken from the others.
    const waitMs = buckets.take(addressBlock(address), each, now) || buckets.take('', all, now)
    if (waitMs === 0) return
    throw new TooMany('Too much is asked about hands; wait a little.', Math.ceil(waitMs / 1_000))
  }

  async #body(request: Request): Promise<string> {
    if (request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
      throw new MimbarError('unsupported', 'The body must be application/json.')
    }
    return await this.#bodies.read(request)
  }

  #pass(passed: Passed): Promise<Response> {
    return this.#turns.pass(async () => {
      try {
        return await this.#fetch(passed)
      } catch (cause) {
        throw new MimbarError('unavailable', 'Hands cannot be raised right now; streams go on.', { cause })
      }
    })
  }

  async #fetch({ method, path, address, authorization, body }: Passed): Promise<Response> {
    const answer = await fetch(`http://control${path}`, {
      unix: this.#options.controlSocket,
      method,
      headers: {
        Accept: 'application/json',
        [CLIENT_ADDRESS_HEADER]: address,
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(PROXY_TIMEOUT_MS),
    })
    const text = await answer.text()
    if (text.length > ANSWER_BYTES_MAX) throw new Error('The answer is too large for the public door.')
    const headers: Record<string, string> = {
      'Cache-Control': CACHE.never,
      'X-Content-Type-Options': 'nosniff',
    }
    for (const name of ANSWER_HEADERS) {
      const value = answer.headers.get(name)
      if (value !== null) headers[name] = value
    }
    return new Response(text === '' ? null : text, { status: answer.status, headers })
  }

  async #counted(work: () => Promise<Response>): Promise<Response> {
    const { counters } = this.#options
    try {
      const answer = await work()
      counters.passed += 1
      return answer
    } catch (error) {
      if (hasCode(error, 'unavailable')) counters.failed += 1
      else counters.refused += 1
      throw error
    }
  }
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below, like every other body that is no object.
  }
  throw new MimbarError('bad-request', 'The body is not a JSON object.')
}
