// Bytes without a platform: reader and writer, UTF-8, CRC-32 and CRC-32C.
// `TextEncoder` is not in ES2023, and these folders are checked without platform types.

import { MimbarError } from './errors.ts'

/** Encodes text as UTF-8; a lone surrogate becomes U+FFFD, as in the WHATWG encoding standard. */
export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = []
  for (const character of text) {
    let c = character.codePointAt(0) as number
    if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd
    if (c < 0x80) out.push(c)
    else if (c < 0x800) out.push(0xc0 | (c >> 6), 0x80 | (c & 63))
    else if (c < 0x10000) out.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63))
    else out.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63))
  }
  return Uint8Array.from(out)
}

/** Decodes UTF-8 that {@link encodeUtf8} wrote; a malformed sequence becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] as number
    const extra = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1
    const malformed = (first >= 0x80 && first < 0xc2) || first > 0xf4 || i + extra >= bytes.length
    let c = extra === 0 ? first : first & (0x3f >> extra)
    let valid = !malformed
    for (let k = 1; valid && k <= extra; k++) {
      const next = bytes[i + k] as number
      valid = (next & 0xc0) === 0x80
      c = (c << 6) | (next & 63)
    }
    const smallest = [0, 0x80, 0x800, 0x10000][extra] as number
    valid &&= c >= smallest && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff)
    text += valid ? String.fromCodePoint(c) : '\ufffd'
    i += valid ? 1 + extra : 1
  }
  return text
}

/** Joins byte strings into one. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const piece of pieces) length += piece.length
  const out = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    out.set(piece, at)
    at += piece.length
  }
  return out
}

// Built by a pure call, so that a page that needs no checksum carries none.
const CRC32C_TABLE = /* @__PURE__ */ buildCrcTable(0x82f63b78)
const CRC32_TABLE = /* @__PURE__ */ buildCrcTable(0xedb88320)

/** `polynomial` with its bits reversed. */
function buildCrcTable(polynomial: number): Uint32Array {
  const table = new Uint32Array(256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1
    table[n] = c >>> 0
  }
  return table
}

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`. */
export function crc32c(bytes: Uint8Array): number {
  return crcBy(CRC32C_TABLE, bytes)
}

/** CRC-32 of Ethernet, gzip and STUN (ITU-T V.42, section 8.1.1.6.2) of `bytes`. */
export function crc32(bytes: Uint8Array): number {
  return crcBy(CRC32_TABLE, bytes)
}

function crcBy(table: Uint32Array, bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[i] as number)) & 255] as number)
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** Grows as it is written; big-endian, as in ISO BMFF and RTP, but for the `le` fields, which Ogg has. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length(): number {
    return this.#length
  }

  u8(value: number): this {
    const at = this.#reserve(1)
    this.#view.setUint8(at, value)
    return this
  }
  u16(value: number): this {
    const at = this.#reserve(2)
    this.#view.setUint16(at, value)
    return this
  }
  u32(value: number): this {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value)
    return this
  }
  /** An unsigned 64-bit field from a safe integer. */
  u64(value: number): this {
    const at = this.#reserve(8)
    this.#view.setUint32(at, Math.floor(value / 2 ** 32))
    this.#view.setUint32(at + 4, value >>> 0)
    return this
  }
  u16le(value: number): this {
    const at = this.#reserve(2)
    this.#view.setUint16(at, value, true)
    return this
  }
  u32le(value: number): this {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value, true)
    return this
  }
  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length)
    this.#bytes.set(value, at)
    return this
  }
  /** Overwrites four bytes that were written before, such as a length that is known only now. */
  patchU32(at: number, value: number): this {
    this.#view.setUint32(at, value)
    return this
  }
  /** What was written, as a view into the writer's own memory: the writer is done. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** May replace the memory: take the offset first, then the view. */
  #reserve(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, at))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    return at
  }
}

/** Reads what {@link ByteWriter} writes; running past the end throws `corrupt`, never returns rubbish. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get offset(): number {
    return this.#at
  }
  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }
  u64(): number {
    const at = this.#take(8)
    return this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4)
  }
  u16le(): number {
    return this.#view.getUint16(this.#take(2), true)
  }
  u32le(): number {
    return this.#view.getUint32(this.#take(4), true)
  }
  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }
  /** A view of everything up to the next zero byte, which is taken too. */
  untilZero(): Uint8Array {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0) throw new MimbarError('corrupt', 'The bytes end before a zero byte does.')
    const found = this.#bytes.subarray(this.#at, end)
    this.#at = end + 1
    return found
  }

  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#bytes.length) throw new MimbarError('corrupt', 'The bytes end too early.')
    this.#at += count
    return at
  }
}
