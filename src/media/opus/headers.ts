// The two packets in front of every Ogg Opus stream (RFC 7845, section 5; little-endian):
//
//     OpusHead: "OpusHead" · u8 version = 1 · u8 channels · u16 pre-skip · u32 input rate · i16 gain · u8 mapping
//     OpusTags: "OpusTags" · u32 length, vendor · u32 count, then for each: u32 length, comment

import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import { type Samples, samples } from '../../base/units.ts'

/** What a decoder must know before the first packet. */
export interface OpusHead {
  readonly channels: number
  /** Samples at 48 kHz to throw away at the start: the encoder's delay. */
  readonly preSkip: Samples
  /** Rate of what was encoded; for information only, decoding is always at 48 kHz. */
  readonly inputRateHz: number
  /** Gain that a decoder applies, in 1/256 dB. */
  readonly outputGainQ8: number
}

export interface OpusTags {
  readonly vendor: string
  /** `NAME=value`, as in Vorbis comments. */
  readonly comments: readonly string[]
}

const HEAD_MAGIC = 'OpusHead'
const TAGS_MAGIC = 'OpusTags'
/** A comment header with a cover picture may be large; ours and those of our demo voices are not. */
const COMMENTS_MAX = 1_000

/** The identification header, with channel mapping family 0 (mono or stereo). */
export function encodeOpusHead(head: OpusHead): Uint8Array {
  return new ByteWriter(19)
    .bytes(encodeUtf8(HEAD_MAGIC))
    .u8(1)
    .u8(head.channels)
    .u16le(head.preSkip)
    .u32le(head.inputRateHz)
    .u16le(head.outputGainQ8 & 0xffff)
    .u8(0)
    .finish()
}

/** Throws `corrupt` when it is no OpusHead, `unsupported` for another major version or a channel mapping. */
export function parseOpusHead(bytes: Uint8Array): OpusHead {
  const reader = new ByteReader(bytes)
  expectMagic(reader, HEAD_MAGIC)
  // Section 5.1: a different upper nibble is an incompatible version.
  if (reader.u8() >> 4 !== 0) throw new MimbarError('unsupported', 'A newer version of OpusHead.')
  const channels = reader.u8()
  const preSkip = samples(reader.u16le())
  const inputRateHz = reader.u32le()
  const outputGainQ8 = (reader.u16le() << 16) >> 16
  if (reader.u8() !== 0 || channels < 1 || channels > 2) {
    throw new MimbarError('unsupported', 'Opus with a channel mapping; only mono and stereo are read.')
  }
  return { channels, preSkip, inputRateHz, outputGainQ8 }
}

export function encodeOpusTags(tags: OpusTags): Uint8Array {
  const writer = new ByteWriter().bytes(encodeUtf8(TAGS_MAGIC))
  writeText(writer, tags.vendor)
  writer.u32le(tags.comments.length)
  for (const comment of tags.comments) writeText(writer, comment)
  return writer.finish()
}

/** Throws `corrupt` when it is no OpusTags, `too-large` past a thousand comments. */
export function parseOpusTags(bytes: Uint8Array): OpusTags {
  const reader = new ByteReader(bytes)
  expectMagic(reader, TAGS_MAGIC)
  const vendor = readText(reader)
  const count = reader.u32le()
  if (count > COMMENTS_MAX) throw new MimbarError('too-large', `OpusTags with ${count} comments.`)
  const comments = Array.from({ length: count }, () => readText(reader))
  return { vendor, comments }
}

function expectMagic(reader: ByteReader, magic: string): void {
  if (decodeUtf8(reader.bytes(magic.length)) !== magic) {
    throw new MimbarError('corrupt', `These bytes are no ${magic}.`)
  }
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = encodeUtf8(text)
  writer.u32le(bytes.length).bytes(bytes)
}

function readText(reader: ByteReader): string {
  return decodeUtf8(reader.bytes(reader.u32le()))
}
