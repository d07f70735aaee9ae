// The smallest ID3v2.4 tag: one TXXX frame (id3.org, "ID3 tag version 2.4.0 - Main Structure", sections 3.1, 4;
// "Native Frames", section 4.2.6):
//
//     "ID3" 04 00 · u8 flags = 0 · size · "TXXX" · size · u16 flags = 0
//     u8 encoding = 3 (UTF-8) · description · 00 · value            sizes: four bytes of seven bits

import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'

const FRAME_HEADER_BYTES = 10
const UTF8 = 3

/** A tag that says `value` (any text) under `description`. */
export function encodeId3Text(description: string, value: string): Uint8Array {
  const name = encodeUtf8(description)
  const text = encodeUtf8(value)
  const frameBytes = 1 + name.length + 1 + text.length
  return new ByteWriter(2 * FRAME_HEADER_BYTES + frameBytes)
    .bytes(encodeUtf8('ID3'))
    .u16(0x0400)
    .u8(0)
    .u32(toSynchsafe(FRAME_HEADER_BYTES + frameBytes))
    .bytes(encodeUtf8('TXXX'))
    .u32(toSynchsafe(frameBytes))
    .u16(0)
    .u8(UTF8)
    .bytes(name)
    .u8(0)
    .bytes(text)
    .finish()
}

/**
 * The value of the first TXXX frame called `description`, if the tag has one in UTF-8; other frames are passed
 * over. Throws `corrupt` when a length runs past the end.
 */
export function parseId3Text(tag: Uint8Array, description: string): string | undefined {
  const reader = new ByteReader(tag)
  if (decodeUtf8(reader.bytes(3)) !== 'ID3' || reader.u16() >> 8 !== 4) return undefined
  reader.u8()
  const frames = new ByteReader(reader.bytes(fromSynchsafe(reader.u32())))
  while (frames.left > FRAME_HEADER_BYTES) {
    const id = decodeUtf8(frames.bytes(4))
    const size = fromSynchsafe(frames.u32())
    frames.u16()
    const body = new ByteReader(frames.bytes(size))
    if (id !== 'TXXX' || body.u8() !== UTF8) continue
    if (decodeUtf8(body.untilZero()) === description) return decodeUtf8(body.bytes(body.left))
  }
  return undefined
}

function toSynchsafe(n: number): number {
  return ((n & 0xfe00000) << 3) | ((n & 0x1fc000) << 2) | ((n & 0x3f80) << 1) | (n & 0x7f)
}

function fromSynchsafe(n: number): number {
  return ((n & 0x7f000000) >> 3) | ((n & 0x7f0000) >> 2) | ((n & 0x7f00) >> 1) | (n & 0x7f)
}
