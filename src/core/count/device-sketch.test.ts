import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { DeviceSketch, SKETCH_CHARACTERS_MAX, SKETCH_ERROR } from './device-sketch.ts'

const hashOf = (device: string) => new Uint8Array(createHash('sha256').update(device).digest())

function sketchOf(devices: Iterable<string>): DeviceSketch {
  const sketch = new DeviceSketch()
  for (const device of devices) sketch.add(hashOf(device))
  return sketch
}

const named = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `device ${from + n}`)
const devices = fc.array(fc.nat(3_000).map(String), { maxLength: 400 })

describe('a sketch of devices', () => {
  test('counts none, one and a few exactly', () => {
    for (const n of [0, 1, 2, 3, 10, 30]) expect(sketchOf(named(0, n)).estimate()).toBe(n)
  })

  test('is within three standard errors of the exact set, from a hundred to two hundred thousand', () => {
    const sketch = new DeviceSketch()
    let size = 0
    for (const next of [100, 1_000, 4_000, 10_000, 20_000, 50_000, 200_000]) {
      for (const device of named(size, next)) sketch.add(hashOf(device))
      size = next
      expect([size, Math.abs(sketch.estimate() - size) / size < 3 * SKETCH_ERROR]).toEqual([size, true])
    }
  })

  test('has the standard error that it claims', () => {
    const size = 8_000
    const errors = Array.from({ length: 40 }, (_, run) => {
      const sketch = sketchOf(Array.from({ length: size }, (_, n) => `${run}/${n}`))
      return (sketch.estimate() - size) / size
    })
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
    expect(rms).toBeLessThan(1.5 * SKETCH_ERROR)
    expect(rms).toBeGreaterThan(0.5 * SKETCH_ERROR)
  })

  test('property: stays near the exact set, however often a device comes', () => {
    fc.assert(
      fc.property(devices, (list) => {
        const exact = new Set(list).size
        const estimate = sketchOf([...list, ...list]).estimate()
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(Math.max(2, 5 * SKETCH_ERROR * exact))
      }),
    )
  })

  test('property: merging is the union, in any order and any number of times', () => {
    fc.assert(
      fc.property(devices, devices, (a, b) => {
        const both = sketchOf([...a, ...b]).encode()
        const [left, right] = [sketchOf(a), sketchOf(b)]
        left.merge(right)
        expect(left.encode()).toBe(both)
        expect(left.merge(sketchOf(b))).toBe(false)
        right.merge(sketchOf(a))
        expect(right.encode()).toBe(both)
      }),
      { numRuns: 50 },
    )
  })

  test('property: its text brings it back, and is bounded', () => {
    fc.assert(
      fc.property(devices, (list) => {
        const text = sketchOf(list).encode()
        expect(text.length).toBeLessThanOrEqual(SKETCH_CHARACTERS_MAX)
        expect(DeviceSketch.decode(text).encode()).toBe(text)
      }),
      { numRuns: 50 },
    )
    const large = sketchOf(named(0, 20_000)).encode()
    expect(large).toHaveLength(SKETCH_CHARACTERS_MAX)
    expect(DeviceSketch.decode(large).encode()).toBe(large)
  })

  test('knows every rank, the all-zero hash included', () => {
    for (let bit = 0; bit <= 52; bit++) {
      const hash = new Uint8Array(8)
      if (bit < 52) hash[(bit + 12) >> 3] = 128 >> ((bit + 12) & 7)
      const sketch = new DeviceSketch()
      sketch.add(hash)
      const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
      expect(sketch.encode()).toBe(`sAA${digits[bit + 1]}`)
    }
  })

  test('refuses a text that is none', () => {
    for (const text of [
      '',
      'x',
      'd',
      'dAAA',
      'sAA',
      'sAA!',
      `d${'_'.repeat(4_096)}`,
      `s${'A'.repeat(9_000)}`,
    ]) {
      let thrown: unknown
      try {
        DeviceSketch.decode(text)
      } catch (error) {
        thrown = error
      }
      expect([text.slice(0, 8), hasCode(thrown, 'corrupt')]).toEqual([text.slice(0, 8), true])
    }
  })
})
