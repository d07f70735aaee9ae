import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { CostMeter, JOIN_US_DEFAULT, WRITE_US_DEFAULT, WRITE_US_RANGE } from './cost-meter.ts'

describe('the cost of a write', () => {
  test('is learned within half a minute, and told from the cost of joins that come now and then', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 100, max: 1_000 }),
        fc.integer({ min: 5_000, max: 40_000 }),
        (writeUs, joinUs, writes) => {
          const meter = new CostMeter()
          for (let second = 0; second < 60; second++) {
            const joins = second % 4 === 3 ? 400 : 0
            meter.learn({ elapsedS: 1, cpuUs: writes * writeUs + joins * joinUs, writes, joins })
          }
          expect(meter.writeUs).toBeGreaterThan(writeUs * 0.8)
          expect(meter.writeUs).toBeLessThan(writeUs * 1.2)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('is not learned from a process that hardly writes', () => {
    const meter = new CostMeter()
    meter.learn({ elapsedS: 1, cpuUs: 400_000, writes: 30, joins: 0 })
    expect(meter.writeUs).toBe(WRITE_US_DEFAULT)
  })

  test('is never taken for more than a write can cost, whatever else the process does', () => {
    const meter = new CostMeter()
    for (let i = 0; i < 100; i++) meter.learn({ elapsedS: 1, cpuUs: 950_000, writes: 1_000, joins: 0 })
    expect(meter.writeUs).toBeLessThanOrEqual(WRITE_US_RANGE[1])
  })
})

describe('the cost of a join', () => {
  test('is learned from seconds full of joins', () => {
    const meter = new CostMeter()
    for (let i = 0; i < 30; i++) {
      meter.learn({ elapsedS: 1, cpuUs: 1_000 * 8 + 1_500 * 150, writes: 1_000, joins: 1_500 })
    }
    expect(meter.joinUs).toBeGreaterThan(140)
    expect(meter.joinUs).toBeLessThan(165)
  })

  test('is a default until there were some', () => {
    const meter = new CostMeter()
    meter.learn({ elapsedS: 1, cpuUs: 200_000, writes: 20_000, joins: 3 })
    expect(meter.joinUs).toBe(JOIN_US_DEFAULT)
  })
})
