import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { backoffDelay, NEIGHBOUR_BACKOFF } from './backoff.ts'

test('a wait grows with the tries, and is never above the limit nor below half of its step', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.nat(2000), random, (attempt, value) => {
      const delay = backoffDelay(attempt, value, NEIGHBOUR_BACKOFF)
      const later = backoffDelay(attempt + 1, value, NEIGHBOUR_BACKOFF)
      expect(delay).toBeLessThanOrEqual(NEIGHBOUR_BACKOFF.maxMs)
      expect(delay).toBeGreaterThanOrEqual(NEIGHBOUR_BACKOFF.firstMs / 2)
      expect(later).toBeGreaterThanOrEqual(delay)
    }),
  )
})
