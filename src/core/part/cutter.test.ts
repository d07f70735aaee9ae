import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FRAMES_PER_PART, samples } from '../../base/units.ts'
import { type CutPart, PartCutter } from './cutter.ts'

const FILL = Uint8Array.of(0xf8, 0xff, 0xfe)

/** A packet that tells which frame of the grid it is, so that a test can see where it ended up. */
const packetOf = (frame: number, copy = 0) =>
  Uint8Array.of(0xf8, copy, frame >> 16, (frame >> 8) & 255, frame & 255)
const positionOf = (frame: number) => samples(frame * 960)

function cutAll(frames: readonly number[], firstGap?: 'first' | 'takeover'): CutPart[] {
  const cutter = new PartCutter({ fill: FILL, ...(firstGap ? { firstGap } : {}) })
  const cuts = frames.map((frame) => cutter.push(positionOf(frame), packetOf(frame)))
  return [...cuts, cutter.finish()].filter((part) => part !== undefined)
}

const frameRange = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('a steady encoder', () => {
  test('gets each part with its tenth packet, without a gap between them', () => {
    const cutter = new PartCutter({ fill: FILL, firstGap: 'first' })
    for (const frame of frameRange(100, 140)) {
      const part = cutter.push(positionOf(frame), packetOf(frame))
      expect(part !== undefined).toBe(frame % 10 === 9)
      if (part === undefined) continue
      expect(part.sequence as number).toBe(Math.floor(frame / 10))
      expect(part.packets).toEqual(frameRange(frame - 9, frame + 1).map((n) => packetOf(n)))
      expect(part.gap).toBe(frame === 109 ? 'first' : undefined)
      expect(part.filledFrames).toBe(0)
    }
    expect(cutter.finish()).toBeUndefined()
  })
})

describe('the first part', () => {
  test('is filled in front when the encoder starts in its middle', () => {
    const [part] = cutAll(frameRange(1007, 1010), 'takeover')
    expect(part?.sequence as number).toBe(100)
    expect(part?.gap).toBe('takeover')
    expect(part?.packets).toEqual([...Array(7).fill(FILL), packetOf(1007), packetOf(1008), packetOf(1009)])
    expect(part?.filledFrames).toBe(7)
  })

  test('has no gap when it goes on where somebody else stopped', () => {
    expect(cutAll(frameRange(50, 60))[0]).not.toHaveProperty('gap')
  })
})

describe('an encoder that stumbles', () => {
  test('gets a part with a missing packet filled as soon as a later part begins', () => {
    const parts = cutAll([...frameRange(0, 4), ...frameRange(5, 20)])
    expect(parts.map((part) => part.filledFrames)).toEqual([1, 0])
    expect(parts[0]?.packets[4]).toEqual(FILL)
    expect(parts[1]).not.toHaveProperty('gap')
  })

  test('that leaves out whole parts gets a declared gap on the next one, not invented parts', () => {
    const parts = cutAll([...frameRange(0, 12), ...frameRange(45, 50)], 'first')
    expect(parts.map((part) => [part.sequence as number, part.gap, part.filledFrames])).toEqual([
      [0, 'first', 0],
      [1, undefined, 8],
      [4, 'stalled', 5],
    ])
  })

  test('has late and repeated packets dropped and counted', () => {
    const cutter = new PartCutter({ fill: FILL })
    cutter.push(positionOf(10), packetOf(10))
    cutter.push(positionOf(10), packetOf(10, 1))
    cutter.push(positionOf(20), packetOf(20))
    expect(cutter.push(positionOf(11), packetOf(11))).toBeUndefined()
    expect([cutter.lateFrames, cutter.duplicateFrames]).toEqual([1, 1])
  })

  test('gets a late packet dropped also when no part is under way', () => {
    const cutter = new PartCutter({ fill: FILL })
    for (const frame of frameRange(10, 20)) cutter.push(positionOf(frame), packetOf(frame))
    expect(cutter.push(positionOf(19), packetOf(19))).toBeUndefined()
    expect(cutter.lateFrames).toBe(1)
    expect(cutter.finish()).toBeUndefined()
  })

  test.each([1, 959, 961, -960, Number.NaN, 0.5])('is told when a packet is off the grid: %p', (position) => {
    expect(() => new PartCutter({ fill: FILL }).push(samples(position), packetOf(0))).toThrow('on the grid')
  })
})

test('for any timing there is no hole, no overlap, and every packet in time is in its one right place', () => {
  // A walk over the grid with repeats, jumps back and jumps ahead.
  const walk = fc
    .tuple(
      fc.nat(500),
      fc.array(
        fc.oneof(
          { weight: 12, arbitrary: fc.constant(1) },
          { weight: 3, arbitrary: fc.integer({ min: -15, max: 4 }) },
          { weight: 1, arbitrary: fc.integer({ min: 5, max: 90 }) },
        ),
        { maxLength: 200 },
      ),
    )
    .map(([start, steps]) => {
      let at = start
      return [start, ...steps.map((step) => (at = Math.max(0, at + step)))]
    })
  fc.assert(
    fc.property(walk, (frames) => {
      const cutter = new PartCutter({ fill: FILL, firstGap: 'first' })
      const expected = new Map<number, Uint8Array>()
      const parts: CutPart[] = []
      let late = 0
      let duplicates = 0
      for (const [copy, frame] of frames.entries()) {
        const packet = packetOf(frame, copy & 255)
        const newest = parts.at(-1)?.sequence ?? -1
        const openFrom = Math.max(newest + 1, ...[...expected.keys()].map((n) => Math.floor(n / 10)))
        if (Math.floor(frame / 10) < openFrom) late += 1
        else if (expected.has(frame)) duplicates += 1
        else expected.set(frame, packet)
        const part = cutter.push(positionOf(frame), packet)
        if (part) parts.push(part)
      }
      const last = cutter.finish()
      if (last) parts.push(last)
      expect([cutter.lateFrames, cutter.duplicateFrames]).toEqual([late, duplicates])
      expectExact(parts, expected)
    }),
  )
})

/** Every part is ten packets on the grid, gaps are declared exactly where they are, and nothing is lost or invented. */
function expectExact(parts: readonly CutPart[], expected: ReadonlyMap<number, Uint8Array>): void {
  let placed = 0
  for (const [i, part] of parts.entries()) {
    const before = parts[i - 1]
    expect(part.packets.length).toBe(FRAMES_PER_PART)
    if (before) expect(part.sequence).toBeGreaterThan(before.sequence)
    const follows = before !== undefined && part.sequence === before.sequence + 1
    expect(part.gap).toBe(before === undefined ? 'first' : follows ? undefined : 'stalled')
    let filled = 0
    for (const [k, packet] of part.packets.entries()) {
      const wanted = expected.get(part.sequence * FRAMES_PER_PART + k)
      expect(packet).toBe(wanted ?? FILL)
      if (wanted === undefined) filled += 1
      else placed += 1
    }
    expect(part.filledFrames).toBe(filled)
    expect(filled).toBeLessThan(FRAMES_PER_PART)
  }
  expect(placed).toBe(expected.size)
}
