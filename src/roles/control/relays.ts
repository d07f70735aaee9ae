// Credentials for the TURN relay that the operator has named, if any.

import { createHmac } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { wallMillis } from '../../base/units.ts'
import type { IceServers } from '../../core/api/api.ts'
import {
  RELAY_CREDENTIALS_LIVE_MS,
  type RelayUser,
  relayLinks,
  relayServer,
} from '../../core/relay/relay-credentials.ts'

export interface RelaySettings {
  /** `turn:` and `turns:` addresses; none: there is no relay. */
  readonly urls: readonly string[]
  /** Shared with the relay, and never handed out. */
  readonly secret: string
}

export class Relays {
  readonly #settings: RelaySettings
  readonly #clock: Clock

  constructor(settings: RelaySettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** What this person may use from now on; an empty list where there is no relay. */
  of(user: RelayUser): IceServers {
    const { urls, secret } = this.#settings
    const expiresAtMs = wallMillis(this.#clock.wall() + RELAY_CREDENTIALS_LIVE_MS)
    if (urls.length === 0) return { iceServers: [], expiresAtMs }
    const sign = (text: string) => createHmac('sha1', secret).update(text).digest('base64')
    return { iceServers: [relayServer(urls, user, expiresAtMs, sign)], expiresAtMs }
  }

  /** The same as a header of an answer to a WHIP client (RFC 9725, section 4.6); nothing where there is no relay. */
  linkHeader(user: RelayUser): { readonly link?: string } {
    const links = this.of(user).iceServers.flatMap(relayLinks)
    return links.length === 0 ? {} : { link: links.join(', ') }
  }
}
