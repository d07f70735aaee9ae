// Credentials for the TURN relay that the operator has named, if any.

import { createHmac } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { SeatId } from '../../base/ids.ts'
import { wallMillis } from '../../base/units.ts'
import type { IceServers } from '../../core/api/api.ts'
import { RELAY_CREDENTIALS_LIVE_MS, relayServer } from '../../core/relay/relay-credentials.ts'

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

  /** What this seat may use from now on; an empty list where there is no relay. */
  of(seat: SeatId): IceServers {
    const { urls, secret } = this.#settings
    const expiresAtMs = wallMillis(this.#clock.wall() + RELAY_CREDENTIALS_LIVE_MS)
    if (urls.length === 0) return { iceServers: [], expiresAtMs }
    const sign = (text: string) => createHmac('sha1', secret).update(text).digest('base64')
    return { iceServers: [relayServer(urls, seat, expiresAtMs, sign)], expiresAtMs }
  }
}
