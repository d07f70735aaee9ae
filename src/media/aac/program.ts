// The one configuration of the AAC track: AAC-LC, mono, 48 kHz, for players that know no Opus. Its frames of 1,024
// samples lie on a grid of their own since sequence 0 of the log, so that whoever encodes, from whenever on, cuts at
// the same places: what a standby makes goes on where the stage before it stopped.

import { PART_SAMPLES, type Samples, type Sequence, samples } from '../../base/units.ts'

/** Samples in one frame of AAC-LC (ISO/IEC 14496-3, section 4.5.1.1: frameLengthFlag 0). */
export const AAC_FRAME_SAMPLES = 1_024
export const AAC_BITRATE_BPS = 64_000

/**
 * AudioSpecificConfig (ISO/IEC 14496-3, section 1.6.2.1): audioObjectType 2 (AAC-LC) in five bits,
 * samplingFrequencyIndex 3 (48 kHz) in four, channelConfiguration 1 (mono) in four, and three flags, all zero.
 */
export const AAC_CONFIG: readonly number[] = [0x11, 0x88]

/** Ordinal, since sequence 0, of the first frame that begins in part `of` or later. */
export function firstFrameOf(of: Sequence): number {
  return Math.ceil((of * PART_SAMPLES) / AAC_FRAME_SAMPLES)
}

/** How many frames begin in part `of`: nine or ten. */
export function framesIn(of: Sequence): number {
  return firstFrameOf((of + 1) as Sequence) - firstFrameOf(of)
}

/** Where frame `ordinal` begins, since sequence 0. */
export function frameStart(ordinal: number): Samples {
  return samples(ordinal * AAC_FRAME_SAMPLES)
}
