// One Ogg page (RFC 3533, section 6; little-endian):
//
//     "OggS" · u8 version = 0 · u8 flags · i64 granule position · u32 serial · u32 page number · u32 CRC-32
//     u8 number of segments · that many lacing values · payload
//
// A packet is as many segments of 255 bytes as fit and one shorter, possibly empty, that ends it.

import { assert } from '../../base/assert.ts'
import { ByteWriter } from '../../base/bytes.ts'

export const PAGE_HEADER_BYTES = 27
export const PAGE_SEGMENTS_MAX = 255
export const CAPTURE_PATTERN = 0x4f676753 // "OggS"
const PAGE_FLAGS_OFFSET = 5
const PAGE_GRANULE_OFFSET = 6
const PAGE_NUMBER_OFFSET = 18
const PAGE_CRC_OFFSET = 22

/** Bits of the flags byte. */
export const PAGE_CONTINUED = 1
export const PAGE_BOS = 2
export const PAGE_EOS = 4

/** No packet ends on the page: its granule position is −1. */
export const NO_GRANULE = -1

export interface OggPage {
  readonly isContinued: boolean
  readonly isBos: boolean
  readonly isEos: boolean
  /** Units are the codec's; for Opus samples at 48 kHz up to the end of the last packet that ends here. */
  readonly granule: number
  readonly serial: number
  /** Modulo 2³². */
  readonly pageNumber: number
}

/** What {@link writePage} is given: whole packets only, none of them carried over. */
export interface PageOptions {
  readonly granule: number
  readonly serial: number
  readonly pageNumber: number
  readonly isBos?: boolean
  readonly isEos?: boolean
}

/** Writes `packets` as one page. They must fit: together at most 255 segments, which is some 64 KB. */
export function writePage(packets: readonly Uint8Array[], options: PageOptions): Uint8Array {
  const lacing: number[] = []
  for (const packet of packets) {
    for (let left = packet.length; left >= 0; left -= 255) lacing.push(Math.min(left, 255))
  }
  assert(lacing.length <= PAGE_SEGMENTS_MAX, 'packets fit into one Ogg page')
  const writer = new ByteWriter(PAGE_HEADER_BYTES + lacing.length + 255 * lacing.length)
    .u32(CAPTURE_PATTERN)
    .u8(0)
    .u8((options.isBos ? PAGE_BOS : 0) | (options.isEos ? PAGE_EOS : 0))
    .u32le(options.granule >>> 0)
    .u32le(Math.floor(options.granule / 2 ** 32))
    .u32le(options.serial)
    .u32le(options.pageNumber >>> 0)
    .u32le(0)
    .u8(lacing.length)
    .bytes(Uint8Array.from(lacing))
  for (const packet of packets) writer.bytes(packet)
  return sealPage(writer.finish())
}

/**
 * A copy of the whole page `page` with another place in its stream. Flags that are not given are cleared, but for
 * the one that says that a packet goes on.
 */
export function rewritePage(page: Uint8Array, options: Omit<PageOptions, 'serial'>): Uint8Array {
  const copy = page.slice()
  const view = new DataView(copy.buffer)
  const flags = (copy[PAGE_FLAGS_OFFSET] as number) & PAGE_CONTINUED
  copy[PAGE_FLAGS_OFFSET] = flags | (options.isBos ? PAGE_BOS : 0) | (options.isEos ? PAGE_EOS : 0)
  view.setUint32(PAGE_GRANULE_OFFSET, options.granule >>> 0, true)
  view.setUint32(PAGE_GRANULE_OFFSET + 4, Math.floor(options.granule / 2 ** 32), true)
  view.setUint32(PAGE_NUMBER_OFFSET, options.pageNumber >>> 0, true)
  return sealPage(copy)
}

/** Computes the checksum of a whole page and writes it into its place; returns the same bytes. */
function sealPage(page: Uint8Array): Uint8Array {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength)
  view.setUint32(PAGE_CRC_OFFSET, oggCrc(page), true)
  return page
}

// CRC-32 with the polynomial of Ethernet, but neither reflected nor inverted (RFC 3533, section 6, field 8).
const CRC_TABLE = /* @__PURE__ */ buildCrcTable()

function buildCrcTable(): Uint32Array {
  const table = new Uint32Array(256)
  for (let n = 0; n < 256; n++) {
    let c = n << 24
    for (let k = 0; k < 8; k++) c = c & 0x80000000 ? (c << 1) ^ 0x04c11db7 : c << 1
    table[n] = c >>> 0
  }
  return table
}

/** Checksum of a whole page; the four bytes of its checksum field count as zeros. */
export function oggCrc(page: Uint8Array): number {
  let crc = 0
  for (let i = 0; i < page.length; i++) {
    const byte = i >= PAGE_CRC_OFFSET && i < PAGE_CRC_OFFSET + 4 ? 0 : (page[i] as number)
    crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] as number)
  }
  return crc >>> 0
}
