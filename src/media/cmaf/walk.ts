// Finding one's way in boxes that are there already (ISO/IEC 14496-12, section 4.2). No writing, so that pages
// which only read carry only this.

import { ByteReader } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import { type Samples, samples } from '../../base/units.ts'

/** u32 size and four characters. */
export const BOX_HEADER_BYTES = 8

/**
 * Size of the box at `at`, header included. Throws `corrupt` for the two special sizes (to the end of the file,
 * 64 bits): neither belongs into a stream of small boxes.
 */
export function boxSize(bytes: Uint8Array, at: number): number {
  const size = new ByteReader(bytes.subarray(at)).u32()
  if (size < BOX_HEADER_BYTES) throw new MimbarError('corrupt', `A box of size ${size}.`)
  return size
}

/** The four characters of the box at `at`. */
export function boxType(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at + 4, at + 8))
}

/** The first box of `type` in `content`, which is boxes laid end to end. Throws `corrupt` when there is none. */
export function findBox(content: Uint8Array, type: string): Uint8Array {
  for (let at = 0; content.length - at >= BOX_HEADER_BYTES; ) {
    const size = boxSize(content, at)
    if (at + size > content.length) break
    if (boxType(content, at) === type) return content.subarray(at + BOX_HEADER_BYTES, at + size)
    at += size
  }
  throw new MimbarError('corrupt', `There is no whole ${type} box.`)
}

/** When a part begins and how long it plays. */
export interface PartTime {
  /** Since the log's sequence 0. */
  readonly start: Samples
  readonly duration: Samples
}

const TFHD_BASE_DATA_OFFSET = 0x01
const TFHD_SAMPLE_DESCRIPTION = 0x02
const TFHD_DEFAULT_DURATION = 0x08
const TRUN_SAMPLE_DURATION = 0x100

/**
 * Reads the time of a whole `moof` box as our muxer writes it: one track, and one duration for all samples.
 * Throws `corrupt` when a box is missing or torn, `unsupported` when samples have durations of their own.
 */
export function parsePartTime(moof: Uint8Array): PartTime {
  const traf = findBox(moof.subarray(BOX_HEADER_BYTES), 'traf')
  const tfdt = new ByteReader(findBox(traf, 'tfdt'))
  const start = tfdt.u32() >>> 24 === 1 ? tfdt.u64() : tfdt.u32()
  const trun = new ByteReader(findBox(traf, 'trun'))
  if (trun.u32() & TRUN_SAMPLE_DURATION) {
    throw new MimbarError('unsupported', 'Samples with durations of their own.')
  }
  return { start: samples(start), duration: samples(trun.u32() * sampleDuration(findBox(traf, 'tfhd'))) }
}

function sampleDuration(tfhd: Uint8Array): number {
  const reader = new ByteReader(tfhd)
  const flags = reader.u32()
  reader.u32() // track
  if (flags & TFHD_BASE_DATA_OFFSET) reader.u64()
  if (flags & TFHD_SAMPLE_DESCRIPTION) reader.u32()
  if (!(flags & TFHD_DEFAULT_DURATION)) {
    throw new MimbarError('unsupported', 'A part that leaves its duration to the init segment.')
  }
  return reader.u32()
}
