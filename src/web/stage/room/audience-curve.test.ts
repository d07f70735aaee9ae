import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { AudienceCurve, CURVE_POINTS_MAX } from './audience-curve.ts'

test('a point a second, and what was not seen stayed as it was', () => {
  const curve = new AudienceCurve()
  curve.see(1, 5_000)
  curve.see(2, 5_400)
  curve.see(7, 8_100)
  expect(curve.points).toEqual([2, 2, 2, 7])
  expect(curve.peak).toBe(7)
})

test('however long it lasts, the line keeps its length and its ends', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 600_000 }), { minLength: 1, maxLength: 60 }), (waitsMs) => {
      const curve = new AudienceCurve()
      let nowMs = 17
      curve.see(0, nowMs)
      for (const [index, waitMs] of waitsMs.entries()) {
        nowMs += waitMs + 1_000
        curve.see(index + 1, nowMs)
      }
      expect(curve.points.length).toBeLessThanOrEqual(CURVE_POINTS_MAX)
      expect(curve.points[0]).toBe(0)
      expect(curve.points.at(-1)).toBe(waitsMs.length)
      expect(curve.points.every((value, i, all) => i === 0 || value >= (all[i - 1] ?? 0))).toBe(true)
    }),
  )
})
