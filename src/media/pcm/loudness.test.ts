import { describe, expect, test } from 'bun:test'
import { gainOfDb } from './level.ts'
import { EarWeighting, energyOfLufs, integratedLoudness, lufsOfEnergy } from './loudness.ts'

const sine = (hz: number, db: number, seconds: number) =>
  Float32Array.from(
    { length: seconds * 48_000 },
    (_, i) => gainOfDb(db) * Math.sin((2 * Math.PI * hz * i) / 48_000),
  )
const joined = (...stretches: readonly Float32Array[]) => {
  const out = new Float32Array(stretches.reduce((sum, stretch) => sum + stretch.length, 0))
  let at = 0
  for (const stretch of stretches) {
    out.set(stretch, at)
    at += stretch.length
  }
  return out
}

describe('loudness', () => {
  // EBU Tech 3341, table 1, gives these for two channels: one alone is 3.01 LU less.
  test('a 1 kHz sine at −20 dBFS on one channel is −23.0 LUFS', () => {
    expect(integratedLoudness(sine(1_000, -20, 20))).toBeCloseTo(-23, 1)
    expect(integratedLoudness(sine(1_000, -30, 20))).toBeCloseTo(-33, 1)
  })

  test('stretches far below the rest do not count', () => {
    const quiet = sine(1_000, -36, 10)
    const loud = sine(1_000, -20, 60)
    expect(integratedLoudness(joined(quiet, loud, quiet))).toBeCloseTo(-23, 1)
  })

  test('silence has none', () => {
    expect(integratedLoudness(new Float32Array(48_000))).toBe(Number.NEGATIVE_INFINITY)
  })

  test('what is low is less loud than what an ear is good at', () => {
    expect(integratedLoudness(sine(40, -20, 5))).toBeLessThan(integratedLoudness(sine(3_000, -20, 5)) - 6)
  })

  test('energy and loudness are two names for one thing, and a stream may come in frames of any size', () => {
    expect(lufsOfEnergy(energyOfLufs(-23))).toBeCloseTo(-23, 9)
    const tone = sine(997, -20, 1)
    const whole = new EarWeighting().energyOf(tone)
    const inFrames = new EarWeighting()
    let sum = 0
    for (let at = 0; at < tone.length; at += 960) sum += inFrames.energyOf(tone.subarray(at, at + 960))
    expect(sum / 50).toBeCloseTo(whole, 9)
    expect(new EarWeighting().energyOf(new Float32Array(0))).toBe(0)
  })
})
