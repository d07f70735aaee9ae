import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { millis } from '../../base/units.ts'
import { wireBytes } from './egress-meter.ts'
import { EgressPacer } from './egress-pacer.ts'

/** Makes `writes` writes as a sweep does; how long that took. */
function sweep(pacer: EgressPacer, writes: number, bytes: number, fromMs: number): number {
  let now = fromMs
  const slice = pacer.writesAtOnce(bytes)
  for (let i = 1; i <= writes; i++) {
    pacer.sent(bytes)
    if (i % slice === 0) now += pacer.waitMs(millis(now))
  }
  return now - fromMs
}

describe('a sweep', () => {
  test('goes on without a pause while no limit is known', () => {
    expect(sweep(new EgressPacer(false, millis(0)), 10_000, 1_340, 0)).toBe(0)
  })

  test('takes as long as its bytes take at the given rate, and never much less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1e6, max: 1e9 }),
        fc.integer({ min: 100, max: 3_000 }),
        fc.integer({ min: 300, max: 14_000 }),
        (bps, writes, bytes) => {
          const pacer = new EgressPacer(true, millis(0))
          pacer.setRate(bps)
          const tookMs = sweep(pacer, writes, bytes, 0)
          const linkMs = (writes * wireBytes(bytes, 1, true) * 8) / (bps / 1_000)
          const sliceMs = (pacer.writesAtOnce(bytes) * wireBytes(bytes, 1, true) * 8) / (bps / 1_000)
          expect(tookMs).toBeLessThanOrEqual(linkMs)
          expect(tookMs).toBeGreaterThanOrEqual(linkMs - sliceMs - 5.001)
        },
      ),
    )
  })

  test('after a burst of joins waits for a fifth of a second at most', () => {
    const pacer = new EgressPacer(false, millis(0))
    pacer.setRate(1e6)
    for (let join = 0; join < 100; join++) pacer.sent(17_000)
    expect(pacer.waitMs(millis(0))).toBeLessThanOrEqual(200)
  })
})
