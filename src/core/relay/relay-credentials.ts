// The way onto the stage for people whose network lets no UDP out: a TURN relay (RFC 8656) that they reach by TCP or
// TLS. Mimbar runs none and asks none: it shares a secret with the relay, and hands out user names that carry their
// own expiry, signed with it ("A REST API for access to TURN services", draft-uberti-behave-turn-rest-00, which
// coturn knows as `use-auth-secret`).

import type { SeatId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import type { IceServer } from '../api/api.ts'

/** HMAC-SHA1 with the shared secret, in Base64: what the scheme asks for. */
export type RelaySignature = (text: string) => string

/**
 * How long a user name is good for. It must outlast a connection, since a relay asks for it again as the allocation
 * is refreshed; a programme of twelve hours needs no new one.
 */
export const RELAY_CREDENTIALS_LIVE_MS = 12 * 3_600_000
/** A page asks for new ones when less than this is left. */
export const RELAY_CREDENTIALS_FRESH_MS = 3_600_000

/** Who holds a link's secret and has no seat yet: in the green room, or an encoder before its offer. */
export const RELAY_GUEST = 'guest'

/** Whom credentials are for. `doctor` is this machine's own trial. */
export type RelayUser = SeatId | typeof RELAY_GUEST | 'doctor'

/** Credentials for `urls`, good until `expiresAtMs`; the seat's id in them lets an operator find who abuses a relay. */
export function relayServer(
  urls: readonly string[],
  user: RelayUser,
  expiresAtMs: WallMillis,
  sign: RelaySignature,
): IceServer {
  const username = `${Math.floor(expiresAtMs / 1_000)}:${user}`
  return { urls, username, credential: sign(username) }
}

/** `Link` header values for a WHIP answer (RFC 9725, section 4.6). */
export function relayLinks({ urls, username, credential }: IceServer): readonly string[] {
  const words = `rel="ice-server"; username="${username}"; credential="${credential}"; credential-type="password"`
  return urls.map((url) => `<${url}>; ${words}`)
}
