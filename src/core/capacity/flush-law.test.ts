import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { millis } from '../../base/units.ts'
import { FLUSH_MS_MAX, FlushPace } from '../delivery/flush-pace.ts'
import { CostMeter } from './cost-meter.ts'
import { CPU_TARGET, FLUSH_STEP_MS, FlushLaw, SHORTEN_AFTER } from './flush-law.ts'

const calm = { streams: 0, joins: 0, writeUs: 8, slipMs: 0 }

describe('the law', () => {
  test('keeps the shortest interval while there is no load', () => {
    const law = new FlushLaw({ flushMsMin: 200 })
    expect(law.next({ ...calm, streams: 14_000 }, millis(0))).toBe(200)
  })

  test('chooses what keeps writing below its target, and some more', () => {
    const law = new FlushLaw({ flushMsMin: 200 })
    const flushMs = law.next({ ...calm, streams: 50_000 }, millis(0))
    expect(flushMs).toBeGreaterThanOrEqual((50_000 * 8) / 1_000 / CPU_TARGET)
    expect(flushMs % FLUSH_STEP_MS).toBe(0)
  })

  test('does not go beyond two seconds', () => {
    const law = new FlushLaw({ flushMsMin: 200 })
    expect(law.next({ ...calm, streams: 1_000_000 }, millis(0))).toBe(FLUSH_MS_MAX)
  })

  test('shortens only after a while, and in steps', () => {
    const law = new FlushLaw({ flushMsMin: 200 })
    law.next({ ...calm, streams: 100_000 }, millis(0))
    const chosen: number[] = []
    for (let second = 1; second <= 300; second++) {
      const flushMs = law.next({ ...calm, streams: 1_000 }, millis(second * 1_000))
      if (flushMs !== chosen.at(-1)) chosen.push(flushMs)
    }
    expect(chosen.at(-1)).toBe(200)
    expect(chosen.length).toBeLessThanOrEqual(300_000 / SHORTEN_AFTER)
    for (let i = 1; i < chosen.length; i++) {
      expect(chosen[i]).toBeGreaterThanOrEqual((chosen[i - 1] as number) * 0.8 - FLUSH_STEP_MS)
    }
  })

  test('lengthens where sweeps slip for seconds though the process spends little: others use the core', () => {
    const law = new FlushLaw({ flushMsMin: 200 })
    const starved = { ...calm, streams: 8_000, slipMs: 300 }
    expect(law.next(starved, millis(0))).toBe(200)
    expect(law.next(starved, millis(1_000))).toBe(200)
    expect(law.next(starved, millis(2_000))).toBeGreaterThanOrEqual(400)
  })

  test('does not take one pause of the machine, or a slip without listeners, for load', () => {
    const law = new FlushLaw({ flushMsMin: 200 })
    for (let second = 0; second < 20; second++) {
      expect(law.next({ ...calm, streams: 6, slipMs: 2_000 }, millis(second * 1_000))).toBe(200)
      const slipMs = second % 3 === 0 ? 2_000 : 10
      expect(law.next({ ...calm, streams: 8_000, slipMs }, millis(second * 1_000 + 500))).toBe(200)
    }
  })
})

/** An edge as the law meets it: a core, N listeners, noise; one step is a second. */
class SimulatedEdge {
  readonly costs = new CostMeter()
  readonly law = new FlushLaw({ flushMsMin: 200 })
  readonly pace = new FlushPace(200, millis(0))
  readonly announced: number[] = []
  readonly #writeUs: number
  #second = 0
  /** Share of the core that writing took in the last second. */
  writing = 0
  #backlogUs = 0
  #newcomers = 0

  constructor(writeUs: number) {
    this.#writeUs = writeUs
  }

