import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FRAME_MS, FRAMES_PER_PART, millis, wallMillis } from '../../base/units.ts'
import { CATCH_UP_FRAMES_MAX, FramePacer } from './frame-pacer.ts'
import { LATENESS_LIMIT_MS, LATENESS_WORST_MS, LatenessMeter } from './lateness-meter.ts'
import { SteadyWall } from './steady-wall.ts'

describe('a pacer', () => {
  test('makes every frame that is over and no other, and skips only whole stalls, to a part’s boundary', () => {
    const GRID = 1_000_000
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 40 }), (steps) => {
        const pacer = new FramePacer(wallMillis(GRID), 0)
        let now = GRID
        for (const step of steps) {
          now += step
          const due = pacer.due(wallMillis(now))
          if (due.kind === 'stalled') {
            expect(now - GRID - pacer.next * FRAME_MS).toBeGreaterThan(CATCH_UP_FRAMES_MAX * FRAME_MS)
            expect(due.next % FRAMES_PER_PART).toBe(0)
            pacer.skipTo(due.next)
          }
          const next = pacer.due(wallMillis(now))
          if (next.kind === 'stalled') throw new Error('still stalled after skipping')
          for (let left = next.count; left > 0; left--) pacer.advance()
          expect(pacer.next).toBe(Math.floor((now - GRID) / FRAME_MS))
        }
      }),
    )
  })
})

describe('a lateness meter', () => {
  test('tells the p99 of its window, and forgets what is older', () => {
    const meter = new LatenessMeter()
    for (let i = 0; i < 490; i++) meter.note(millis(1))
    for (let i = 0; i < 10; i++) meter.note(millis(9))
    expect(meter.p99()).toBe(millis(9))
    expect(meter.isTooLate()).toBe(true)
    for (let i = 0; i < 500; i++) meter.note(millis(1))
    expect(meter.p99()).toBe(millis(1))
    expect(meter.isTooLate()).toBe(false)
  })

  test('spares time for what could wait only while ticks are on time, and takes it back only when many are a tick late', () => {
    const meter = new LatenessMeter()
    const secondsOf = (latenessMs: number) => {
      for (let i = 0; i < 500; i++) meter.note(millis(latenessMs))
    }
    expect(meter.hasTimeToSpare(false)).toBe(true)
    secondsOf(0)
    for (let i = 0; i < 40; i++) meter.note(millis(LATENESS_WORST_MS + 1))
    expect(meter.hasTimeToSpare(false)).toBe(false)
    expect(meter.hasTimeToSpare(true)).toBe(true)
    secondsOf(LATENESS_WORST_MS + 1)
    expect(meter.hasTimeToSpare(true)).toBe(false)
  })

  test('does not judge by a handful of ticks', () => {
    const meter = new LatenessMeter()
    expect(meter.p99()).toBe(millis(0))
    for (let i = 0; i < 20; i++) meter.note(millis(LATENESS_LIMIT_MS * 10))
    expect(meter.isTooLate()).toBe(false)
  })
})

describe('a steady wall clock', () => {
  test('never goes back, and comes to agree with the machine’s after any step', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ after: fc.integer({ min: 1, max: 500 }), step: fc.integer({ min: -500, max: 5_000 }) }),
          { maxLength: 20 },
        ),
        (list) => {
          let now = 0
          let wall = 1_000_000
          const steady = new SteadyWall(wallMillis(wall), millis(now))
          let before = steady.read(wallMillis(wall), millis(now))
          for (const { after, step } of list) {
            now += after
            wall += after + step
            const read = steady.read(wallMillis(wall), millis(now))
            expect(read).toBeGreaterThanOrEqual(before)
            before = read
          }
          for (let i = 0; i < 20_000; i++) {
            now += 200
            wall += 200
            before = steady.read(wallMillis(wall), millis(now))
          }
          expect(Math.abs(before - wall)).toBeLessThan(1)
        },
      ),
      { numRuns: 20 },
    )
  })

  test('follows a step forward of more than a second at once, and a small one gently', () => {
    const steady = new SteadyWall(wallMillis(1_000_000), millis(0))
    expect(steady.read(wallMillis(1_000_520), millis(20))).toBeLessThan(1_000_021)
    expect(steady.read(wallMillis(1_005_040), millis(40))).toBe(wallMillis(1_005_040))
  })
})
