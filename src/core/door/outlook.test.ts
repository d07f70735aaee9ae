import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { wallMillis } from '../../base/units.ts'
import { outlookOf, peopleAhead } from './outlook.ts'
import type { LineView } from './waiting.ts'

const T0 = 1_800_000_000_000
const at = (ms: number) => wallMillis(T0 + ms)
const line = (change: Partial<LineView> = {}): LineView => ({
  nowMs: at(60_000),
  admittedBeforeMs: at(10_000),
  waiting: 400,
  admittedPerSecond: 2,
  arrivals: [
    { atMs: at(10_000), before: 0 },
    { atMs: at(20_000), before: 300 },
    { atMs: at(60_001), before: 400 },
  ],
  askAgainMs: 2_000,
  showAgainMs: 10_000,
  ...change,
})

describe('who waits is told', () => {
  test.each([
    [10_000, 0],
    [15_000, 150],
    [20_000, 300],
    [40_000, 350],
    [60_001, 400],
    [70_000, 400],
  ])('how many came before the one who came at %p ms', (arrived, people) => {
    expect(peopleAhead(line(), at(arrived))).toBe(people)
  })

  test.each([
    [0, 2, { ahead: 0, wait: { kind: 'now' } }],
    [10_001, 2, { ahead: 0, wait: { kind: 'moments' } }],
    [14_500, 2, { ahead: 140, wait: { kind: 'minutes', minutes: 1 } }],
    [20_000, 2, { ahead: 300, wait: { kind: 'minutes', minutes: 3 } }],
    [20_000, 0.35, { ahead: 300, wait: { kind: 'minutes', minutes: 15 } }],
    [20_000, 0.05, { ahead: 300, wait: { kind: 'long' } }],
    [20_000, 0, { ahead: 300, wait: { kind: 'unknown' } }],
  ])('who came at %p ms while %p a second are let in: %p', (arrived, perSecond, told) => {
    expect(outlookOf(line(), at(arrived), perSecond)).toEqual(told as never)
  })

  test('nothing of a line that lists nobody but that it exists', () => {
    expect(outlookOf(line({ arrivals: [], waiting: 1 }), at(20_000), 0)).toEqual({
      ahead: 0,
      wait: { kind: 'unknown' },
    })
  })

  test('never more people than wait, and never fewer to whoever came later', () => {
    fc.assert(
      fc.property(fc.nat(90_000), fc.nat(90_000), (one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)]
        const [first, second] = [peopleAhead(line(), at(early)), peopleAhead(line(), at(late))]
        expect(first).toBeLessThanOrEqual(second)
        expect(second).toBeLessThanOrEqual(400)
      }),
    )
  })
})