  second(streams: number, joins: number, noise: number): void {
    this.#second += 1
    const now = millis(this.#second * 1_000)
    const isRamping = this.pace.cohort !== 0
    this.#newcomers = isRamping ? Math.min(streams, this.#newcomers + joins) : 0
    const writes =
      ((streams - this.#newcomers) * 1_000) / this.pace.usedMs +
      (this.#newcomers * 1_000) / this.pace.newcomersMs +
      joins
    const wantedUs = writes * this.#writeUs * noise + joins * 200 + this.#backlogUs
    const cpuUs = Math.min(1e6, wantedUs)
    // What does not fit into the second is late; sweeps that are overtaken are merged, so it does not pile up.
    this.#backlogUs = Math.min(wantedUs - cpuUs, 200_000)
    this.writing = (writes * this.#writeUs) / 1e6
    this.costs.learn({ elapsedS: 1, cpuUs, writes: writes * (cpuUs / wantedUs || 0), joins })
    const sweepMs = ((streams * this.#writeUs) / 1_000) * noise
    const flushMs = this.law.next(
      { streams, joins, writeUs: this.costs.writeUs, slipMs: sweepMs + this.#backlogUs / 1_000 },
      now,
    )
    if (this.pace.announce(flushMs, now)) this.announced.push(flushMs)
    this.pace.flushed(now)
  }
}

describe('an edge that is ruled by it', () => {
  const crowd = fc.record({
    writeUs: fc.integer({ min: 4, max: 12 }),
    streams: fc.integer({ min: 0, max: 120_000 }),
    joinsPerSecond: fc.integer({ min: 100, max: 3_000 }),
    noise: fc.array(fc.double({ min: 0.85, max: 1.15, noNaN: true }), { minLength: 7, maxLength: 7 }),
  })

  test('comes to rest under a crowd that comes and stays, and spends no more than its target', () => {
    fc.assert(
      fc.property(crowd, ({ writeUs, streams, joinsPerSecond, noise }) => {
        const edge = new SimulatedEdge(writeUs)
        let here = 0
        let second = 0
        const mean = noise.reduce((sum, factor) => sum + factor, 0) / noise.length
        const noiseNow = () => (noise[second % noise.length] as number) / mean
        while (here < streams) {
          const joins = Math.min(joinsPerSecond, streams - here)
          here += joins
          second += 1
          edge.second(here, joins, noiseNow())
        }
        // The ramp takes a second for each 30 ms.
        for (let i = 0; i < 90; i++, second++) edge.second(here, 0, noiseNow())
        const atRest = edge.announced.length
        for (let i = 0; i < 240; i++, second++) {
          edge.second(here, 0, noiseNow())
          const isPossible = (streams * writeUs) / 1_000 / FLUSH_MS_MAX <= CPU_TARGET
          if (isPossible) expect(edge.writing).toBeLessThanOrEqual(CPU_TARGET * 1.05)
        }
        // A belief of 8 µs is unlearned meanwhile, in steps downward that have their time; nothing goes up again.
        const later = edge.announced.slice(Math.max(0, atRest - 1))
        expect(later).toEqual(later.toSorted((a, b) => b - a))
        expect(later.length).toBeLessThanOrEqual(6)
      }),
      { numRuns: 60 },
    )
  })

  test('does not follow an audience that comes and goes by a tenth each minute', () => {
    const edge = new SimulatedEdge(7)
    const audience = (second: number) =>
      Math.round(60_000 * (1 + 0.1 * Math.sin((second / 60) * 2 * Math.PI)))
    for (let second = 1; second < 1_200; second++) {
      edge.second(audience(second), Math.max(0, audience(second) - audience(second - 1)), 1)
    }
    expect(edge.announced.length).toBeLessThanOrEqual(6)
  })

  test('meets a storm of newcomers with the longer interval for them, long before everyone has it', () => {
    const edge = new SimulatedEdge(7)
    for (let i = 0; i < 20; i++) edge.second(2_000, 0, 1)
    for (let here = 12_000; here <= 82_000; here += 10_000) {
      edge.second(here, 10_000, 1)
      expect(edge.writing).toBeLessThanOrEqual(1)
    }
    // At this interval for everybody, writing would want more than the core.
    expect((82_000 * 7) / 1_000 / edge.pace.usedMs).toBeGreaterThan(1)
    for (let i = 0; i < 60; i++) edge.second(82_000, 0, 1)
    expect(edge.writing).toBeLessThanOrEqual(CPU_TARGET)
  })
})
