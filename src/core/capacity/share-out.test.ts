import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { EdgeLoad } from './edge-load.ts'
import type { EdgeShare } from './edge-share.ts'
import {
  egressBudgetBps,
  firstShare,
  LOW_FROM,
  LOW_UNTIL,
  MEMORY_KEPT_BYTES,
  type NodeLimits,
  type OwnMeasures,
  STREAM_MEMORY_BYTES,
  shareOut,
} from './share-out.ts'

const NODE: NodeLimits = { egressBpsMax: 0, cores: 2, memoryAvailableBytes: 8e9 }
const OWN: OwnMeasures = {
  edge: 'edge-0',
  streams: 0,
  egressBps: 0,
  cpu: 0,
  writeUs: 7,
  joinUs: 250,
  flushMs: 200,
  descriptorsMax: 200_000,
}
const FIRST = firstShare(200_000)

const loadOf = (streams: number, egressBps = streams * 58_000): EdgeLoad => ({
  node: 'here',
  streams,
  streamsMax: streams,
  egressBps,
  cpu: 0.1,
  memoryBytes: 1e8,
})

const share = (own: Partial<OwnMeasures>, node: Partial<NodeLimits> = {}, others: readonly EdgeLoad[] = []) =>
  shareOut(
    { ...OWN, ...own },
    new Map(others.map((load, index) => [`edge-${index + 1}`, load])),
    { ...NODE, ...node },
    FIRST,
  )

describe('an edge may carry the least of', () => {
  test('what its core writes to once a second', () => {
    expect(share({}).streamsMax).toBe(Math.floor(600_000 / 7))
    expect(share({ writeUs: 14 }).streamsMax).toBe(Math.floor(600_000 / 14))
  })

  test('half of that, where two edges share one core', () => {
    expect(share({}, { cores: 1 }, [loadOf(0)]).streamsMax).toBe(Math.floor(300_000 / 7))
  })

  test('what its descriptors allow', () => {
    expect(share({ descriptorsMax: 900 }).streamsMax).toBe(900)
  })

  test('its part of what the node’s memory still holds', () => {
    const memoryAvailableBytes = MEMORY_KEPT_BYTES + 100 * STREAM_MEMORY_BYTES
    expect(share({ streams: 10 }, { memoryAvailableBytes }, [loadOf(30)]).streamsMax).toBe(60)
  })

  test('its part of what the node may still send', () => {
    const egressBpsMax = 100e6
    const own = { streams: 500, egressBps: 500 * 58_000 }
    const { streamsMax } = share(own, { egressBpsMax }, [loadOf(700)])
    const node = egressBudgetBps(egressBpsMax) / 58_000
    expect(streamsMax - 500).toBe(Math.ceil(Math.floor(node - 1_200) / 2))
  })
})

