// The first byte of every Opus packet says how long it plays and how it is coded (RFC 6716, section 3.1):
//
//      0 1 2 3 4 5 6 7
//     +-+-+-+-+-+-+-+-+
//     | config  |s| c |      c = 3: the next byte holds the frame count in its low six bits
//     +-+-+-+-+-+-+-+-+

import { MimbarError } from '../../base/errors.ts'
import { type Samples, samples } from '../../base/units.ts'

/** What a packet's table of contents says. */
export interface OpusToc {
  readonly mode: 'silk' | 'hybrid' | 'celt'
  readonly isStereo: boolean
  readonly frameCount: number
  /** Of the whole packet, at 48 kHz. */
  readonly duration: Samples
}

// Section 3.1, table 2: four lengths for SILK, two for hybrid, four for CELT, by the low bits of `config`.
const SILK_FRAME_SAMPLES = [480, 960, 1920, 2880] as const
const CELT_FRAME_SAMPLES = [120, 240, 480, 960] as const
/** 120 ms: no packet is longer (section 3.2.5, requirement R5). */
const PACKET_SAMPLES_MAX = 5760

/** Reads the table of contents of `packet`. Throws `corrupt` where RFC 6716 calls a packet malformed. */
export function parseToc(packet: Uint8Array): OpusToc {
  const toc = packet[0]
  if (toc === undefined) throw new MimbarError('corrupt', 'An Opus packet has at least one byte.')
  const frameCount = frameCountOf(packet, toc & 3)
  const duration = frameCount * frameSamples(toc >> 3)
  if (frameCount === 0 || duration > PACKET_SAMPLES_MAX) {
    throw new MimbarError('corrupt', `An Opus packet of ${frameCount} frames and ${duration} samples.`)
  }
  const mode = toc >> 3 < 12 ? 'silk' : toc >> 3 < 16 ? 'hybrid' : 'celt'
  return { mode, isStereo: (toc & 4) !== 0, frameCount, duration: samples(duration) }
}

function frameSamples(config: number): number {
  if (config < 12) return SILK_FRAME_SAMPLES[config & 3] as number
  if (config < 16) return config & 1 ? 960 : 480
  return CELT_FRAME_SAMPLES[config & 3] as number
}

function frameCountOf(packet: Uint8Array, code: number): number {
  if (code === 0) return 1
  if (code < 3) return 2
  const counts = packet[1]
  if (counts === undefined) throw new MimbarError('corrupt', 'An Opus packet ends before its frame count.')
  return counts & 63
}
