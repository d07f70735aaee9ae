// Who made a STUN message, and that nobody changed it: MESSAGE-INTEGRITY (RFC 8489, section 14.5) and FINGERPRINT
// (section 14.7). Both cover the bytes before them, with a header length that ends with them.

import { concatBytes, crc32 } from '../../base/bytes.ts'
import {
  ATTRIBUTE,
  ATTRIBUTE_HEADER_BYTES,
  parseStun,
  STUN_HEADER_BYTES,
  type StunMessage,
  writeStun,
} from './message.ts'

/** HMAC-SHA1 (RFC 2104): 20 bytes. These folders have no cryptography of their own. */
export type HmacSha1 = (key: Uint8Array, bytes: Uint8Array) => Uint8Array

const INTEGRITY_BYTES = 20
const FINGERPRINT_BYTES = 4
const FINGERPRINT_MASK = 0x5354554e

/** True when `bytes` are one whole message and its MESSAGE-INTEGRITY was made with `key`. */
export function hasIntegrity(bytes: Uint8Array, key: Uint8Array, hmac: HmacSha1): boolean {
  const at = offsetOf(bytes, ATTRIBUTE.messageIntegrity)
  if (at === undefined) return false
  const claimed = bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES)
  const length = (bytes[at + 2] as number) * 256 + (bytes[at + 3] as number)
  if (length !== INTEGRITY_BYTES || claimed.length !== INTEGRITY_BYTES) return false
  return isSame(hmac(key, covered(bytes.subarray(0, at), INTEGRITY_BYTES)), claimed)
}

/** True when `bytes` are one whole message that ends with the right FINGERPRINT. */
export function hasFingerprint(bytes: Uint8Array): boolean {
  const at = offsetOf(bytes, ATTRIBUTE.fingerprint)
  if (at === undefined || at + ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES !== bytes.length) return false
  return isSame(fingerprintOf(bytes.subarray(0, at)), bytes.subarray(at + ATTRIBUTE_HEADER_BYTES))
}

/**
 * What MESSAGE-INTEGRITY vouches for: the message up to it. Whatever follows it could be anybody's, and is ignored
 * (section 14.5).
 */
export function vouchedFor(message: StunMessage): StunMessage {
  const end = message.attributes.findIndex(({ type }) => type === ATTRIBUTE.messageIntegrity)
  return end < 0 ? message : { ...message, attributes: message.attributes.slice(0, end) }
}

/** The bytes of `message`, with MESSAGE-INTEGRITY made with `key`, and FINGERPRINT. It must have neither. */
export function writeSigned(message: StunMessage, key: Uint8Array, hmac: HmacSha1): Uint8Array {
  const plain = writeStun(message)
  const integrity = { type: ATTRIBUTE.messageIntegrity, value: hmac(key, covered(plain, INTEGRITY_BYTES)) }
  const signed = { ...message, attributes: [...message.attributes, integrity] }
  const fingerprint = { type: ATTRIBUTE.fingerprint, value: fingerprintOf(writeStun(signed)) }
  return writeStun({ ...signed, attributes: [...signed.attributes, fingerprint] })
}

/** `before` with the length that the header has once an attribute of `valueBytes` follows. */
function covered(before: Uint8Array, valueBytes: number): Uint8Array {
  const bytes = concatBytes([before])
  const length = before.length - STUN_HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + valueBytes
  bytes[2] = length >> 8
  bytes[3] = length & 255
  return bytes
}

function fingerprintOf(before: Uint8Array): Uint8Array {
  const value = (crc32(covered(before, FINGERPRINT_BYTES)) ^ FINGERPRINT_MASK) >>> 0
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}

/** Where the first attribute of `type` begins. */
function offsetOf(bytes: Uint8Array, type: number): number | undefined {
  const found = parseStun(bytes)?.attributes.find((attribute) => attribute.type === type)
  return found === undefined ? undefined : found.value.byteOffset - bytes.byteOffset - ATTRIBUTE_HEADER_BYTES
}

/** Looks at every byte: how long it takes tells nothing of where two digests differ. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0)
  return difference === 0
}
