import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { wallMillis } from '../../base/units.ts'
import type { EdgeReport } from '../space/facts.ts'
import { REPORT_FRESH_MS } from '../space/freshness.ts'
import { EDGES_RECORDED_MAX, EDGES_SUMMED_MAX, REPORTED_FRESH_MS, SpaceAudience } from './audience.ts'
import { DeviceSketch } from './device-sketch.ts'

const NOW = wallMillis(1_000_000)
const report = (edge: string, listeners: number, atMs: number = NOW, replaying = 0): EdgeReport => ({
  edge,
  atMs: wallMillis(atMs),
  listeners: { talk: listeners },
  audience: { life: 1, spaces: replaying > 0 ? { talk: { replaying } } : {} },
})

const failing = (life: number, turnedAway: number) => ({ life, spaces: { talk: { turnedAway } } })
const turnedAway = (audience: SpaceAudience) => audience.record([], 'talk', NOW, true).turnedAway

function sketchOf(...devices: string[]): string {
  const sketch = new DeviceSketch()
  for (const device of devices) sketch.add(new Uint8Array(createHash('sha256').update(device).digest()))
  return sketch.encode()
}

describe('the record of a second', () => {
  test('is the sum of the edges that it names, without those that fell silent', () => {
    const record = new SpaceAudience().record(
      [report('edge-1', 4, NOW, 2), report('edge-0', 3), report('edge-2', 9, NOW - REPORT_FRESH_MS - 1)],
      'talk',
      NOW,
      true,
    )
    expect(record).toMatchObject({ listeners: 7, peak: 7, replaying: 2, unique: 0, turnedAway: 0 })
    expect(record.edges).toEqual([
      ['edge-0', 3],
      ['edge-1', 4],
    ])
  })

  test('property: current is what its edges add up to, also with more edges than it names', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 2 * EDGES_RECORDED_MAX }), (counts) => {
        const reports = counts.map((count, n) => report(`edge-${n}`, count))
        const record = new SpaceAudience().record(reports, 'talk', NOW, true)
        expect(record.edges.length).toBeLessThanOrEqual(EDGES_RECORDED_MAX)
        const named = record.edges.reduce((sum, [, count]) => sum + count, 0)
        expect(named + (record.others ?? 0)).toBe(record.listeners)
        expect(record.listeners).toBe(counts.reduce((a, b) => a + b, 0))
      }),
    )
  })

  test('property: the peak is the highest current so far, and begins anew with the program', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), fc.array(fc.nat(100), { minLength: 1 }), (lobby, program) => {
        const audience = new SpaceAudience()
        for (const count of lobby) audience.record([report('edge-0', count)], 'talk', NOW, false)
        let highest = 0
        for (const count of program) {
          highest = Math.max(highest, count)
          expect(audience.record([report('edge-0', count)], 'talk', NOW, true).peak).toBe(highest)
        }
      }),
    )
  })

  test('has devices that edges share once', () => {
    const audience = new SpaceAudience()
    audience.heardDevices(sketchOf('a', 'b'))
    audience.heardDevices(sketchOf('b', 'c'))
    expect(audience.record([], 'talk', NOW, true).unique).toBe(3)
  })

  test('shows what others report while it is fresh, and adds it to nothing', () => {
    const audience = new SpaceAudience()
    audience.heardReported({ sources: [{ source: 'cdn', listeners: 900, atMs: NOW }] })
    const record = audience.record([report('edge-0', 2)], 'talk', NOW, true)
    expect(record).toMatchObject({ listeners: 2, peak: 2, reported: [{ source: 'cdn', listeners: 900 }] })
    const later = audience.record([], 'talk', wallMillis(NOW + REPORTED_FRESH_MS + 1), true)
    expect(later).not.toHaveProperty('reported')
  })
})

describe('totals of failures', () => {
  test('are what edges say, however often they say it, and survive an edge’s restart', () => {
    const audience = new SpaceAudience()
    audience.heard('edge-0', failing(1, 3), 'talk')
    audience.heard('edge-0', failing(1, 5), 'talk')
    audience.heard('edge-0', failing(1, 5), 'talk')
    audience.heard('edge-1', failing(9, 2), 'talk')
    expect(turnedAway(audience)).toBe(7)
    audience.heard('edge-0', failing(2, 1), 'talk')
    expect(turnedAway(audience)).toBe(8)
    audience.heard('edge-1', { life: 10, spaces: {} }, 'talk')
    expect(turnedAway(audience)).toBe(8)
  })

  test('go on where the log was, counting nothing twice', () => {
    const last = { peak: 90, unique: 40, turnedAway: 10, gaveUp: 4, couldNotPlay: 1, replaying: 0 }
    const knowsAll = new SpaceAudience()
    knowsAll.heard('edge-0', failing(1, 10), 'talk')
    knowsAll.resume(last, true)
    const knowsSome = new SpaceAudience()
    knowsSome.heard('edge-0', failing(2, 3), 'talk')
    knowsSome.resume(last, true)
    for (const audience of [knowsAll, knowsSome]) {
      expect(audience.record([], 'talk', NOW, true)).toMatchObject({ ...last, listeners: 0 })
    }
    knowsSome.heard('edge-0', failing(2, 5), 'talk')
    expect(turnedAway(knowsSome)).toBe(12)
    knowsAll.heardDevices(sketchOf('a'))
    expect(knowsAll.record([], 'talk', NOW, true).unique).toBe(40)
  })

  test('of more edges than are told apart stay in the sum', () => {
    const audience = new SpaceAudience()
    for (let n = 0; n < EDGES_SUMMED_MAX + 5; n++) audience.heard(`edge-${n}`, failing(1, 1), 'talk')
    expect(turnedAway(audience)).toBe(EDGES_SUMMED_MAX + 5)
  })
})
