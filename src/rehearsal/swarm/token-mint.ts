// Tokens by which synthetic listeners show that they are invited: one for a whole process, made anew before the
// server would call it old.

import { createHmac, randomBytes } from 'node:crypto'
import type { SpaceId } from '../../base/ids.ts'
import {
  LISTENER_TOKEN_MS,
  type Mac,
  makeListenerToken,
  REHEARSAL_HEADER,
} from '../../core/rehearsal/proof.ts'

export function macOf(key: string): Mac {
  return (message) => createHmac('sha256', key).update(message).digest('base64url')
}

export const freshNonce = (): string => randomBytes(18).toString('base64url')

export class TokenMint {
  readonly #mac: Mac
  readonly #space: SpaceId
  readonly #clockOffsetMs: number
  #token = ''
  #madeAtMs = Number.NEGATIVE_INFINITY

  constructor(options: { readonly key: string; readonly space: SpaceId; readonly clockOffsetMs: number }) {
    this.#mac = macOf(options.key)
    this.#space = options.space
    this.#clockOffsetMs = options.clockOffsetMs
  }

  /** A token that is good for another minute at least. */
  token(): string {
    const now = Date.now() + this.#clockOffsetMs
    if (Math.abs(now - this.#madeAtMs) > LISTENER_TOKEN_MS / 2) {
      this.#madeAtMs = now
      this.#token = makeListenerToken(this.#mac, this.#space, freshNonce(), now)
    }
    return this.#token
  }

  /** The header line, without its end. */
  header(): string {
    return `${REHEARSAL_HEADER}: ${this.token()}`
  }
}
