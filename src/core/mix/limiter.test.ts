import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { gainOfDb, peakOf } from '../../media/pcm/level.ts'
import { resample } from '../../media/pcm/wav.ts'
import { CEILING, Limiter, LOOK_AHEAD, TRUE_PEAK_DB } from './limiter.ts'

const through = (frames: readonly Float32Array[]) => {
  const limiter = new Limiter()
  const out = new Float32Array(frames.length * 960)
  frames.forEach((frame, i) => {
    limiter.limit(frame, out.subarray(i * 960, (i + 1) * 960))
  })
  return out
}
const joined = (frames: readonly Float32Array[]) => {
  const all = new Float32Array(frames.length * 960)
  frames.forEach((frame, i) => {
    all.set(frame, i * 960)
  })
  return all
}

describe('a limiter', () => {
  test('lets nothing pass its ceiling, whatever goes in', () => {
    const frame = fc.record({
      gain: fc.double({ min: 0, max: 20, noNaN: true }),
      seed: fc.integer({ min: 1, max: 1e6 }),
    })
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 8 }), (specs) => {
        const frames = specs.map(({ gain, seed }) => {
          let state = seed
          return Float32Array.from({ length: 960 }, () => {
            state = (state * 16_807) % 2_147_483_647
            return gain * (2 * (state / 2_147_483_647) - 1)
          })
        })
        expect(peakOf(through(frames))).toBeLessThanOrEqual(CEILING + 1e-6)
      }),
    )
  })

  test('keeps the true peak to −1 dBTP: between samples, at any frequency and phase, and as voices come and go', () => {
    const voice = fc.record({
      hz: fc.integer({ min: 100, max: 18_000 }),
      phase: fc.double({ min: 0, max: 6.3, noNaN: true }),
      amplitude: fc.double({ min: 0, max: 4, noNaN: true }),
      fromFrame: fc.integer({ min: 0, max: 6 }),
    })
    fc.assert(
      fc.property(fc.array(voice, { minLength: 1, maxLength: 4 }), (voices) => {
        const frames = Array.from({ length: 8 }, (_, f) =>
          Float32Array.from({ length: 960 }, (_, i) => {
            let sum = 0
            for (const { hz, phase, amplitude, fromFrame } of voices) {
              if (f < fromFrame) continue
              sum += amplitude * Math.sin(phase + (2 * Math.PI * hz * (f * 960 + i)) / 48_000)
            }
            return sum
          }),
        )
        // Eight times the rate by a long sinc: another measure than the one that the limiter trusts.
        const finely = resample({ sampleRateHz: 48_000, samples: through(frames) }, 384_000)
        // The last samples are cut off in the middle of a wave, which is a click of the test's own.
        const whole = finely.samples.subarray(0, -8 * 16)
        expect(peakOf(whole)).toBeLessThanOrEqual(gainOfDb(TRUE_PEAK_DB))
      }),
      {
        numRuns: 30,
        // A voice that begins in the middle of its wave, near 18 kHz: an estimate at four times the rate misses its peak.
        examples: [[[{ hz: 17_647, phase: 0, amplitude: 0.8389485753146635, fromFrame: 0 }]]],
      },
    )
  })

  test('leaves what is below its ceiling exactly as it is, one look-ahead later', () => {
    const quiet = Array.from({ length: 5 }, (_, f) =>
      Float32Array.from({ length: 960 }, (_, i) => 0.8 * Math.sin((f * 960 + i) / 17)),
    )
    const out = through(quiet)
    expect(out.subarray(LOOK_AHEAD)).toEqual(joined(quiet).subarray(0, 5 * 960 - LOOK_AHEAD))
  })

  test('turns down smoothly instead of clipping: the wave keeps its shape and the gain moves without a step', () => {
    const sine = Array.from({ length: 25 }, (_, f) =>
      Float32Array.from(
        { length: 960 },
        (_, i) => (f >= 5 ? 4 : 0.5) * Math.sin((2 * Math.PI * 480 * (f * 960 + i)) / 48_000),
      ),
    )
    const out = through(sine)
    const input = joined(sine)
    // The gain at each sample; near zero crossings it cannot be told.
    let before: number | undefined
    for (let i = LOOK_AHEAD + 960; i < out.length; i++) {
      const source = input[i - LOOK_AHEAD] as number
      if (Math.abs(source) < 0.1) continue
      const gain = (out[i] as number) / source
      if (before !== undefined) expect(Math.abs(gain - before)).toBeLessThan(0.1)
      before = gain
    }
    // Clipped samples would sit at the ceiling in flat rows: a limited sine touches it for a moment each period.
    let flat = 0
    for (let i = 1; i < out.length; i++) {
      if (Math.abs(out[i] as number) > 0.98 * CEILING && out[i] === out[i - 1]) flat += 1
    }
    expect(flat).toBe(0)
  })

  test('comes back to full gain within a second and a half', () => {
    const limiter = new Limiter()
    const out = new Float32Array(960)
    limiter.limit(new Float32Array(960).fill(5), out)
    expect(limiter.gain).toBeLessThan(0.2)
    for (let i = 0; i < 75; i++) limiter.limit(new Float32Array(960).fill(0.1), out)
    expect(limiter.gain).toBeGreaterThan(0.99)
  })
})
