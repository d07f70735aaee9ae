import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { millis } from '../../base/units.ts'
import { afterDeath, NEVER_DIED, STEADY_MS } from './restart-policy.ts'

test('a role that was well is started again at once, however often', () => {
  let record = NEVER_DIED
  for (let i = 0; i < 5; i++) {
    const next = afterDeath(record, millis(STEADY_MS), 0.5)
    expect(next.wait).toBe(millis(0))
    record = next.record
  }
})

test('a role killed once right after its start is started again at once', () => {
  expect(afterDeath(NEVER_DIED, millis(50), 0.5).wait).toBe(millis(0))
})

test('a role that keeps dying young waits longer each time, and never longer than five seconds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 40 }),
      (randoms) => {
        let record = NEVER_DIED
        let stepBefore = 0
        for (const random of randoms) {
          const next = afterDeath(record, millis(10), random)
          expect(next.wait).toBeLessThanOrEqual(5_000)
          // The jitter takes at most half of a step away.
          expect(next.wait).toBeGreaterThanOrEqual(stepBefore / 2)
          stepBefore = next.wait / (0.5 + 0.5 * random)
          record = next.record
        }
      },
    ),
  )
})
