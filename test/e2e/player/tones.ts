// A program that a machine can recognise: each second of media time has its own tone.

import { Encoder } from '@evan/opus'
import { FRAME_SAMPLES, FRAMES_PER_PART, SAMPLE_RATE_HZ, type Sequence } from '../../../src/base/units.ts'

/** The tone that is on air in the second that begins at media time `second`. */
export function toneHz(second: number): number {
  return 500 + 60 * (Math.floor(second) % 16)
}

/** Encodes the program part after part, with a continuous phase. */
export class ToneProgram {
  readonly #encoder = new Encoder({ channels: 1, sample_rate: SAMPLE_RATE_HZ, application: 'audio' })
  #phase = 0

  constructor(bitrateBps = 48_000) {
    this.#encoder.bitrate = bitrateBps
  }

  /** The ten packets of part `at`. */
  packets(at: Sequence): Uint8Array[] {
    return Array.from({ length: FRAMES_PER_PART }, (_, i) => this.#frame(at * FRAMES_PER_PART + i))
  }

  #frame(index: number): Uint8Array {
    const pcm = new Int16Array(FRAME_SAMPLES)
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const second = (index * FRAME_SAMPLES + i) / SAMPLE_RATE_HZ
      this.#phase += (2 * Math.PI * toneHz(second)) / SAMPLE_RATE_HZ
      pcm[i] = Math.round(8_000 * Math.sin(this.#phase))
    }
    return this.#encoder.encode(pcm).slice()
  }
}
