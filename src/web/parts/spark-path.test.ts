import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { niceTop, SPARK_HEIGHT, SPARK_WIDTH, sparkPaths } from './spark-path.ts'

test('a line runs from the oldest point on the left to the newest on the right, and breaks where nothing is known', () => {
  const { line, area } = sparkPaths([0, 5, null, 10, 10], 10)
  expect(line).toBe(`M0 48L60 24M180 0L${SPARK_WIDTH} 0`)
  expect(area).toBe('M0 48L0 48L60 24L60 48ZM180 48L180 0L240 0L240 48Z')
  expect(sparkPaths([null, null], 1)).toEqual({ line: '', area: '' })
})

test('whatever the points, the line stays in its frame', () => {
  const point = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }))
  fc.assert(
    fc.property(
      fc.array(point, { maxLength: 130 }),
      fc.double({ min: 0.1, max: 1e6, noNaN: true }),
      (points, top) => {
        const numbers = (sparkPaths(points, top).area.match(/-?[\d.e+]+/g) ?? []).map(Number)
        for (const [i, value] of numbers.entries()) {
          expect(value).toBeGreaterThanOrEqual(0)
          // The last of single points is drawn a little beyond its place.
          expect(value).toBeLessThanOrEqual(i % 2 === 0 ? 1.5 * SPARK_WIDTH : SPARK_HEIGHT)
        }
      },
    ),
  )
})

test('the top of a chart is a round number', () => {
  expect([0, 10, 11, 21, 51, 101, 4_000].map((value) => niceTop(value, 10))).toEqual([
    10, 10, 20, 50, 100, 200, 5_000,
  ])
})
