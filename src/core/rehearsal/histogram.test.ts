import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { DurationHistogram, HISTOGRAM_MS_MAX } from './histogram.ts'

const values = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 200 })
const shares = fc.double({ min: 0, max: 1, noNaN: true })

function of(recorded: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram()
  for (const value of recorded) histogram.record(value)
  return histogram
}

test('a percentile is the true one, or at most a thirty-second more', () => {
  fc.assert(
    fc.property(values, shares, (recorded, share) => {
      const sorted = recorded.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] as number
      const found = of(recorded).percentile(share) as number
      expect(found).toBeGreaterThanOrEqual(exact)
      expect(found).toBeLessThanOrEqual(exact + exact / 32)
    }),
  )
})

test('values below 64 ms are exact', () => {
  for (let ms = 0; ms < 64; ms++) expect(of([ms]).percentile(0.5)).toBe(ms)
})

test('histograms of several processes add up to the one of all values', () => {
  fc.assert(
    fc.property(values, values, shares, (one, other, share) => {
      const sum = new DurationHistogram()
      sum.add(of(one).toSparse())
      sum.add(of(other).toSparse())
      const whole = of([...one, ...other])
      expect(sum.count).toBe(whole.count)
      expect(sum.toSparse()).toEqual(whole.toSparse())
      const exact = whole.percentile(share) as number
      expect(sum.percentile(share)).toBeGreaterThanOrEqual(exact)
      expect(sum.percentile(share)).toBeLessThanOrEqual(exact + exact / 32 + 1)
    }),
  )
})

test('what is above a bound is counted to the precision of its bucket', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 100_000 }), (recorded, bound) => {
      const above = of(recorded).countAbove(bound)
      expect(above).toBeLessThanOrEqual(recorded.filter((value) => value > bound).length)
      expect(above).toBeGreaterThanOrEqual(recorded.filter((value) => value > bound + bound / 32 + 1).length)
    }),
  )
})

test('the curve ends at one and never falls', () => {
  fc.assert(
    fc.property(values, (recorded) => {
      const points = of(recorded).curve()
      expect(points.at(-1)).toEqual([Math.max(...recorded), 1])
      for (let i = 1; i < points.length; i++) {
        expect((points[i] as readonly [number, number])[1]).toBeGreaterThan(
          (points[i - 1] as readonly [number, number])[1],
        )
      }
    }),
  )
})

test('nothing recorded has no percentile, and the unthinkably long is counted as the longest', () => {
  expect(new DurationHistogram().percentile(0.99)).toBeUndefined()
  expect(of([-5]).percentile(1)).toBe(0)
  expect(of([1e15]).percentile(1)).toBe(HISTOGRAM_MS_MAX)
})
