import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { chart, ticks } from './chart.ts'

test('an axis starts at nothing, covers everything, and has a handful of marks', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e9, noNaN: true }), (max) => {
      const marks = ticks(max)
      expect(marks[0]).toBe(0)
      expect(marks.at(-1)).toBeGreaterThanOrEqual(max * (1 - 1e-9))
      expect(marks.length).toBeGreaterThanOrEqual(2)
      expect(marks.length).toBeLessThanOrEqual(6)
    }),
  )
})

test('whatever is charted, every number in the drawing is a number', () => {
  const points = fc.array(fc.tuple(fc.nat(1_000), fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }))), {
    maxLength: 50,
  })
  fc.assert(
    fc.property(points, (drawn) => {
      const sorted = drawn.toSorted((a, b) => a[0] - b[0])
      const svg = chart({
        title: 'A <title>',
        xUnit: 's',
        yUnit: 'ms',
        lines: [{ name: 'one', tone: 'a', points: sorted }],
      })
      expect(svg).not.toMatch(/NaN|Infinity|<title>/)
    }),
  )
})

test('a long run is thinned without losing its peak', () => {
  const points = Array.from({ length: 5_000 }, (_, i): [number, number] => [i, i === 2_501 ? 900 : 1])
  const line = { name: 'one', tone: 'a', points } as const
  const svg = chart({ title: 'long', xUnit: 's', yUnit: 'ms', lines: [line] })
  expect(svg.length).toBeLessThan(20_000)
  const heights = [...svg.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((match) => Number(match[1]))
  expect(heights.length).toBeLessThanOrEqual(600)
  // 900 of an axis that ends at 1000, on 178 pixels.
  expect(Math.min(...heights)).toBeCloseTo(190 - (900 / 1000) * 178, 0)
})
