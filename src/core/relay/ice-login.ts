// What the stage's STUN front (roles/stage/webrtc/stun-front.ts) says to a datagram. Chromium sends an ICE tie-breaker
// of 0 with everything that goes through a TURN relay over TCP or TLS. RFC 8445 (section 16.1) allows it; libjuice, in
// the native library, takes 0 for "not there" and answers 400. So a 0 becomes another number on the way, in requests
// that prove that they are from the one person who was given this connection's password. Nobody else's are touched,
// let alone signed.

import { decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'
import {
  type HmacSha1,
  hasFingerprint,
  hasIntegrity,
  vouchedFor,
  writeSigned,
} from '../../media/stun/integrity.ts'
import { ATTRIBUTE, attributeOf, parseStun, STUN, type StunMessage } from '../../media/stun/message.ts'
import { type TransportAddress, writeXorAddress } from '../../media/stun/xor-address.ts'

/** ICE credentials of one connection, as the two descriptions have them (RFC 8445, section 5.3). */
export interface IceLogin {
  readonly ufrag: string
  readonly password: string
  readonly remoteUfrag: string
  /** 8 random bytes, not all zero: the same in every check of the connection (RFC 8445, section 7.1.3). */
  readonly tieBreaker: Uint8Array
}

/** A connectivity check, before anybody knows whether it is genuine. */
export interface Check {
  readonly ufrag: string
  readonly message: StunMessage
}

/** RFC 8445, section 5.3: a ufrag has up to 256 characters; two, and the colon. */
const USERNAME_BYTES_MAX = 513

/** The check in `datagram` (RFC 8445, section 7.1); undefined when it is something else. */
export function readCheck(datagram: Uint8Array): Check | undefined {
  const message = parseStun(datagram)
  if (message?.type !== STUN.bindingRequest) return undefined
  const username = attributeOf(vouchedFor(message), ATTRIBUTE.username)
  if (username === undefined || username.length > USERNAME_BYTES_MAX) return undefined
  const [ufrag = ''] = decodeUtf8(username).split(':')
  return { ufrag, message }
}

/**
 * A check as it is passed on: byte for byte, or with another tie-breaker where it has 0. Undefined when it doesn't
 * prove to be from the person of this login (RFC 8445, section 7.3; RFC 8489, section 9.1.3).
 */
export function passCheck(
  datagram: Uint8Array,
  { message }: Check,
  login: IceLogin,
  hmac: HmacSha1,
): Uint8Array | undefined {
  const key = encodeUtf8(login.password)
  if (!hasFingerprint(datagram) || !hasIntegrity(datagram, key, hmac)) return undefined
  const genuine = vouchedFor(message)
  const username = attributeOf(genuine, ATTRIBUTE.username)
  if (username === undefined || decodeUtf8(username) !== `${login.ufrag}:${login.remoteUfrag}`)
    return undefined
  if (!genuine.attributes.some(isZeroTieBreaker)) return datagram
  const attributes = genuine.attributes.map((attribute) =>
    isZeroTieBreaker(attribute) ? { ...attribute, value: login.tieBreaker } : attribute,
  )
  return writeSigned({ ...genuine, attributes }, key, hmac)
}

/**
 * What the library answers, as it is passed back: a success says from where the check came (RFC 8445, section 7.3.1.2),
 * and the library saw it come from the front. Everything else is passed byte for byte.
 */
export function passAnswer(
  datagram: Uint8Array,
  login: IceLogin,
  from: TransportAddress,
  hmac: HmacSha1,
): Uint8Array {
  const message = parseStun(datagram)
  if (message?.type !== STUN.bindingSuccess) return datagram
  const key = encodeUtf8(login.password)
  if (!hasIntegrity(datagram, key, hmac)) return datagram
  const genuine = vouchedFor(message)
  const attributes = genuine.attributes.map((attribute) =>
    attribute.type === ATTRIBUTE.xorMappedAddress
      ? { ...attribute, value: writeXorAddress(from, message.transactionId) }
      : attribute,
  )
  return writeSigned({ ...genuine, attributes }, key, hmac)
}

function isZeroTieBreaker({ type, value }: StunMessage['attributes'][number]): boolean {
  const isTieBreaker = type === ATTRIBUTE.iceControlling || type === ATTRIBUTE.iceControlled
  return isTieBreaker && value.length === 8 && value.every((byte) => byte === 0)
}
