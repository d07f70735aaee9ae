import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { millis, wallMillis } from '../../base/units.ts'
import {
  AlarmBook,
  type AlarmChange,
  CHANGE_REST_MS,
  type Condition,
  HABIT_CLEAR_MS,
  HABIT_WITHIN_MS,
} from './alarm-book.ts'
import { ALARM_KINDS, ALARM_RULES, type AlarmKind } from './alarm-kinds.ts'

const WALL = 1_800_000_000_000
const { raiseAfterMs, clearAfterMs } = ALARM_RULES['stage-down']

/** A book that is looked at once a second, and what it said when. */
class Watched {
  readonly book = new AlarmBook()
  readonly said: (AlarmChange & { readonly atMs: number })[] = []
  now = 0

  look(conditions: readonly Condition[], afterMs = 1_000): this {
    this.now += afterMs
    const changes = this.book.look(conditions, millis(this.now), wallMillis(WALL + this.now))
    for (const change of changes) this.said.push({ ...change, atMs: this.now })
    return this
  }

  see(state: Condition['state'], forMs: number): this {
    for (let ms = 0; ms < forMs; ms += 1_000) this.look([{ alarm: 'stage-down', subject: 'stage-1', state }])
    return this
  }

  get states(): readonly string[] {
    return this.said.map(({ state }) => state)
  }
}

describe('an alarm', () => {
  test('is raised when it has been bad for a while, with when that began, and cleared when it has been good', () => {
    const watched = new Watched().see('good', 5_000).see('bad', raiseAfterMs + 1_000)
    const since = WALL + 6_000
    expect(watched.said).toEqual([
      {
        state: 'raised',
        alarm: { alarm: 'stage-down', subject: 'stage-1', sinceMs: since },
        atMs: 6_000 + raiseAfterMs,
      },
    ])
    expect(watched.book.on()).toEqual([{ alarm: 'stage-down', subject: 'stage-1', sinceMs: since }])
    watched.see('good', clearAfterMs + 1_000)
    expect(watched.states).toEqual(['raised', 'cleared'])
    expect(watched.said[1]?.alarm.sinceMs).toBe(since)
    expect(watched.book.on()).toEqual([])
  })

  test('is not raised by what is over in a moment, nor cleared by it', () => {
    const watched = new Watched()
    for (let i = 0; i < 20; i++) watched.see('bad', raiseAfterMs - 1_000).see('good', 1_000)
    expect(watched.states).toEqual([])
    watched.see('bad', 10_000)
    for (let i = 0; i < 20; i++) watched.see('good', clearAfterMs - 1_000).see('bad', 1_000)
    expect(watched.states).toEqual(['raised'])
  })

  test('stays what it is between good and bad, and while nobody can tell', () => {
    for (const state of ['between', 'unknown'] as const) {
      const watched = new Watched().see(state, 60_000)
      expect(watched.states).toEqual([])
      watched.see('bad', 10_000).see(state, 3_600_000)
      expect(watched.states).toEqual(['raised'])
    }
  })

  test('that comes back soon is called over only after it has been good for long', () => {
    const watched = new Watched().see('bad', 10_000).see('good', 20_000).see('bad', 10_000)
    expect(watched.states).toEqual(['raised', 'cleared', 'raised'])
    watched.see('good', HABIT_CLEAR_MS - 1_000)
    expect(watched.states).toHaveLength(3)
    watched.see('good', 2_000)
    expect(watched.states).toHaveLength(4)
    // And long afterwards that is forgotten.
    watched
      .see('good', HABIT_WITHIN_MS + 2_000)
      .see('bad', 20_000)
      .see('good', clearAfterMs + 2_000)
    expect(watched.states.slice(4)).toEqual(['raised', 'cleared'])
  })

  test('about a subject that is gone is cleared', () => {
    const watched = new Watched().see('bad', 10_000)
    for (let i = 0; i < 20; i++) watched.look([])
    expect(watched.states).toEqual(['raised', 'cleared'])
  })

  test('tells the share as it is now', () => {
    const watched = new Watched()
    for (let i = 0; i < 20; i++) {
      watched.look([{ alarm: 'disk', subject: 'node', state: 'bad', share: 0.8 + i / 1_000 }])
    }
    expect(watched.book.on()[0]?.share).toBeCloseTo(0.819)
  })
})

/** Good and bad more often, so that alarms come about. */
const STATES = ['good', 'good', 'bad', 'bad', 'bad', 'between', 'unknown', 'absent'] as const
const SUBJECTS = ['one', 'two'] as const
const step = fc.record({
  afterMs: fc.integer({ min: 1, max: 15_000 }),
  states: fc.tuple(fc.constantFrom(...STATES), fc.constantFrom(...STATES)),
})
type Step = { readonly afterMs: number; readonly states: readonly (typeof STATES)[number][] }

function conditionsOf({ states }: Step, alarm: AlarmKind): Condition[] {
  return SUBJECTS.flatMap((subject, index) => {
    const state = states[index]
    return state === undefined || state === 'absent' ? [] : [{ alarm, subject, state }]
  })
}

test('whatever is seen, raised and cleared take turns, never soon after one another, and each after its time', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ALARM_KINDS),
      fc.array(step, { minLength: 30, maxLength: 80 }),
      (alarm, steps) => {
        const watched = new Watched()
        const looks = steps.map((one) => {
          watched.look(conditionsOf(one, alarm), one.afterMs)
          return { atMs: watched.now, states: one.states }
        })
        for (const [index, subject] of SUBJECTS.entries()) {
          const said = watched.said.filter((change) => change.alarm.subject === subject)
          expect(said.map(({ state }) => state)).toEqual(
            said.map((_change, i) => (i % 2 === 0 ? 'raised' : 'cleared')),
          )
          for (const [i, { atMs, state }] of said.entries()) {
            const before = said[i - 1]
            if (before !== undefined) expect(atMs - before.atMs).toBeGreaterThanOrEqual(CHANGE_REST_MS)
            const isRaised = state === 'raised'
            const waitMs = isRaised ? ALARM_RULES[alarm].raiseAfterMs : ALARM_RULES[alarm].clearAfterMs
            const during = looks.filter((look) => look.atMs >= atMs - waitMs && look.atMs <= atMs)
            const wanted = isRaised ? ['bad'] : ['good', 'absent']
            expect(during.every((look) => wanted.includes(look.states[index] as string))).toBe(true)
          }
        }
      },
    ),
  )
})

test('whatever was seen before, what stays bad is raised, and what stays good is cleared', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ALARM_KINDS),
      fc.array(step, { minLength: 10, maxLength: 40 }),
      fc.boolean(),
      (alarm, steps, endsBad) => {
        const watched = new Watched()
        for (const one of steps) watched.look(conditionsOf(one, alarm), one.afterMs)
        const last = {
          afterMs: 1_000,
          states: endsBad ? (['bad', 'bad'] as const) : (['good', 'absent'] as const),
        }
        const waitMs = endsBad ? 60_000 : HABIT_CLEAR_MS + CHANGE_REST_MS
        for (let ms = 0; ms <= waitMs; ms += 1_000) watched.look(conditionsOf(last, alarm))
        expect(watched.book.on()).toHaveLength(endsBad ? 2 : 0)
      },
    ),
  )
})
