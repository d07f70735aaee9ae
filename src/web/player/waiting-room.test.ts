import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { wallMillis } from '../../base/units.ts'
import type { LineView } from '../../core/door/waiting.ts'
import { WaitingRoom } from './waiting-room.ts'

const place = { ticket: 'p1', arrivedAtMs: wallMillis(20_000) }
const line = (change: Partial<LineView> = {}): LineView => ({
  nowMs: wallMillis(60_000),
  admittedBeforeMs: wallMillis(10_000),
  waiting: 200,
  admittedPerSecond: 1,
  arrivals: [
    { atMs: wallMillis(10_000), before: 0 },
    { atMs: wallMillis(20_000), before: 100 },
    { atMs: wallMillis(60_000), before: 200 },
  ],
  askAgainMs: 4_000,
  showAgainMs: 30_000,
  ...change,
})
const middle = () => 0.5

/** Lets time pass to the next deadline; answers what is to be done then. */
function next(room: WaitingRoom): { at: number; effects: readonly string[] } {
  const at = room.deadlineMs ?? Number.NaN
  return { at, effects: room.handle({ kind: 'tick' }, at).map(({ kind }) => kind) }
}

describe('the waiting room', () => {
  test('asks for the line soon, and then as often as the line says', () => {
    const room = new WaitingRoom(middle)
    room.handle({ kind: 'placed', place }, 0)
    expect(room.outlook).toEqual({ wait: { kind: 'unknown' } })
    expect(next(room)).toEqual({ at: 300, effects: ['ask'] })
    expect(room.handle({ kind: 'line', line: line() }, 310)).toEqual([])
    expect(room.outlook).toEqual({ ahead: 100, wait: { kind: 'minutes', minutes: 2 } })
    expect(next(room)).toEqual({ at: 4_310, effects: ['ask'] })
  })

  test('needs not ask when the place came with the line, and asks the sooner the nearer it is', () => {
    const far = new WaitingRoom(middle)
    far.handle({ kind: 'placed', place: { ...place, line: line({ askAgainMs: 90_000 }) } }, 0)
    expect(far.outlook).toEqual({ ahead: 100, wait: { kind: 'minutes', minutes: 2 } })
    expect(next(far)).toEqual({ at: 7_000, effects: ['ask'] })
    const near = new WaitingRoom(middle)
    const first = { ticket: 'p0', arrivedAtMs: wallMillis(10_000) }
    near.handle({ kind: 'placed', place: { ...first, line: line({ askAgainMs: 90_000 }) } }, 0)
    expect(next(near)).toEqual({ at: 2_000, effects: ['ask'] })
  })

  test('is not told twice that it is called: shown and refused, it comes when it was told to', () => {
    const room = new WaitingRoom(middle)
    const called = line({ admittedBeforeMs: wallMillis(20_001) })
    expect(
      room.handle({ kind: 'placed', place: { ...place, line: called }, retryAfterMs: 4_000 }, 0),
    ).toEqual([])
    expect(room.handle({ kind: 'line', line: called }, 2_000)).toEqual([])
    expect(next(room)).toEqual({ at: 4_000, effects: ['show'] })
  })

  test('shows the place as soon as it is called, once', () => {
    const room = new WaitingRoom(middle)
    room.handle({ kind: 'placed', place }, 0)
    const called = line({ admittedBeforeMs: wallMillis(20_001) })
    expect(room.handle({ kind: 'line', line: called }, 500)).toEqual([{ kind: 'show' }])
    expect(room.outlook.wait).toEqual({ kind: 'now' })
    expect(room.handle({ kind: 'line', line: called }, 900)).toEqual([])
  })

  test('called and refused, shows it again when it was told to, and not before', () => {
    const room = new WaitingRoom(middle)
    room.handle({ kind: 'placed', place }, 0)
    room.handle(
      { kind: 'line', line: line({ admittedBeforeMs: wallMillis(20_001), askAgainMs: 60_000 }) },
      500,
    )
    room.handle({ kind: 'placed', place, retryAfterMs: 3_000 }, 600)
    expect(next(room)).toEqual({ at: 3_600, effects: ['show'] })
  })

  test('shows the place now and then though it is not called, so that it is counted', () => {
    const room = new WaitingRoom(middle)
    room.handle({ kind: 'placed', place }, 0)
    const far = line({ askAgainMs: 100_000, admittedPerSecond: 0, waiting: 9_000, arrivals: [] })
    room.handle({ kind: 'line', line: far }, 100)
    expect(next(room)).toEqual({ at: 20_000, effects: ['show'] })
    room.handle({ kind: 'placed', place, retryAfterMs: 2_000 }, 20_100)
    expect(next(room)).toEqual({ at: 50_100, effects: ['show'] })
  })

  test('does not ask before Retry-After, and more and more seldom while nobody answers', () => {
    const room = new WaitingRoom(() => 0)
    room.handle({ kind: 'placed', place: { ...place } }, 0)
    next(room)
    room.handle({ kind: 'no-line', retryAfterMs: 9_000 }, 1_000)
    expect(room.deadlineMs).toBe(10_000)
    const waits: number[] = []
    for (let now = 10_000, n = 0; n < 12; n++) {
      room.handle({ kind: 'tick' }, now)
      room.handle({ kind: 'not-shown' }, now)
      room.handle({ kind: 'no-line' }, now)
      waits.push((room.deadlineMs as number) - now)
      now = room.deadlineMs as number
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(20_000)
    expect(waits.at(-1)).toBeGreaterThanOrEqual(10_000)
  })

  test('a burst of admissions does not promise that it goes on', () => {
    const room = new WaitingRoom(middle)
    room.handle({ kind: 'placed', place }, 0)
    room.handle({ kind: 'line', line: line({ admittedPerSecond: 0.1 }) }, 1_000)
    expect(room.outlook.wait).toEqual({ kind: 'minutes', minutes: 15 })
    room.handle({ kind: 'line', line: line({ admittedPerSecond: 10 }) }, 3_000)
    expect(room.outlook.wait).toEqual({ kind: 'minutes', minutes: 2 })
  })

  test('always knows when to do something next, and never at once', () => {
    const events = fc.array(
      fc.record({
        kind: fc.constantFrom('placed', 'line', 'no-line', 'not-shown', 'tick'),
        afterMs: fc.nat(40_000),
        retryAfterMs: fc.option(fc.nat(120_000), { nil: undefined }),
        cutoff: fc.nat(40_000),
        askAgainMs: fc.integer({ min: 1_000, max: 120_000 }),
      }),
    )
    fc.assert(
      fc.property(events, fc.double({ min: 0, max: 0.999, noNaN: true }), (steps, random) => {
        const room = new WaitingRoom(() => random)
        let now = 0
        room.handle({ kind: 'placed', place }, now)
        let asked = 0
        for (const { kind, afterMs, retryAfterMs, cutoff, askAgainMs } of steps) {
          now += afterMs
          const seen = line({ admittedBeforeMs: wallMillis(cutoff), askAgainMs })
          const event =
            kind === 'placed'
              ? { kind, place, retryAfterMs }
              : kind === 'line'
                ? { kind, line: seen }
                : kind === 'tick'
                  ? { kind }
                  : { kind, retryAfterMs }
          for (const effect of room.handle(event as never, now)) asked += effect.kind === 'ask' ? 1 : 0
        }
        // A shell that answers every effect is never left without a deadline.
        room.handle({ kind: 'no-line' }, now)
        room.handle({ kind: 'not-shown' }, now)
        expect(room.deadlineMs).toBeGreaterThan(now)
        expect(asked).toBeLessThanOrEqual(steps.length)
      }),
    )
  })
})
