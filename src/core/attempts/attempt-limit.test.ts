import { describe, expect, test } from 'bun:test'
import { AttemptLimit, addressBlock } from './attempt-limit.ts'

const budget = { burst: 3, forgiveMs: 1_000, addressesMax: 4 }

describe('AttemptLimit', () => {
  test('lets the burst fail freely, then asks to wait until one is forgiven', () => {
    const limit = new AttemptLimit(budget)
    for (let n = 0; n < 3; n++) {
      expect(limit.waitMs('192.0.2.1', 0)).toBe(0)
      limit.failed('192.0.2.1', 0)
    }
    expect(limit.waitMs('192.0.2.1', 0)).toBe(1_000)
    expect(limit.waitMs('192.0.2.1', 999)).toBe(1)
    expect(limit.waitMs('192.0.2.1', 1_000)).toBe(0)
    expect(limit.waitMs('192.0.2.2', 0)).toBe(0)
  })

  test('does not let a flood of failures lengthen the wait without bound', () => {
    const limit = new AttemptLimit(budget)
    for (let n = 0; n < 1_000; n++) limit.failed('192.0.2.1', 0)
    expect(limit.waitMs('192.0.2.1', 0)).toBe(1_000)
  })

  test('remembers so many addresses and forgets the one that was quiet for longest', () => {
    const limit = new AttemptLimit(budget)
    for (let n = 0; n < 3; n++) limit.failed('192.0.2.1', 0)
    for (let n = 0; n < 100; n++) limit.failed(`198.51.100.${n}`, 1)
    expect(limit.addresses).toBe(4)
    expect(limit.waitMs('192.0.2.1', 1)).toBe(0)
  })
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:DB8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, block) => {
  expect(addressBlock(address)).toBe(block)
})
