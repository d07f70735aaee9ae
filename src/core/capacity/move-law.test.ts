import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { seeded } from '../../../test/harness/seeded.ts'
import { millis } from '../../base/units.ts'
import type { EdgeLoad } from './edge-load.ts'
import { MOVE_DOWN_TO, MOVE_RATE, MOVE_REST, MoveLaw } from './move-law.ts'

const loadOf = (streams: number, streamsMax = 1e6): EdgeLoad => ({
  node: 'here',
  streams,
  streamsMax,
  egressBps: 0,
  cpu: 0,
  memoryBytes: 0,
})

describe('an edge asks listeners to move', () => {
  test('when its neighbour is empty after a restart, a few each second', () => {
    const law = new MoveLaw()
    const asked = law.next(2_000, [loadOf(0)], millis(0))
    expect(asked).toBe(2_000 * MOVE_RATE)
  })

  test('but not when it is alone, balanced, or only a little above by chance', () => {
    const law = new MoveLaw()
    expect(law.next(2_000, [], millis(0))).toBe(0)
    expect(law.next(2_000, [loadOf(2_000)], millis(0))).toBe(0)
    expect(law.next(1_080, [loadOf(920)], millis(0))).toBe(0)
    expect(law.next(12, [loadOf(0)], millis(0))).toBe(0)
  })

  test('and never when the others are full', () => {
    const law = new MoveLaw()
    expect(law.next(2_000, [loadOf(100, 100), loadOf(50, 20)], millis(0))).toBe(0)
    expect(law.next(2_000, [loadOf(100, 107)], millis(1_000))).toBe(7)
  })
})

interface Listener {
  edge: number
  staysUntil: number
}

/** Edges whose new connections fall by chance, and whose reports are a second old. */
class SimulatedNode {
  readonly listeners: Listener[] = []
  readonly #laws: MoveLaw[]
  readonly #random: () => number
  readonly #dead = new Set<number>()
  #reported: readonly number[]
  #second = 0
  moves = 0
  /** How often the listener that moved most did so within MOVE_REST. */
  readonly movedAt = new Map<Listener, number[]>()

  constructor(edges: number, random: () => number) {
    this.#laws = Array.from({ length: edges }, () => new MoveLaw())
    this.#random = random
    this.#reported = new Array<number>(edges).fill(0)
  }

  counts(): number[] {
    const counts = this.#laws.map(() => 0)
    for (const { edge } of this.listeners) counts[edge] = (counts[edge] as number) + 1
    return counts
  }

  join(count: number): void {
    for (let i = 0; i < count; i++) this.listeners.push(this.#landed())
  }

  /** All of its listeners come back elsewhere; the edge is there again, empty. */
  restart(edge: number): void {
    this.#dead.add(edge)
    for (const listener of this.listeners) {
      if (listener.edge === edge) Object.assign(listener, this.#landed())
    }
    this.#dead.delete(edge)
  }

  second(churn: number): void {
    this.#second += 1
    for (let i = 0; i < churn; i++) {
      this.listeners.splice(Math.floor(this.#random() * this.listeners.length), 1)
      this.join(1)
    }
    const now = millis(this.#second * 1_000)
    const counts = this.counts()
    for (const [edge, law] of this.#laws.entries()) {
      const others = this.#reported.filter((_, i) => i !== edge).map((streams) => loadOf(streams))
      const count = law.next(counts[edge] as number, others, now)
      law.asked(this.#move(edge, count), now)
    }
    this.#reported = counts
  }

  #move(edge: number, count: number): number {
    const ready = this.listeners.filter((one) => one.edge === edge && one.staysUntil <= this.#nowMs)
    for (const listener of ready.slice(0, count)) {
      this.moves += 1
      this.movedAt.set(listener, [...(this.movedAt.get(listener) ?? []), this.#nowMs])
      Object.assign(listener, this.#landed())
    }
    return Math.min(count, ready.length)
  }

  get #nowMs(): number {
    return this.#second * 1_000
  }

  #landed(): Listener {
    const alive = this.#laws.map((_, edge) => edge).filter((edge) => !this.#dead.has(edge))
    const edge = alive[Math.floor(this.#random() * alive.length)] as number
    return { edge, staysUntil: this.#nowMs + MOVE_REST }
  }
}

describe('a node whose edge was restarted', () => {
  const node = fc.record({
    edges: fc.integer({ min: 2, max: 6 }),
    audience: fc.integer({ min: 200, max: 3_000 }),
    churn: fc.integer({ min: 0, max: 5 }),
    seed: fc.integer(),
  })

  test('is balanced again within minutes, and nobody is sent to and fro', () => {
    fc.assert(
      fc.property(node, ({ edges, audience, churn, seed }) => {
        const simulated = new SimulatedNode(edges, seeded(seed))
        simulated.join(audience)
        for (let i = 0; i < 60; i++) simulated.second(churn)
        const before = simulated.moves
        simulated.restart(0)
        for (let i = 0; i < 400; i++) simulated.second(churn)
        const fair = audience / edges
        const settled = simulated.moves
        for (const count of simulated.counts()) {
          expect(count).toBeLessThanOrEqual(fair * 1.25 + 20 + 4 * Math.sqrt(fair))
        }
        // One in E of those who are asked comes to the edge that lost everyone: on average, each listener once.
        expect(settled - before).toBeLessThanOrEqual(audience + 4 * Math.sqrt(audience))
        for (const times of simulated.movedAt.values()) {
          for (let i = 1; i < times.length; i++) {
            expect((times[i] as number) - (times[i - 1] as number)).toBeGreaterThanOrEqual(MOVE_REST)
          }
        }
        for (let i = 0; i < 200; i++) simulated.second(churn)
        expect(simulated.moves - settled).toBeLessThanOrEqual(2 * Math.sqrt(audience) + 20)
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })

  test('never asks anyone below the fair part', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 2, maxLength: 8 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 4 }),
        ([own = 0, ...others], askedBefore) => {
          const law = new MoveLaw()
          const fair = others.reduce((sum, count) => sum + count, own) / (others.length + 1)
          for (const count of askedBefore) law.asked(count, millis(0))
          const asked = law.next(
            own,
            others.map((count) => loadOf(count)),
            millis(10),
          )
          if (asked > 0) expect(own - asked).toBeGreaterThanOrEqual(Math.floor(fair * MOVE_DOWN_TO))
        },
      ),
    )
  })
})
