import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { PART_MS } from '../../base/units.ts'
import { PACE, Pace, type PaceEffect, type PaceSample, rateFor } from './pace.ts'

/** An <audio> element and a network, in numbers: parts become playable at their arrival times. */
class FakeListening {
  readonly pace = new Pace()
  readonly effects: (PaceEffect & { readonly atMs: number })[] = []
  nowMs = 0
  playhead = 0
  rate = 1
  paused = false
  flushMs = 200
  originSilent = false
  burstEndSeconds: number | undefined
  seeksIntoNothing = 0
  ranges: [number, number][] = []

  buffer(start: number, end: number): void {
    const last = this.ranges.at(-1)
    if (last && start - last[1] < 0.001) last[1] = Math.max(last[1], end)
    else this.ranges.push([start, end])
  }

  tick(): void {
    this.nowMs += PACE.tickMs
    const range = this.ranges.find(([start, end]) => start <= this.playhead + 0.001 && end > this.playhead)
    if (!this.paused && range && this.pace.hasStarted) {
      this.playhead = Math.min(range[1], this.playhead + (this.rate * PACE.tickMs) / 1000)
    }
    for (const effect of this.pace.sample(this.#sample())) {
      this.effects.push({ ...effect, atMs: this.nowMs })
      if (effect.kind === 'rate') this.rate = effect.rate
      if (effect.kind === 'seek') {
        this.playhead = effect.toSeconds
        const to = effect.toSeconds
        if (!this.ranges.some(([start, end]) => start <= to + 1e-6 && to < end)) this.seeksIntoNothing += 1
      }
      if (effect.kind === 'trim') {
        this.ranges = this.ranges.map(([s, e]): [number, number] => [Math.max(s, effect.beforeSeconds), e])
      }
    }
  }

  /** Live: the stage finishes a part every 200 ms; it arrives `delayMs` later, in flushes. */
  live(
    forMs: number,
    delayMs: (part: number) => number = () => 0,
    has: (part: number) => boolean = () => true,
  ): void {
    const end = this.nowMs + forMs
    while (this.nowMs < end) {
      for (let part = this.#arrived; ; part++) {
        const doneMs = (part + 1) * PART_MS
        const flushedMs = Math.ceil(doneMs / this.flushMs) * this.flushMs
        if (flushedMs + delayMs(part) > this.nowMs) break
        if (has(part)) this.buffer((part * PART_MS) / 1000, ((part + 1) * PART_MS) / 1000)
        this.#arrived = part + 1
      }
      this.tick()
    }
  }
  #arrived = 0

  #sample(): PaceSample {
    return {
      nowMs: this.nowMs,
      playheadSeconds: this.playhead,
      paused: this.paused,
      seeking: false,
      buffered: this.ranges,
      flushMs: this.flushMs,
      originSilent: this.originSilent,
      ...(this.burstEndSeconds === undefined ? {} : { burstEndSeconds: this.burstEndSeconds }),
    }
  }
  /** From the stage's clock to the ear. */
  get latencyMs(): number {
    return this.nowMs - this.playhead * 1000
  }
  seeks(why: string): number {
    return this.effects.filter((effect) => effect.kind === 'seek' && effect.why === why).length
  }
}

