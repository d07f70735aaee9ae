import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { wallMillis } from '../../base/units.ts'
import { isTicket, parseLineView, parsePlace, parseRetryAfter } from './waiting-answers.ts'

const place = { ticket: 'pabc.def.GHI_-', arrivedAtMs: wallMillis(1_800_000_000_000) }
const line = {
  nowMs: 1_800_000_000_000,
  admittedBeforeMs: 1_799_999_999_000,
  waiting: 2,
  admittedPerSecond: 0.5,
  arrivals: [{ atMs: 1_799_999_999_000, before: 0 }],
  askAgainMs: 2_000,
  showAgainMs: 10_000,
}

test('a place is read from a problem, and nothing else is taken for one', () => {
  expect(parsePlace({ code: 'full', place })).toEqual(place)
  for (const bad of [
    undefined,
    null,
    'full',
    {},
    { place: {} },
    { place: { ...place, ticket: '&from=1' } },
  ]) {
    expect(parsePlace(bad)).toBeUndefined()
  }
  expect(isTicket('x'.repeat(161))).toBe(false)
})

test('a line is read whole, with times to ask again that nobody regrets', () => {
  expect(parseLineView(line)).toEqual(line as never)
  expect(parseLineView({ ...line, askAgainMs: 0, showAgainMs: 1e12 })).toMatchObject({
    askAgainMs: 1_000,
    showAgainMs: 120_000,
  })
  expect(parseLineView({ ...line, waiting: -1 })).toBeUndefined()
  expect(parseLineView({ ...line, arrivals: [{ atMs: 'soon', before: 1 }] })?.arrivals).toEqual([])
})

test('whatever comes, reading it does not throw', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (one, other) => {
      parsePlace(one)
      parsePlace({ place: one })
      parseLineView(one)
      parseLineView({ ...line, arrivals: one, waiting: other })
    }),
  )
})

test.each([
  ['2', 2_000],
  ['0', 0],
  ['999999', 120_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ['-1', undefined],
  [null, undefined],
])('Retry-After: %p is %p ms', (header, ms) => {
  expect(parseRetryAfter(header)).toBe(ms)
})
