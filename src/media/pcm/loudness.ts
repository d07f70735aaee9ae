// How loud is it to an ear? Loudness after ITU-R BS.1770-5: sound is weighted as the head and the ear weigh it, its
// energy is taken over 400 ms, and stretches that are silence or far below the rest do not count. Mono, 48 kHz.

import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../../base/units.ts'

/** A biquad, normalized to a0 = 1. */
interface Coefficients {
  readonly b: readonly [number, number, number]
  readonly a: readonly [number, number]
}

/** BS.1770-5, annex 1, table 1: the head, as a shelf of +4 dB above 2 kHz. At 48 kHz. */
const HEAD: Coefficients = {
  b: [1.53512485958697, -2.69169618940638, 1.19839281085285],
  a: [-1.69065929318241, 0.73248077421585],
}
/** Table 2: what is too low to be loud. At 48 kHz. */
const LOW_CUT: Coefficients = { b: [1, -2, 1], a: [-1.99004745483398, 0.99007225036621] }

/** Below this a block is silence (annex 1, absolute gate). */
export const SILENCE_LUFS = -70
/** Blocks this far below the mean of the others do not count (annex 1, relative gate). */
const RELATIVE_GATE_LU = -10
const BLOCK_SAMPLES = 0.4 * SAMPLE_RATE_HZ
/** Blocks overlap by three quarters. */
const HOP_SAMPLES = BLOCK_SAMPLES / 4

/** Weights a stream of samples as an ear does; one for each stream. */
export class EarWeighting {
  readonly #head = new Biquad(HEAD)
  readonly #lowCut = new Biquad(LOW_CUT)

  /** Mean of the squares of the next `frame`, weighted. */
  energyOf(frame: Float32Array): number {
    let sum = 0
    for (let i = 0; i < frame.length; i++) {
      const weighted = this.#lowCut.next(this.#head.next(frame[i] as number))
      sum += weighted * weighted
    }
    return frame.length === 0 ? 0 : sum / frame.length
  }
}

/** Weighted energy as loudness in LUFS; −∞ for none. */
export function lufsOfEnergy(energy: number): number {
  return -0.691 + 10 * Math.log10(energy)
}

/** Weighted energy that is as loud as `lufs`. */
export function energyOfLufs(lufs: number): number {
  return 10 ** ((lufs + 0.691) / 10)
}

/** Loudness of a whole recording in LUFS, gated (annex 1); −∞ when nothing in it is louder than silence. */
export function integratedLoudness(samples: Float32Array): number {
  const weighting = new EarWeighting()
  const hops: number[] = []
  for (let at = 0; at + HOP_SAMPLES <= samples.length; at += HOP_SAMPLES) {
    hops.push(weighting.energyOf(samples.subarray(at, at + HOP_SAMPLES)))
  }
  const blocks: number[] = []
  for (let i = 3; i < hops.length; i++) blocks.push(mean(hops.slice(i - 3, i + 1)))
  const audible = blocks.filter((energy) => lufsOfEnergy(energy) > SILENCE_LUFS)
  const gate = mean(audible) * 10 ** (RELATIVE_GATE_LU / 10)
  return lufsOfEnergy(mean(audible.filter((energy) => energy > gate)))
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

/** Frames of 20 ms in the 400 ms over which momentary loudness is taken. */
export const MOMENTARY_FRAMES = BLOCK_SAMPLES / FRAME_SAMPLES

/** Direct form II transposed. */
class Biquad {
  readonly #c: Coefficients
  #s1 = 0
  #s2 = 0

  constructor(coefficients: Coefficients) {
    this.#c = coefficients
  }

  next(x: number): number {
    const { b, a } = this.#c
    const y = b[0] * x + this.#s1
    this.#s1 = b[1] * x - a[0] * y + this.#s2
    this.#s2 = b[2] * x - a[1] * y
    return y
  }
}
