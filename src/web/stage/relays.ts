// The relays that this seat may use, asked for before an offer is made, since everything has to be in it. A network
// that let UDP through a moment ago does so again: the first try after a loss does without, and is not held up.

import type { IceServers } from '../../core/api/api.ts'
import { RELAY_CREDENTIALS_FRESH_MS, RELAY_CREDENTIALS_LIVE_MS } from '../../core/relay/relay-credentials.ts'
import { call } from '../api/call.ts'

export class SeatRelays {
  readonly #url: string
  #known: { readonly servers: readonly RTCIceServer[]; readonly freshUntilMs: number } | undefined
  #isDirect = false

  /** `url` answers `IceServers`. */
  constructor(url: string) {
    this.#url = url
  }

  /** The last connection worked without a relay, or only through one. */
  learn(isRelayed: boolean): void {
    this.#isDirect = !isRelayed
  }

  /** For the next connection. Nothing when control does not answer: most people need no relay. */
  async forNext(): Promise<readonly RTCIceServer[]> {
    if (this.#isDirect) {
      this.#isDirect = false
      return []
    }
    if (this.#known === undefined || performance.now() > this.#known.freshUntilMs) await this.#ask()
    return this.#known?.servers ?? []
  }

  async #ask(): Promise<void> {
    const outcome = await call<IceServers>('GET', this.#url)
    if (outcome.kind !== 'done') return
    const servers = outcome.value.iceServers.map(({ urls, ...rest }) => ({ urls: [...urls], ...rest }))
    // How long, not until when: the clock on this device's wall may be wrong.
    const freshMs = RELAY_CREDENTIALS_LIVE_MS - RELAY_CREDENTIALS_FRESH_MS
    this.#known = { servers, freshUntilMs: performance.now() + freshMs }
  }
}
