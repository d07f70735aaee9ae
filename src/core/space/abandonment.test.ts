import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sequence, type WallMillis, wallMillis } from '../../base/units.ts'
import {
  type Abandonable,
  ANNOUNCE_AFTER_MS,
  type Attendance,
  LOOKS_APART_MAX_MS,
  look,
  passAbandonment,
  RETURN_MS,
  type Watch,
} from './abandonment.ts'

const GRID = 1_800_000_000_000
const WAIT_MS = 30 * 60_000
const live: Abandonable = { phase: 'live', gridStartMs: wallMillis(GRID), programStart: sequence(10) }

/** One space, looked at as control does. */
class Space {
  facts = live
  #watch: Watch | undefined
  now = GRID + 60_000

  /** Looks once a second for `forMs`, beginning a second from now. */
  see(attendance: Attendance, forMs: number): this {
    for (let ms = 1_000; ms <= forMs; ms += 1_000) {
      this.now += 1_000
      this.lookOnce(attendance)
    }
    return this
  }

  lookOnce(attendance: Attendance): void {
    const now = wallMillis(this.now)
    this.#watch = look(this.#watch, attendance, now)
    this.facts = passAbandonment(this.facts, this.#watch, attendance, WAIT_MS)
  }

  /** Control is down for so long, and remembers nothing but the facts. */
  restart(downMs: number): this {
    this.now += downMs
    this.#watch = undefined
    return this
  }

  get isOver(): boolean {
    return this.facts.phase === 'ended'
  }

  /** How long the announced end is ahead. */
  get leftMs(): number | undefined {
    return this.facts.endsAtMs === undefined ? undefined : this.facts.endsAtMs - this.now
  }
}

describe('an empty stage', () => {
  test('is announced once it is no reload any more, and ends at the announced time', () => {
    const space = new Space().see('somebody', 5_000).see('nobody', ANNOUNCE_AFTER_MS)
    expect(space.facts.endsAtMs).toBeUndefined()
    space.see('nobody', 1_000)
    const announced = space.facts.endsAtMs as WallMillis
    space.see('nobody', WAIT_MS - ANNOUNCE_AFTER_MS - 2_000)
    expect(space.facts.phase).toBe('live')
    expect(space.facts.endsAtMs).toBe(announced)
    space.see('nobody', 2_000)
    expect(space.facts.phase).toBe('ended')
    expect(space.facts.endsAtMs).toBeUndefined()
    expect(space.now - announced).toBeLessThan(2_000)
  })

  test('is none any more once anybody is back, and the wait begins anew', () => {
    const space = new Space().see('nobody', WAIT_MS - 5_000).see('somebody', 1_000)
    expect(space.facts.endsAtMs).toBeUndefined()
    space.see('nobody', 20_000)
    expect(space.leftMs).toBeGreaterThan(WAIT_MS - 25_000)
  })

  test('keeps its announced end over a restart of control that is far from it', () => {
    const space = new Space().see('nobody', 60_000)
    const announced = space.facts.endsAtMs
    space.restart(10_000).see('nobody', 60_000)
    expect(space.facts.endsAtMs).toBe(announced as WallMillis)
  })

  test('leaves time to return when its end has passed while nobody looked', () => {
    const space = new Space().see('nobody', 60_000).restart(10 * WAIT_MS)
    space.see('nobody', RETURN_MS - 1_000)
    expect(space.facts.phase).toBe('live')
    expect(space.leftMs).toBeGreaterThan(0)
    space.see('nobody', 3_000)
    expect(space.facts.phase).toBe('ended')
  })

  test('is waited for for ever where that is the setting', () => {
    const watch = look(undefined, 'nobody', wallMillis(GRID))
    const announced: Abandonable = { ...live, endsAtMs: wallMillis(GRID) }
    expect(passAbandonment(announced, watch, 'nobody', Number.POSITIVE_INFINITY)).toEqual(live)
  })
})

test('whatever happens: it ends only after it was seen empty for minutes on end, and never by what nobody saw', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('see' as const),
      attendance: fc.constantFrom<Attendance>('somebody', 'nobody', 'nobody', 'nobody', 'unknown'),
      forMs: fc.integer({ min: 1_000, max: WAIT_MS }),
    }),
    fc.record({ kind: fc.constant('down' as const), downMs: fc.integer({ min: 0, max: 3 * WAIT_MS }) }),
    fc.record({ kind: fc.constant('clock' as const), byMs: fc.integer({ min: -WAIT_MS, max: WAIT_MS }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const space = new Space()
      // Seen empty on end, in looks; what lies between looks was seen too.
      let emptyLooks = 0
      let afterJump = true
      for (const one of steps) {
        if (one.kind === 'down') {
          space.restart(one.downMs)
          emptyLooks = 0
          continue
        }
        if (one.kind === 'clock') {
          space.now += one.byMs
          afterJump = one.byMs < -1_000 || one.byMs > LOOKS_APART_MAX_MS - 1_000
          if (afterJump) emptyLooks = 0
          continue
        }
        for (let ms = 1_000; ms <= one.forMs && !space.isOver; ms += 1_000) {
          space.see(one.attendance, 1_000)
          emptyLooks = one.attendance === 'nobody' ? emptyLooks + 1 : 0
          if (space.isOver) {
            expect(one.attendance).toBe('nobody')
            expect(emptyLooks * 1_000).toBeGreaterThanOrEqual(RETURN_MS - LOOKS_APART_MAX_MS)
          } else if (one.attendance === 'somebody') expect(space.facts.endsAtMs).toBeUndefined()
          else if (one.attendance === 'nobody' && space.facts.endsAtMs !== undefined && emptyLooks > 20) {
            // What is announced lies ahead, and no further than a whole wait.
            expect(space.leftMs).toBeGreaterThan(0)
            expect(space.leftMs).toBeLessThanOrEqual(WAIT_MS)
          }
        }
      }
    }),
    { numRuns: 60 },
  )
})
