import { describe, expect, test } from 'bun:test'
import { EgressMeter, wireBytes } from './egress-meter.ts'

describe('what the network adds', () => {
  test('makes 58 kbit/s of a part of 1,340 bytes five times a second', () => {
    const bps = wireBytes(1_340, 1, false) * 5 * 8
    expect(bps).toBeGreaterThan(56_000)
    expect(bps).toBeLessThan(60_000)
  })

  test('is less for the same bytes in fewer writes, and more with TLS', () => {
    expect(wireBytes(6_700, 1, false)).toBeLessThan(wireBytes(6_700, 5, false))
    expect(wireBytes(6_700, 5, true)).toBeGreaterThan(wireBytes(6_700, 5, false))
    expect(wireBytes(0, 0, true)).toBe(0)
  })
})

describe('egress', () => {
  test('is what was sent lately, whatever the flush interval', () => {
    const meter = new EgressMeter(false)
    let bytes = 0
    let writes = 0
    const seen: number[] = []
    for (let second = 0; second < 40; second++) {
      if (second % 2 === 0) {
        bytes += 100 * 13_400
        writes += 100
      }
      meter.measure({ bytes, writes, streams: 100 }, 1)
      if (second > 25) seen.push(meter.bps)
    }
    const trueBps = (wireBytes(100 * 13_400, 100, false) * 8) / 2
    for (const bps of seen) expect(Math.abs(bps / trueBps - 1)).toBeLessThan(0.2)
  })

  test('counts those who have just come as if they had been here for long', () => {
    const meter = new EgressMeter(false)
    let bytes = 0
    for (let second = 0; second < 30; second++) {
      bytes += 100 * 6_700
      meter.measure({ bytes, writes: 0, streams: 100 }, 1)
    }
    const before = meter.bps
    meter.measure({ bytes: bytes + 100 * 6_700, writes: 0, streams: 200 }, 1)
    expect(meter.bps).toBeGreaterThan(before * 1.5)
  })
})
