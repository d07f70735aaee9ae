import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { PART_MS, sequence, sequenceAt, wallMillis, wallTimeOf } from './units.ts'

test('every instant belongs to exactly the part that is being spoken then', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (grid, after) => {
      const gridStart = wallMillis(grid * 2000)
      const now = wallMillis(gridStart + after)
      const seq = sequenceAt(now, gridStart)
      expect(wallTimeOf(seq, gridStart)).toBeLessThanOrEqual(now)
      expect(now).toBeLessThan(wallTimeOf(sequence(seq + 1), gridStart))
    }),
  )
})

test('an instant before the grid has a negative sequence', () => {
  expect(sequenceAt(wallMillis(2000 - 1), wallMillis(2000)) as number).toBe(-1)
  expect(PART_MS).toBe(200)
})
