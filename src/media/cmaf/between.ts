// What may stand between two parts without being media: a heartbeat, and somebody's private word.

import { box } from './box.ts'
import { BOX_HEADER_BYTES } from './walk.ts'

/** An empty `free` box: eight bytes that say "still here" and that every demuxer passes over. */
export const HEARTBEAT_BOX: Uint8Array = /* @__PURE__ */ Uint8Array.of(0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65)

const USERTYPE_BYTES = 16

/** A `uuid` box of the given sixteen-byte user type (ISO/IEC 14496-12, section 11.1). */
export function uuidBox(usertype: readonly number[], payload: Uint8Array): Uint8Array {
  return box('uuid', Uint8Array.from(usertype), payload)
}

/** The payload of a whole `uuid` box, where its user type is this one. */
export function uuidPayload(uuid: Uint8Array, usertype: readonly number[]): Uint8Array | undefined {
  const payloadAt = BOX_HEADER_BYTES + USERTYPE_BYTES
  if (uuid.length < payloadAt) return undefined
  if (usertype.some((byte, i) => uuid[BOX_HEADER_BYTES + i] !== byte)) return undefined
  return uuid.subarray(payloadAt)
}
