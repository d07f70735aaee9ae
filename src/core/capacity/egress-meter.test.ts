import { describe, expect, test } from 'bun:test'
import { EgressMeter, nominalBps, wireBytes } from './egress-meter.ts'

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
      meter.measure({ bytes, writes }, 0, 1)
      if (second > 25) seen.push(meter.bps)
    }
    const trueBps = (wireBytes(100 * 13_400, 100, false) * 8) / 2
    for (const bps of seen) expect(Math.abs(bps / trueBps - 1)).toBeLessThan(0.2)
  })

  test('reckons with everyone who is here, though they have just come or the stage is silent', () => {
    const meter = new EgressMeter(false)
    meter.measure({ bytes: 0, writes: 0 }, 0, 1)
    meter.measure({ bytes: 1_000, writes: 10 }, 200 * nominalBps('opus.mp4'), 1)
    expect(meter.bps).toBe(200 * nominalBps('opus.mp4'))
    expect(nominalBps('low.mp4')).toBeLessThan(nominalBps('opus.mp4'))
    expect(nominalBps('opus.ogg')).toBe(nominalBps('opus.mp4'))
  })
})
