// The one codec configuration of every program: mono at 48 kHz in packets of 20 ms. It never changes within a
// space, so a listener's decoder runs from the lobby's slate into the replay without a new init segment.

import { assert } from '../../base/assert.ts'
import { FRAME_SAMPLES, SAMPLE_RATE_HZ, samples } from '../../base/units.ts'
import type { OpusHead, OpusTags } from './headers.ts'
import { parseToc } from './toc.ts'

/** Pre-skip is libopus's look-ahead at 48 kHz: 6.5 ms. */
export const PROGRAM_HEAD: OpusHead = {
  channels: 1,
  preSkip: samples(312),
  inputRateHz: SAMPLE_RATE_HZ,
  outputGainQ8: 0,
}

export const PROGRAM_TAGS: OpusTags = { vendor: 'Mimbar', comments: [] }

/** 20 ms of digital silence: CELT, full band, mono, with the silence flag set (RFC 6716, section 4.3). */
export const SILENT_PACKET: Uint8Array = /* @__PURE__ */ Uint8Array.of(0xf8, 0xff, 0xfe)

/** Throws when `packet` is not 20 ms of mono: a bug in whoever encoded it, which no listener may get to hear. */
export function assertProgramPacket(packet: Uint8Array): void {
  const toc = parseToc(packet)
  assert(toc.duration === FRAME_SAMPLES, `a program packet plays 960 samples, not ${toc.duration}`)
  assert(!toc.isStereo, 'a program packet is mono')
}
