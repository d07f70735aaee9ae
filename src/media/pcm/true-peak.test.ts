import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { peakOf } from './level.ts'
import { TRUE_PEAK_TAPS, truePeakOf } from './true-peak.ts'
import { resample } from './wav.ts'

test('an estimate misses at most a quarter of a decibel, wherever a tone up to 18 kHz begins', () => {
  const tone = fc.record({
    hz: fc.integer({ min: 20, max: 18_000 }),
    phase: fc.double({ min: 0, max: 6.3, noNaN: true }),
    from: fc.integer({ min: 40, max: 200 }),
  })
  fc.assert(
    fc.property(tone, ({ hz, phase, from }) => {
      const line = Float32Array.from({ length: 600 }, (_, i) =>
        i < from ? 0 : Math.sin(phase + (2 * Math.PI * hz * i) / 48_000),
      )
      // By a longer filter, without the end, where the tone is cut off.
      const finely = resample({ sampleRateHz: 48_000, samples: line }, 384_000).samples.subarray(0, -8 * 16)
      const estimate = truePeakOf(line, TRUE_PEAK_TAPS - 1, line.length, 0)
      expect(20 * Math.log10(peakOf(finely) / estimate)).toBeLessThan(0.25)
    }),
    { numRuns: 150, examples: [[{ hz: 17_647, phase: 0.07, from: 100 }]] },
  )
})

test('what cannot be above the ceiling is not looked at closely, and never called above it', () => {
  const quiet = Float32Array.from({ length: 300 }, (_, i) => 0.1 * Math.sin(i))
  expect(truePeakOf(quiet, TRUE_PEAK_TAPS - 1, quiet.length, 0.8)).toBeLessThanOrEqual(0.8)
})
