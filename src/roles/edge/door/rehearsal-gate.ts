// Whether a synthetic listener is one of a rehearsal that this server has invited. Who says that he is one and
// cannot prove it is refused rather than taken for a listener: the count of people stays true.

import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import {
  isListenerToken,
  isNonce,
  type Mac,
  makeChallenge,
  provesGenerator,
  REHEARSAL_HEADER,
  welcomeOf,
} from '../../../core/rehearsal/proof.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { CACHE } from '../answers.ts'

export interface RehearsalGateOptions {
  /** Empty: no rehearsal is welcome. */
  readonly key: string
  readonly clock: Clock
}

export class RehearsalGate {
  readonly #clock: Clock
  readonly #mac: Mac | undefined

  constructor({ key, clock }: RehearsalGateOptions) {
    this.#clock = clock
    if (key !== '') this.#mac = (message) => createHmac('sha256', key).update(message).digest('base64url')
  }

  /** Answers the two questions of `core/rehearsal/proof.ts`. Throws `not-found` where no rehearsal is welcome. */
  meet(request: Request, url: URL): Response {
    const mac = this.#mac
    if (mac === undefined) throw new MimbarError('not-found', 'This server has not invited a rehearsal.')
    const nonce = url.searchParams.get('nonce')
    if (!isNonce(nonce))
      throw new MimbarError('bad-request', '`nonce` is 16 to 64 of A–Z, a–z, 0–9, - and _.')
    const challenge = url.searchParams.get('challenge')
    const now = this.#clock.wall()
    if (challenge === null) return json(makeChallenge(mac, nonce, randomBytes(18).toString('base64url'), now))
    const answer = request.headers.get(REHEARSAL_HEADER) ?? ''
    if (!provesGenerator(mac, nonce, challenge, answer, now)) {
      throw new MimbarError('forbidden', 'This rehearsal does not know the key, or answered too late.')
    }
    return json({ welcome: welcomeOf(mac, nonce, challenge) })
  }

  /**
   * True when the request is a synthetic listener's, false when it does not say so. Throws `forbidden` when it says
   * so and cannot prove it.
   */
  isRehearsed(request: Request, facts: SpaceFacts): boolean {
    const token = request.headers.get(REHEARSAL_HEADER)
    if (token === null) return false
    if (this.#mac === undefined || !isListenerToken(this.#mac, facts.id, token, this.#clock.wall())) {
      throw new MimbarError('forbidden', 'This token of a rehearsal is not valid here, or has expired.')
    }
    return true
  }
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), {
    headers: { 'Content-Type': 'application/json', 'Cache-Control': CACHE.never },
  })
}
