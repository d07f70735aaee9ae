// Counters on the wire wrap: RTP sequence numbers after 22 minutes of 20 ms packets, timestamps after a day.
// Serial number arithmetic (RFC 1982) turns them into numbers that only ever grow, so the code above compares
// them with < and > and never thinks of a wrap again.

/** Width of a wrapping counter in bits: 16 for sequence numbers, 32 for timestamps. */
export type SerialBits = 16 | 32

/**
 * Signed distance from `from` to `to`, both as they appear on the wire: the shorter way round. Exactly half-way
 * is undefined in RFC 1982; here it counts as backwards.
 */
export function serialDistance(from: number, to: number, bits: SerialBits): number {
  const size = 2 ** bits
  const ahead = (((to - from) % size) + size) % size
  return ahead < size / 2 ? ahead : ahead - size
}

/** The number nearest to `reference` (an unwrapped one) that reads `value` on the wire. May be negative. */
export function unwrapNear(value: number, reference: number, bits: SerialBits): number {
  return reference + serialDistance(reference, value, bits)
}

/** How an unwrapped number reads on the wire. */
export function wrap(unwrapped: number, bits: SerialBits): number {
  const size = 2 ** bits
  return ((unwrapped % size) + size) % size
}
