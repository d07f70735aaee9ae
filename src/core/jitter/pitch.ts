// Makes sound a little shorter or longer without changing its pitch: one period is overlapped with the next and
// taken out, or played twice (the idea of WSOLA and of NetEQ's accelerate and preemptive expand). In silence any
// length will do.

import { assert } from '../../base/assert.ts'
import { energyOf } from '../../media/pcm/level.ts'

/** Pitch periods that are looked for: 2.5 ms (400 Hz) to 8 ms (125 Hz, or half of a deep voice's period). */
const PERIOD_MIN = 120
const PERIOD_MAX = 384
/** Every fourth sample is enough to find a period. */
const STRIDE = 4
/** Neighbouring periods must be this much alike, or the joint would be heard. */
const LIKENESS_MIN = 0.6
/** Mean square below which nobody hears a joint: −50 dBov. */
const QUIET_ENERGY = 1e-5
/** What silence is cut or lengthened by: 10 ms, so that pauses make up for most of a delay. */
const QUIET_CUT = 480
/** Shortest sound that can be changed: two of the longest periods. */
export const STRETCHABLE_MIN = 2 * PERIOD_MAX

/** `sound` without one pitch period, or as it is when there is no good place to cut. */
export function shrink(sound: Float32Array): Float32Array {
  const period = periodOf(sound)
  if (period === undefined) return sound
  const out = new Float32Array(sound.length - period)
  blendPeriod(sound, out, 0, period)
  out.set(sound.subarray(2 * period), period)
  return out
}

/** `sound` with one pitch period more, or as it is when it has none. */
export function stretch(sound: Float32Array): Float32Array {
  const period = periodOf(sound)
  if (period === undefined) return sound
  const out = new Float32Array(sound.length + period)
  out.set(sound.subarray(0, period))
  // From the second period back into the first, so that the first is heard again.
  for (let i = 0; i < period; i++) {
    const weight = (i + 1) / period
    out[period + i] = (sound[period + i] as number) * (1 - weight) + (sound[i] as number) * weight
  }
  out.set(sound.subarray(period), 2 * period)
  return out
}

/** Writes the first period of `sound` fading into the second. */
function blendPeriod(sound: Float32Array, out: Float32Array, at: number, period: number): void {
  for (let i = 0; i < period; i++) {
    const weight = (i + 1) / period
    out[at + i] = (sound[i] as number) * (1 - weight) + (sound[period + i] as number) * weight
  }
}

/** The length after which the start of `sound` repeats itself best; any in silence; undefined if none. */
function periodOf(sound: Float32Array): number | undefined {
  assert(sound.length >= STRETCHABLE_MIN, 'a sound to change is at least two periods long')
  if (energyOf(sound) < QUIET_ENERGY) return Math.min(QUIET_CUT, sound.length >> 1)
  let best = 0
  let found: number | undefined
  for (let period = PERIOD_MIN; period <= PERIOD_MAX; period++) {
    const likeness = likenessAt(sound, period)
    if (likeness > best) {
      best = likeness
      found = period
    }
  }
  return best >= LIKENESS_MIN ? found : undefined
}

/** Normalized correlation of the first `period` samples with those after them, −1…1. */
function likenessAt(sound: Float32Array, period: number): number {
  let cross = 0
  let first = 1e-12
  let second = 1e-12
  for (let i = 0; i < period; i += STRIDE) {
    const a = sound[i] as number
    const b = sound[i + period] as number
    cross += a * b
    first += a * a
    second += b * b
  }
  return cross / Math.sqrt(first * second)
}
