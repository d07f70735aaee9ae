// Reads Ogg as it arrives: bytes in any split, packets out, put together across pages (RFC 3533, section 6).
// For the files we bring along and for tests of what we write; pages of other logical streams are passed over.

import { ByteReader, concatBytes } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import {
  CAPTURE_PATTERN,
  NO_GRANULE,
  type OggPage,
  oggCrc,
  PAGE_BOS,
  PAGE_CONTINUED,
  PAGE_EOS,
  PAGE_HEADER_BYTES,
} from './page.ts'

/** One packet; the granule position is given on the last packet that ends on its page. */
export interface OggPacket {
  readonly bytes: Uint8Array
  readonly granule?: number
  /** True on the first packet after a page that is missing. */
  readonly isAfterLoss: boolean
  /** True on the last packet of the stream. */
  readonly isLast: boolean
}

/** A page and the pieces of packets on it. */
export interface ParsedPage extends OggPage {
  readonly pieces: readonly { readonly bytes: Uint8Array; readonly isEnd: boolean }[]
  /** Of the whole page. */
  readonly length: number
}

/** No packet of an audio stream comes near it; an OpusTags with a cover picture may. */
export const OGG_PACKET_BYTES_MAX = 1024 * 1024

/**
 * Reads the page at the start of `bytes`; `undefined` while it is incomplete. Throws `corrupt` when it is no page
 * or fails its checksum, `unsupported` for another version of Ogg.
 */
export function parsePage(bytes: Uint8Array): ParsedPage | undefined {
  if (bytes.length < PAGE_HEADER_BYTES) return undefined
  const reader = new ByteReader(bytes)
  if (reader.u32() !== CAPTURE_PATTERN) throw new MimbarError('corrupt', 'An Ogg page starts with OggS.')
  if (reader.u8() !== 0) throw new MimbarError('unsupported', 'A newer version of Ogg.')
  const flags = reader.u8()
  const granule = readGranule(reader)
  const serial = reader.u32le()
  const pageNumber = reader.u32le()
  const checksum = reader.u32le()
  const segments = reader.u8()
  if (reader.left < segments) return undefined
  const lacing = reader.bytes(segments)
  const payloadBytes = lacing.reduce((sum, length) => sum + length, 0)
  if (reader.left < payloadBytes) return undefined
  const length = PAGE_HEADER_BYTES + segments + payloadBytes
  if (oggCrc(bytes.subarray(0, length)) !== checksum) {
    throw new MimbarError('corrupt', `Ogg page ${pageNumber} fails its checksum.`)
  }
  return {
    isContinued: (flags & PAGE_CONTINUED) !== 0,
    isBos: (flags & PAGE_BOS) !== 0,
    isEos: (flags & PAGE_EOS) !== 0,
    granule,
    serial,
    pageNumber,
    pieces: splitPieces(lacing, reader.bytes(payloadBytes)),
    length,
  }
}

/** A transform from byte chunks to the packets of the first logical stream. */
export class OggReader {
  #pending: Uint8Array = new Uint8Array(0)
  #serial: number | undefined
  #nextPage: number | undefined
  #carried: Uint8Array | undefined
  #isAfterLoss = false

  /** The packets that `bytes` completes. Throws `corrupt` on a bad page, `too-large` on an endless packet. */
  push(bytes: Uint8Array): OggPacket[] {
    this.#pending = this.#pending.length === 0 ? bytes : concatBytes([this.#pending, bytes])
    const packets: OggPacket[] = []
    let at = 0
    for (;;) {
      const page = parsePage(this.#pending.subarray(at))
      if (page === undefined) break
      at += page.length
      this.#serial ??= page.serial
      if (page.serial === this.#serial) this.#takePage(page, packets)
    }
    this.#pending = this.#pending.slice(at)
    return packets
  }

  #takePage(page: ParsedPage, packets: OggPacket[]): void {
    const isExpected = this.#nextPage === undefined || page.pageNumber === this.#nextPage
    this.#nextPage = (page.pageNumber + 1) % 2 ** 32
    this.#isAfterLoss ||= !isExpected
    // A packet goes on from one page only to the very next one, and only if that says so.
    if (!isExpected || !page.isContinued) this.#carried = undefined
    const isHeadless = page.isContinued && this.#carried === undefined
    const pieces = isHeadless ? page.pieces.slice(1) : page.pieces
    const lastEnd = pieces.findLastIndex((piece) => piece.isEnd)
    for (const [i, piece] of pieces.entries()) {
      const bytes = this.#carried === undefined ? piece.bytes : concatBytes([this.#carried, piece.bytes])
      if (bytes.length > OGG_PACKET_BYTES_MAX) throw new MimbarError('too-large', 'An Ogg packet over 1 MiB.')
      this.#carried = piece.isEnd ? undefined : bytes
      if (!piece.isEnd) continue
      packets.push({
        bytes,
        ...(i === lastEnd && page.granule !== NO_GRANULE ? { granule: page.granule } : {}),
        isAfterLoss: this.#isAfterLoss,
        isLast: page.isEos && i === lastEnd,
      })
      this.#isAfterLoss = false
    }
  }
}

/** Signed 64 bits, of which only −1 is negative in practice. */
function readGranule(reader: ByteReader): number {
  const low = reader.u32le()
  const high = reader.u32le() | 0
  return high * 2 ** 32 + low
}

function splitPieces(lacing: Uint8Array, payload: Uint8Array): ParsedPage['pieces'] {
  const pieces: { readonly bytes: Uint8Array; readonly isEnd: boolean }[] = []
  let start = 0
  let end = 0
  for (const [i, length] of lacing.entries()) {
    end += length
    const isEnd = length < 255
    if (!isEnd && i < lacing.length - 1) continue
    pieces.push({ bytes: payload.subarray(start, end), isEnd })
    start = end
  }
  return pieces
}