describe('what is free of a node', () => {
  const edges = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 8 })

  test('is all given away, and never twice', () => {
    fc.assert(
      fc.property(edges, fc.integer({ min: 1e6, max: 1e9 }), (streams, egressBpsMax) => {
        const loads = streams.map((count) => loadOf(count))
        const total = streams.reduce((sum, count) => sum + count, 0)
        const given = streams.map((count, me) => {
          const others = new Map(
            loads
              .map((load, index): [string, EdgeLoad] => [`edge-${index}`, load])
              .filter((_, i) => i !== me),
          )
          const own = { ...OWN, edge: `edge-${me}`, streams: count, egressBps: count * 58_000 }
          return shareOut(own, others, { ...NODE, egressBpsMax, cores: 8 }, FIRST).streamsMax - count
        })
        const each = total < 10 ? 64_000 : 58_000
        const free = Math.floor((egressBudgetBps(egressBpsMax) - total * 58_000) / each)
        // Nobody is dropped where nothing is free: an edge just lets nobody in.
        const positive = given.filter((count) => count > 0).reduce((sum, count) => sum + count, 0)
        if (free >= 0) expect(given.reduce((sum, count) => sum + count, 0)).toBe(free)
        else expect(positive).toBe(0)
      }),
    )
  })

  test('fills a node to its limit and not beyond, however unevenly arrivals fall on its edges', () => {
    const egressBpsMax = 10e6
    const limit = egressBudgetBps(egressBpsMax)
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.infiniteStream(fc.nat()), (count, dice) => {
        const streams = new Array<number>(count).fill(0)
        for (let second = 0; second < 60; second++) {
          const loads = streams.map((here) => loadOf(here))
          const shares = streams.map((here, me) => {
            const others = new Map(
              loads.map((load, i): [string, EdgeLoad] => [`edge-${i}`, load]).filter((_, i) => i !== me),
            )
            const own = { ...OWN, edge: `edge-${me}`, streams: here, egressBps: here * 58_000 }
            return shareOut(own, others, { ...NODE, egressBpsMax, cores: 8 }, FIRST).streamsMax
          })
          for (let arrival = 0; arrival < 40; arrival++) {
            const edge = (dice.next().value as number) % count
            if ((streams[edge] as number) < (shares[edge] as number)) streams[edge] = (streams[edge] ?? 0) + 1
          }
          const total = streams.reduce((sum, here) => sum + here, 0)
          expect(total * 58_000).toBeLessThanOrEqual(limit + 64_000)
        }
        const total = streams.reduce((sum, here) => sum + here, 0)
        expect(total * 58_000).toBeGreaterThan(limit * 0.9)
      }),
      { numRuns: 20 },
    )
  })
})

describe('near the limit', () => {
  const egressBpsMax = 10e6
  const at = (part: number, before: EdgeShare = FIRST) => {
    const egressBps = egressBudgetBps(egressBpsMax) * part
    return shareOut({ ...OWN, streams: 100, egressBps }, new Map(), { ...NODE, egressBpsMax }, before)
  }

  test('arrivals get the low track, and go on getting it until there is clearly room', () => {
    expect(at(LOW_FROM - 0.01).prefersLow).toBe(false)
    const low = at(LOW_FROM)
    expect(low.prefersLow).toBe(true)
    expect(at(LOW_UNTIL + 0.01, low).prefersLow).toBe(true)
    expect(at(LOW_UNTIL - 0.01, low).prefersLow).toBe(false)
  })

  test('beyond it nobody is let in, and nobody is put out', () => {
    const { streamsMax, joinsPerSecond } = at(1.2)
    expect(streamsMax).toBeLessThan(100)
    expect(joinsPerSecond).toBe(1)
  })

  test('of the processor, HLS players that come get plain playlists', () => {
    const busy = share({ cpu: 0.75 })
    expect(busy.plainPlaylists).toBe(true)
    expect(shareOut({ ...OWN, cpu: 0.6 }, new Map(), NODE, busy).plainPlaylists).toBe(true)
    expect(shareOut({ ...OWN, cpu: 0.4 }, new Map(), NODE, busy).plainPlaylists).toBe(false)
  })

  test('without a known limit of egress it never matters', () => {
    const unlimited = share({ egressBps: 1e12, streams: 50 })
    expect(unlimited.prefersLow).toBe(false)
    expect(unlimited.streamsMax).toBeGreaterThan(80_000)
  })
})

describe('joins', () => {
  test('have what writing leaves of a core: two thousand a second with half of it', () => {
    expect(share({ joinUs: 250 }).joinsPerSecond).toBe(3_400)
    const half = share({ joinUs: 250, streams: 25_000, flushMs: 500 }).joinsPerSecond
    expect(half).toBe(2_000)
  })

  test('are bounded by what their bursts would take of the egress', () => {
    const { joinsPerSecond } = share({}, { egressBpsMax: 2e6 }, [loadOf(0)])
    expect(joinsPerSecond).toBeLessThanOrEqual(7)
    expect(joinsPerSecond).toBeGreaterThanOrEqual(1)
  })
})
