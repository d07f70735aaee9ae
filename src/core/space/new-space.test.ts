import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { MimbarError } from '../../base/errors.ts'
import { SEGMENT_MS, wallMillis } from '../../base/units.ts'
import { gridStartAt, parseScheduledAt, parseTitle } from './new-space.ts'

test.each(['', '   ', 'x'.repeat(121), 'a\nb', 'a\u0000b', 'a\u2028b', 'a\u202eb', '\ud800', 7, undefined])(
  'a title like %p is refused',
  (title) => {
    expect(() => parseTitle(title)).toThrow(MimbarError)
  },
)

test.each([
  ['  Night radio ', 'Night radio'],
  ['Suara Rakyat · صوت', 'Suara Rakyat · صوت'],
  ['👩‍🚀'.repeat(30), '👩‍🚀'.repeat(30)],
])('a title like %p is kept trimmed', (title, kept) => {
  expect(parseTitle(title)).toBe(kept)
})

test('a schedule lies between an hour ago and a year ahead', () => {
  const now = wallMillis(1_800_000_000_000)
  expect(parseScheduledAt(now + 60_000, now)).toBe(wallMillis(now + 60_000))
  for (const bad of [0, now - 3_600_001, now + 367 * 86_400_000, now + 0.5, Number.NaN]) {
    expect(() => parseScheduledAt(bad, now)).toThrow(MimbarError)
  }
})

test('sequence 0 begins at the whole segment at or before the creation', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), (seconds) => {
      const now = wallMillis(seconds * 1000 + (seconds % 997))
      const grid = gridStartAt(now)
      expect(grid % SEGMENT_MS).toBe(0)
      expect(now - grid).toBeGreaterThanOrEqual(0)
      expect(now - grid).toBeLessThan(SEGMENT_MS)
    }),
  )
})
