// The relays that this person may use, asked for before an offer is made, since everything has to be in it. A network
// that let UDP through a moment ago does so again: the first try that is answered after a loss does without, and is not
// held up.

import type { IceServers } from '../../../core/api/api.ts'
import {
  RELAY_CREDENTIALS_FRESH_MS,
  RELAY_CREDENTIALS_LIVE_MS,
} from '../../../core/relay/relay-credentials.ts'
import { call } from '../../api/call.ts'

export interface StageRelaysOptions {
  /** Answers `IceServers`. */
  readonly url: string
  /** For who has no cookie yet. */
  readonly bearer?: string | undefined
}

/** An offer doesn't wait longer for an answer; the next one may have it. */
const KNOWN_WITHIN_MS = 1_500

/** Asks at once, so that the answer is there when an offer is made. */
export class StageRelays {
  readonly #options: StageRelaysOptions
  #known: { readonly servers: readonly RTCIceServer[]; readonly freshUntilMs: number } | undefined
  #asking: Promise<void> | undefined
  #isDirect = false

  constructor(options: StageRelaysOptions) {
    this.#options = options
    void this.#refresh()
  }

  /** The last connection worked without a relay, or only through one. */
  learn(isRelayed: boolean): void {
    this.#isDirect = !isRelayed
  }

  /** An offer was answered. Until there is sound, nobody knows the way. */
  doubt(): void {
    this.#isDirect = false
  }

  /** For the next connection. Nothing when control does not answer: most people need no relay. */
  async forNext(): Promise<readonly RTCIceServer[]> {
    if (this.#isDirect) return []
    if (this.#known === undefined || performance.now() > this.#known.freshUntilMs)
      await Promise.race([this.#refresh(), new Promise((resolve) => setTimeout(resolve, KNOWN_WITHIN_MS))])
    return this.#known?.servers ?? []
  }

  #refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<void> {
    const { url, bearer } = this.#options
    const outcome = await call<IceServers>('GET', url, { bearer })
    if (outcome.kind !== 'done') return
    const servers = outcome.value.iceServers.map(({ urls, ...rest }) => ({ urls: [...urls], ...rest }))
    // How long, not until when: the clock on this device's wall may be wrong.
    const freshMs = RELAY_CREDENTIALS_LIVE_MS - RELAY_CREDENTIALS_FRESH_MS
    this.#known = { servers, freshUntilMs: performance.now() + freshMs }
  }
}
