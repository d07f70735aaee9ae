// STUN messages (RFC 8489, section 5), in which ICE (RFC 8445) and TURN (RFC 8656) talk.
//
//     |0 0| method and class (14) | length of what follows the 20 bytes of header (16) |
//     |                         magic cookie 0x2112a442                                |
//     |                           transaction id (96)                                  |
//     then attributes: | type (16) | length of the value (16) | value, padded to 32 bits |

import { ByteWriter } from '../../base/bytes.ts'

/** Method and class in one (section 5): what we read or write. */
export const STUN = {
  bindingRequest: 0x0001,
  bindingSuccess: 0x0101,
  allocateRequest: 0x0003,
  refreshRequest: 0x0004,
  createPermissionRequest: 0x0008,
} as const

/** Attribute types (RFC 8489, section 18.3; RFC 8656, section 18; RFC 8445, section 16.1). */
export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const

export const MAGIC_COOKIE = 0x2112a442
export const STUN_HEADER_BYTES = 20
export const TRANSACTION_ID_BYTES = 12
export const ATTRIBUTE_HEADER_BYTES = 4
/** Real messages have about ten. */
export const ATTRIBUTES_MAX = 64

export interface StunAttribute {
  readonly type: number
  /** Without padding. */
  readonly value: Uint8Array
}

export interface StunMessage {
  /** Method and class, one of {@link STUN} or another. */
  readonly type: number
  readonly transactionId: Uint8Array
  readonly attributes: readonly StunAttribute[]
}

/** True when a datagram of a media port is STUN: not DTLS, RTP or RTCP (RFC 7983, section 7). */
export function isStun(datagram: Uint8Array): boolean {
  return (
    datagram.length >= STUN_HEADER_BYTES && (datagram[0] as number) < 4 && u32(datagram, 4) === MAGIC_COOKIE
  )
}

/** Reads a whole message; values are views. Undefined when the bytes are none, or more or less than one. */
export function parseStun(bytes: Uint8Array): StunMessage | undefined {
  if (!isStun(bytes) || bytes.length !== STUN_HEADER_BYTES + u16(bytes, 2)) return undefined
  const attributes: StunAttribute[] = []
  for (let at = STUN_HEADER_BYTES; at < bytes.length; ) {
    const begin = at + ATTRIBUTE_HEADER_BYTES
    if (begin > bytes.length || attributes.length >= ATTRIBUTES_MAX) return undefined
    const end = begin + u16(bytes, at + 2)
    if (padded(end) > bytes.length) return undefined
    attributes.push({ type: u16(bytes, at), value: bytes.subarray(begin, end) })
    at = padded(end)
  }
  return { type: u16(bytes, 0), transactionId: bytes.subarray(8, STUN_HEADER_BYTES), attributes }
}

/** The bytes of a message, padded with zeros. */
export function writeStun({ type, transactionId, attributes }: StunMessage): Uint8Array {
  const writer = new ByteWriter().u16(type).u16(0).u32(MAGIC_COOKIE).bytes(transactionId)
  for (const { type: kind, value } of attributes) {
    writer.u16(kind).u16(value.length).bytes(value)
    while (writer.length % 4 !== 0) writer.u8(0)
  }
  const length = writer.length - STUN_HEADER_BYTES
  return writer.patchU32(0, type * 2 ** 16 + length).finish()
}

/** The first attribute of a type: later ones don't count (RFC 8489, section 14). */
export function attributeOf(message: StunMessage, type: number): Uint8Array | undefined {
  return message.attributes.find((attribute) => attribute.type === type)?.value
}

/** Section 14.8: class and number, such as 401, and the words for people. */
export function errorOf(
  message: StunMessage,
): { readonly code: number; readonly reason: Uint8Array } | undefined {
  const value = attributeOf(message, ATTRIBUTE.errorCode)
  if (value === undefined || value.length < 4) return undefined
  return { code: ((value[2] as number) & 7) * 100 + (value[3] as number), reason: value.subarray(4) }
}

/** 0 request, 1 indication, 2 success, 3 error (section 5). */
export function classOf({ type }: StunMessage): number {
  return ((type >> 7) & 2) | ((type >> 4) & 1)
}

/**
 * How long the message at the front of a TCP stream is, in bytes; undefined until that can be told. On a stream
 * nothing but these 16 bits divides messages (RFC 8489, section 6.2.2).
 */
export function streamedLength(stream: Uint8Array): number | undefined {
  return stream.length < 4 ? undefined : STUN_HEADER_BYTES + u16(stream, 2)
}

const padded = (length: number): number => Math.ceil(length / 4) * 4
const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] as number) * 256 + (bytes[at + 1] as number)
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 2 ** 16 + u16(bytes, at + 2)
