// Transport addresses in STUN: XOR-MAPPED-ADDRESS (RFC 8489, section 14.2), and TURN's XOR-PEER-ADDRESS and
// XOR-RELAYED-ADDRESS, which are written alike. They are masked because some routers rewrite any address they see.
//
//     | 0 (8) | family: 1 IPv4, 2 IPv6 (8) | port, masked (16) | address, masked (32 or 128) |

import { ByteWriter } from '../../base/bytes.ts'
import { MAGIC_COOKIE } from './message.ts'

export interface TransportAddress {
  /** 4 bytes of IPv4, or 16 of IPv6. */
  readonly ip: Uint8Array
  readonly port: number
}

const FAMILY_IPV4 = 1
const FAMILY_IPV6 = 2

/** The value of an attribute in a message with this transaction id. */
export function writeXorAddress({ ip, port }: TransportAddress, transactionId: Uint8Array): Uint8Array {
  const mask = maskOf(transactionId)
  const writer = new ByteWriter(20).u8(0).u8(ip.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6)
  writer.u16(port ^ (MAGIC_COOKIE >>> 16)).bytes(ip.map((byte, at) => byte ^ (mask[at] as number)))
  return writer.finish()
}

/** Undefined for what is no address. */
export function readXorAddress(value: Uint8Array, transactionId: Uint8Array): TransportAddress | undefined {
  const length = { [FAMILY_IPV4]: 4, [FAMILY_IPV6]: 16 }[value[1] ?? 0]
  if (length === undefined || value.length !== 4 + length) return undefined
  const mask = maskOf(transactionId)
  const port = ((value[2] as number) * 256 + (value[3] as number)) ^ (MAGIC_COOKIE >>> 16)
  return { ip: value.slice(4).map((byte, at) => byte ^ (mask[at] as number)), port }
}

/** Magic cookie, then transaction id: as much of it as the address is long. */
function maskOf(transactionId: Uint8Array): Uint8Array {
  return new ByteWriter(16).u32(MAGIC_COOKIE).bytes(transactionId).finish()
}
