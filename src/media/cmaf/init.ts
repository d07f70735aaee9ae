// The CMAF header of a program: what a player needs once before any part (ISO/IEC 23000-19, section 7.3.2;
// "Encapsulation of Opus in ISO Base Media File Format", version 0.8.1; for AAC, `esds.ts`).

import { ByteWriter, encodeUtf8 } from '../../base/bytes.ts'
import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../../base/units.ts'
import { AAC_FRAME_SAMPLES } from '../aac/program.ts'
import { PROGRAM_HEAD } from '../opus/program.ts'
import { box, fullBox } from './box.ts'
import { esds } from './esds.ts'

export const MP4_CONTENT_TYPE = 'audio/mp4; codecs="opus"'
export const AAC_CONTENT_TYPE = 'audio/mp4; codecs="mp4a.40.2"'
/** Media time counts samples. */
export const PROGRAM_TIMESCALE = SAMPLE_RATE_HZ
export const PROGRAM_TRACK = 1

/** What differs between codecs. */
interface Codec {
  /** Four characters. */
  readonly brand: string
  /** The sample entry of this name, and the box in it that tells the codec's configuration. */
  readonly entry: string
  readonly config: () => Uint8Array
  readonly frameSamples: number
  /** In frames: how many before the first that is wanted a decoder needs, to be exact. */
  readonly roll: number
}

const OPUS: Codec = {
  brand: 'Opus',
  entry: 'Opus',
  config: () => dOps(),
  frameSamples: FRAME_SAMPLES,
  // 80 ms, as the encapsulation of Opus wants it.
  roll: 4,
}

const AAC: Codec = {
  // CMAF's media profile for AAC-LC (ISO/IEC 23000-19, section 10.3.1).
  brand: 'caac',
  entry: 'mp4a',
  config: () => esds(),
  frameSamples: AAC_FRAME_SAMPLES,
  // A frame overlaps with the one before it.
  roll: 1,
}

/** Bytes of the init segment of Opus: `ftyp` and `moov`, the same for every space and bit rate. */
export function initSegment(): Uint8Array {
  return initOf(OPUS)
}

/** Bytes of the init segment of AAC, the same for every space. */
export function aacInitSegment(): Uint8Array {
  return initOf(AAC)
}

const initOf = (codec: Codec) => new ByteWriter(1024).bytes(ftyp(codec)).bytes(moov(codec)).finish()

// `iso6` for `tfdt` and default-base-is-moof, `cmfc` for CMAF, then the codec's own.
const ftyp = ({ brand }: Codec) =>
  box('ftyp', ascii('iso6'), u32(0), ascii('iso6'), ascii('cmfc'), ascii(brand), ascii('mp41'))

const moov = (codec: Codec) => box('moov', mvhd(), trak(codec), box('mvex', trex(codec)))

// No edit list anywhere: it would shift the program by the pre-skip of 6.5 ms once, and differently in each player.
const trak = (codec: Codec) => box('trak', tkhd(), box('mdia', mdhd(), hdlr(), minf(codec)))

const minf = (codec: Codec) => box('minf', fullBox('smhd', 0, 0, u32(0)), dinf(), stbl(codec))

const dinf = () => box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)))

const stbl = (codec: Codec) =>
  box(
    'stbl',
    stsd(codec),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    stsz(),
    stco(),
    sgpd(codec),
  )

const stsz = () => fullBox('stsz', 0, 0, u32(0), u32(0))

const stco = () => fullBox('stco', 0, 0, u32(0))

const mvhd = () =>
  fullBox(
    'mvhd',
    0,
    0,
    new ByteWriter(96)
      .u32(0) // creation time
      .u32(0) // modification time
      .u32(PROGRAM_TIMESCALE)
      .u32(0) // duration: not known
      .u32(0x00010000) // rate 1.0
      .u16(0x0100) // volume 1.0
      .bytes(new Uint8Array(10))
      .bytes(UNITY_MATRIX)
      .bytes(new Uint8Array(24))
      .u32(PROGRAM_TRACK + 1) // next track
      .finish(),
  )

const tkhd = () =>
  fullBox(
    'tkhd',
    0,
    7, // enabled, in movie, in preview
    new ByteWriter(80)
      .u32(0)
      .u32(0)
      .u32(PROGRAM_TRACK)
      .u32(0)
      .u32(0) // duration
      .bytes(new Uint8Array(8))
      .u16(0) // layer
      .u16(0) // alternate group
      .u16(0x0100) // volume 1.0
      .u16(0)
      .bytes(UNITY_MATRIX)
      .u32(0) // width
      .u32(0) // height
      .finish(),
  )

const mdhd = () =>
  fullBox(
    'mdhd',
    0,
    0,
    new ByteWriter(20)
      .u32(0)
      .u32(0)
      .u32(PROGRAM_TIMESCALE)
      .u32(0) // duration
      .u16(0x55c4) // language "und"
      .u16(0)
      .finish(),
  )

const hdlr = () => fullBox('hdlr', 0, 0, u32(0), ascii('soun'), new Uint8Array(12), ascii('Program\0'))

const stsd = (codec: Codec) => fullBox('stsd', 0, 0, u32(1), sampleEntry(codec))

const sampleEntry = ({ entry, config }: Codec) =>
  box(
    entry,
    new ByteWriter(28)
      .bytes(new Uint8Array(6))
      .u16(1) // data reference
      .bytes(new Uint8Array(8))
      .u16(PROGRAM_HEAD.channels)
      .u16(16) // sample size, as the specifications want it
      .u32(0)
      .u32(SAMPLE_RATE_HZ * 2 ** 16)
      .finish(),
    config(),
  )

const dOps = () =>
  box(
    'dOps',
    new ByteWriter(11)
      .u8(0) // version
      .u8(PROGRAM_HEAD.channels)
      .u16(PROGRAM_HEAD.preSkip)
      .u32(PROGRAM_HEAD.inputRateHz)
      .u16(PROGRAM_HEAD.outputGainQ8)
      .u8(0) // channel mapping family
      .finish(),
  )

// After a seek a decoder needs some frames before it is exact: a roll distance, below zero, as the default group of
// every sample (ISO/IEC 14496-12, section 8.9.3, version 2), so that parts need no `sbgp` of their own.
const sgpd = ({ roll }: Codec) =>
  fullBox(
    'sgpd',
    2,
    0,
    ascii('roll'),
    new ByteWriter(14)
      .u32(2) // length of each description
      .u32(1) // the default group, by number
      .u32(1) // number of descriptions
      .u16(-roll & 0xffff)
      .finish(),
  )

const trex = ({ frameSamples }: Codec) =>
  fullBox('trex', 0, 0, u32(PROGRAM_TRACK), u32(1), u32(frameSamples), u32(0), u32(SAMPLE_FLAGS))

/** Depends on no other sample, and is a sync sample: true of every Opus packet and of every frame of AAC-LC. */
const SAMPLE_FLAGS = 0x02000000

const UNITY_MATRIX = /* @__PURE__ */ new ByteWriter(36)
  .u32(0x00010000)
  .bytes(new Uint8Array(12))
  .u32(0x00010000)
  .bytes(new Uint8Array(12))
  .u32(0x40000000)
  .finish()

function u32(value: number): Uint8Array {
  return new ByteWriter(4).u32(value).finish()
}

const ascii = encodeUtf8
