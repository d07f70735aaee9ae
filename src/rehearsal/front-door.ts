// Synthetic people use the public API like everyone else: this is the little of it that they need.

import { type ErrorCode, MimbarError } from '../base/errors.ts'
import { parseSeatId, type SeatId, type SpaceId } from '../base/ids.ts'
import { LINK_FRAGMENT, type Link, type NewSpace, type Problem, type Seat } from '../core/api/api.ts'

/** A seat, and the token that proves it. */
export interface HeldSeat {
  readonly seat: SeatId
  readonly token: string
}

/** A WebRTC session: the answer, and where to hang up. */
export interface Answer {
  readonly sdp: string
  readonly location: string | undefined
}

const REQUEST_TIMEOUT_MS = 8_000
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Calls one studio door. Failures are `MimbarError`s with the code that the door gave, or `unavailable`. */
export class FrontDoor {
  readonly #studioUrl: string
  readonly #origin: string

  /** `origin` is that of the door's own pages, where it is reached by another address than theirs. */
  constructor(studioUrl: string, origin: string = new URL(studioUrl).origin) {
    this.#studioUrl = studioUrl
    this.#origin = origin
  }

  /** `conflict` when a space of that id exists. */
  async createSpace(space: NewSpace, operatorToken: string): Promise<void> {
    await this.#call('POST', '/api/v1/spaces', { token: operatorToken, json: space })
  }

  /** Makes the space's link anew and returns its secret. The link before it stops working. */
  async renewLink(space: SpaceId, kind: 'host' | 'speaker', operatorToken: string): Promise<string> {
    const path = `/api/v1/spaces/${space}/links/${kind}`
    const link = (await (await this.#call('POST', path, { token: operatorToken })).json()) as Link
    const fragment = new URLSearchParams(new URL(link.url).hash.slice(1))
    const secret = fragment.get(LINK_FRAGMENT[kind])
    if (secret === null) throw new MimbarError('corrupt', 'The link that was made has no secret in it.')
    return secret
  }

  /** Exchanges a link's secret for a seat. */
  async takeSeat(space: SpaceId, secret: string, name: string): Promise<HeldSeat> {
    const response = await this.#call('POST', `/api/v1/spaces/${space}/seats`, { json: { secret, name } })
    const seat = parseSeatId(((await response.json()) as Seat).id)
    const cookie = response.headers.getSetCookie().find((one) => one.startsWith(`mimbar_seat_${seat}=`))
    const token = cookie?.slice(cookie.indexOf('=') + 1).split(';')[0]
    if (!token) throw new MimbarError('corrupt', 'The seat came without the cookie that holds it.')
    return { seat, token: decodeURIComponent(token) }
  }

  /** True while the seat is ours. */
  async holdsSeat(space: SpaceId, held: HeldSeat): Promise<boolean> {
    try {
      await this.#call('GET', `/api/v1/spaces/${space}/seats/${held.seat}`, { token: held.token })
      return true
    } catch (error) {
      if (error instanceof MimbarError && SEAT_LOST.has(error.code)) return false
      throw error
    }
  }

  async leaveSeat(space: SpaceId, held: HeldSeat): Promise<void> {
    await this.#call('DELETE', `/api/v1/spaces/${space}/seats/${held.seat}`, { token: held.token })
  }

  /** `conflict` when it was started before. */
  async start(space: SpaceId, host: HeldSeat): Promise<void> {
    await this.#call('POST', `/api/v1/spaces/${space}/start`, { token: host.token })
  }

  /** Exchanges an SDP offer for the answer of the stage that holds the space. */
  async offer(space: SpaceId, held: HeldSeat, sdp: string): Promise<Answer> {
    const path = `/api/v1/spaces/${space}/stage?seat=${held.seat}`
    const response = await this.#call('POST', path, { token: held.token, sdp })
    return { sdp: await response.text(), location: response.headers.get('location') ?? undefined }
  }

  /** The seat's stream of `StageView` events; open until `signal` ends it or the door goes away. */
  async stageEvents(
    space: SpaceId,
    held: HeldSeat,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const path = `/api/v1/spaces/${space}/stage/events?seat=${held.seat}`
    const response = await this.#call('GET', path, { token: held.token, signal })
    if (response.body === null) throw new MimbarError('unavailable', 'The stream of events has no body.')
    return response.body
  }

  /** Ends a session; one that is no more is fine. */
  async hangUp(location: string, held: HeldSeat): Promise<void> {
    await this.#call('DELETE', location, { token: held.token })
  }

  async #call(method: string, path: string, options: CallOptions): Promise<Response> {
    const url = new URL(path, this.#studioUrl)
    const headers: Record<string, string> = {}
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`
    if (options.json !== undefined) headers['content-type'] = 'application/json'
    if (options.sdp !== undefined) headers['content-type'] = 'application/sdp'
    // A door without a caller to name an Origin for is its own.
    else if (options.token === undefined) headers.origin = this.#origin
    const body = options.sdp ?? (options.json === undefined ? undefined : JSON.stringify(options.json))
    let response: Response
    try {
      response = await fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        signal: options.signal ?? AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        // This machine's own certificate names the public host, not the loopback.
        tls: { rejectUnauthorized: !LOOPBACK.has(url.hostname) },
      })
    } catch (cause) {
      throw new MimbarError('unavailable', `${method} ${url.pathname} was not answered.`, { cause })
    }
    if (response.ok) return response
    throw await problemOf(response)
  }
}

interface CallOptions {
  readonly token?: string
  readonly json?: unknown
  readonly sdp?: string
  /** Ends the call, body included; otherwise it has a few seconds. */
  readonly signal?: AbortSignal
}

/** Codes that mean: this seat is not ours any more, and asking again will not change that. */
export const SEAT_LOST: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'forbidden', 'not-found', 'gone'])

async function problemOf(response: Response): Promise<MimbarError> {
  let problem: Partial<Problem> = {}
  try {
    problem = (await response.json()) as Partial<Problem>
  } catch {
    // A proxy's page, or nothing: the status alone decides below.
  }
  const detail = problem.detail ?? `The door answered ${response.status}.`
  return new MimbarError((problem.code as ErrorCode | undefined) ?? codeOfStatus(response.status), detail)
}

/** For answers that did not come from Mimbar itself. */
function codeOfStatus(status: number): ErrorCode {
  return status >= 500 ? 'unavailable' : 'bad-request'
}