describe('pace', () => {
  test('playing begins the target before the end of the burst, not at its start', () => {
    const listening = new FakeListening()
    listening.buffer(100, 100.8)
    listening.tick()
    expect(listening.effects).toEqual([{ kind: 'seek', toSeconds: 100.8 - 0.6, why: 'start', atMs: 50 }])
  })

  test('a burst that comes in pieces is waited for, so that playing does not begin late', () => {
    const listening = new FakeListening()
    listening.burstEndSeconds = 102.6
    listening.buffer(100, 100.8)
    listening.tick()
    expect(listening.pace.hasStarted).toBe(false)
    listening.buffer(100.8, 102.6)
    listening.tick()
    expect(listening.effects).toEqual([{ kind: 'seek', toSeconds: 102.6 - 0.6, why: 'start', atMs: 100 }])
  })

  test('a burst whose end never comes is not waited for', () => {
    const listening = new FakeListening()
    listening.burstEndSeconds = 102.6
    listening.buffer(100, 100.8)
    while (listening.nowMs < 700) listening.tick()
    expect(listening.seeks('start')).toBe(1)
  })

  test('with less than the target it waits, but not for ever', () => {
    const listening = new FakeListening()
    listening.buffer(5, 5.2)
    listening.tick()
    expect(listening.pace.hasStarted).toBe(false)
    while (listening.nowMs < 700) listening.tick()
    expect(listening.playhead).toBeGreaterThanOrEqual(5)
    expect(listening.seeks('start')).toBe(1)
  })

  test('on a steady network the distance settles at the target and the speed rests', () => {
    const listening = new FakeListening()
    listening.live(30_000)
    expect(listening.latencyMs).toBeGreaterThan(500)
    expect(listening.latencyMs).toBeLessThan(800)
    expect(listening.rate).toBe(1)
    expect(listening.pace.stalls).toBe(0)
  })

  test('a stall of the network is worked off by speed, and does not grow the target alone', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    listening.live(12_000, (part) => Math.max(0, 7_000 - (part + 1) * PART_MS) * (part >= 25 ? 1 : 0))
    expect(listening.pace.stalls).toBe(1)
    expect(listening.pace.targetMs(200)).toBe(PACE.targetMsDefault)
    listening.live(60_000)
    expect(listening.latencyMs).toBeLessThan(850)
    expect(listening.seeks('behind')).toBe(0)
  })

  test('repeated stalls grow the target up to its limit, and calm shrinks it again', () => {
    const listening = new FakeListening()
    const bursty = (part: number) => {
      const doneMs = (part + 1) * PART_MS
      return Math.ceil(doneMs / 6_000) * 6_000 - 4_000 > doneMs ? 0 : (6_000 - (doneMs % 6_000)) / 2
    }
    const grown: number[] = []
    for (let i = 0; i < 12; i++) {
      listening.live(5_000, bursty)
      grown.push(listening.pace.targetMs(200))
    }
    expect(Math.max(...grown)).toBeGreaterThan(PACE.targetMsDefault)
    expect(Math.max(...grown)).toBeLessThanOrEqual(PACE.targetMsMax)
    listening.live(5 * PACE.calmMs)
    expect(listening.pace.targetMs(200)).toBe(PACE.targetMsDefault)
  })

  test('silence at the origin is nobody’s stall', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    listening.originSilent = true
    for (let i = 0; i < 40; i++) listening.tick()
    expect(listening.pace.isStalled).toBe(true)
    expect(listening.pace.stalls).toBe(0)
  })

  test('a hole is jumped, in no more time than it is long, and the distance is kept', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    const before = listening.latencyMs
    listening.live(6_000, undefined, (part) => part < 27 || part >= 33)
    expect(listening.seeks('gap')).toBe(1)
    expect(listening.latencyMs).toBeLessThan(before + 250)
    expect(listening.latencyMs).toBeGreaterThan(before - 450)
  })

  test('a hole of many seconds is left by a seek into what lies behind it, never into the hole', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    listening.live(8_000, undefined, (part) => part < 25 || part >= 50)
    expect(listening.seeksIntoNothing).toBe(0)
    expect(listening.playhead).toBeGreaterThan(10)
    expect(listening.latencyMs).toBeLessThan(1_000)
    expect(listening.pace.stalls).toBe(0)
  })

  test('a seek that landed in a hole all the same is taken further', () => {
    const pace = new Pace()
    const at = { nowMs: 0, playheadSeconds: 8, paused: false, flushMs: 200, originSilent: false }
    pace.sample({ ...at, seeking: false, buffered: [[0, 8]] })
    const buffered = [
      [0, 8],
      [9, 10],
    ] as const
    expect(pace.sample({ ...at, nowMs: 50, playheadSeconds: 8.5, seeking: true, buffered })).toEqual([
      { kind: 'seek', toSeconds: 9.001, why: 'gap' },
    ])
  })

  test('more than three seconds behind is jumped, less is not', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    const end = listening.ranges.at(-1)?.[1] as number
    listening.playhead = end - 0.6 - 2.9
    listening.tick()
    expect(listening.seeks('behind')).toBe(0)
    listening.playhead = end - 0.6 - 3.2
    listening.tick()
    expect(listening.seeks('behind')).toBe(1)
    expect(listening.playhead).toBeCloseTo(end - 0.6)
  })

  test('a listener who paused stays where they are until they ask for live', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    listening.pace.hold()
    listening.paused = true
    listening.live(8_000)
    listening.paused = false
    listening.live(5_000)
    expect(listening.latencyMs).toBeGreaterThan(8_000)
    expect(listening.rate).toBe(1)
    listening.pace.release({ jump: true })
    listening.tick()
    expect(listening.latencyMs).toBeLessThan(900)
  })

  test('a longer flush interval is met with a longer distance: no stall, no jump', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    // As an edge must: by at most 3 % of elapsed time.
    for (const flushMs of [300, 400, 500, 700, 1_000]) {
      listening.flushMs = flushMs
      listening.live(15_000)
    }
    expect(listening.pace.targetMs(1_000)).toBe(1_400)
    expect(listening.pace.stalls).toBe(0)
    expect(listening.latencyMs).toBeGreaterThan(1_200)
  })

  test('what was played is kept for thirty seconds and then let go', () => {
    const listening = new FakeListening()
    listening.live(60_000)
    const kept = listening.playhead - (listening.ranges[0]?.[0] as number)
    expect(kept).toBeGreaterThanOrEqual(PACE.keepBehindSeconds - 0.1)
    expect(kept).toBeLessThanOrEqual(PACE.keepBehindSeconds + PACE.trimSlackSeconds + 0.1)
  })

  test('a browser that stops just short of the end counts as stalled', () => {
    const listening = new FakeListening()
    listening.live(5_000)
    const end = (listening.ranges.at(-1)?.[1] as number) - 0.1
    for (let i = 0; i < 30; i++) {
      listening.playhead = Math.min(listening.playhead, end)
      listening.tick()
      listening.playhead = Math.min(listening.playhead, end)
    }
    expect(listening.pace.isStalled).toBe(true)
  })

  test('the speed stays between its bounds, and rests near the mark', () => {
    fc.assert(
      fc.property(fc.double({ min: -100, max: 100, noNaN: true }), (error) => {
        expect(rateFor(error)).toBeGreaterThanOrEqual(PACE.rateMin)
        expect(rateFor(error)).toBeLessThanOrEqual(PACE.rateMax)
      }),
    )
    expect(rateFor(0.02)).toBe(1)
    expect(rateFor(0.2)).toBeCloseTo(1.05, 5)
  })

  test('for any arrival of parts, seeks land in what is buffered and the target keeps its bounds', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 50, maxLength: 50 })
    const holes = fc.array(fc.boolean(), { minLength: 50, maxLength: 50 })
    fc.assert(
      fc.property(delays, holes, fc.constantFrom(200, 400, 1_000, 2_000), (delayMs, hole, flushMs) => {
        const listening = new FakeListening()
        listening.flushMs = flushMs
        const has = (part: number) => !(hole[part % 50] && hole[(part + 1) % 50])
        // A stream keeps order: a late part holds up those behind it.
        listening.live(10_000, (part) => delayMs[Math.floor(part / 5) % 50] as number, has)
        for (const effect of listening.effects) {
          if (effect.kind === 'rate') expect(Math.abs(effect.rate - 1.015)).toBeLessThanOrEqual(0.0451)
        }
        expect(listening.seeksIntoNothing).toBe(0)
        const target = listening.pace.targetMs(flushMs)
        expect(target).toBeGreaterThanOrEqual(Math.max(PACE.targetMsDefault, flushMs + PACE.flushMarginMs))
        expect(target).toBeLessThanOrEqual(Math.max(PACE.targetMsMax, flushMs + PACE.flushMarginMs))
        const end = listening.ranges.at(-1)?.[1] ?? 0
        expect(listening.playhead).toBeLessThanOrEqual(end + 0.001)
      }),
      { numRuns: 60 },
    )
  })
})
