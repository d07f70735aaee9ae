import { expect, test } from 'bun:test'
import { hasCode } from '../../base/errors.ts'
import { wallMillis } from '../../base/units.ts'
import { type Holdable, holdSpace, resumeSpace } from './hold.ts'

const live: Holdable = { phase: 'live' }
const codeOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return ['conflict', 'gone'].find((code) => hasCode(error, code as 'conflict' | 'gone'))
  }
  return undefined
}

test('a hold keeps the moment of its first press, and one press ends it', () => {
  const held = holdSpace(live, wallMillis(1_000))
  expect(held.heldSinceMs).toBe(wallMillis(1_000))
  expect(holdSpace(held, wallMillis(2_000))).toBe(held)
  expect(resumeSpace(held)).toEqual(live)
  expect(resumeSpace(live)).toBe(live)
})

test('there is nothing to hold or resume before the start, nor after the end', () => {
  for (const [phase, code] of [
    ['scheduled', 'conflict'],
    ['lobby', 'conflict'],
    ['ended', 'gone'],
  ] as const) {
    expect(codeOf(() => holdSpace({ phase }, wallMillis(1)))).toBe(code)
    expect(codeOf(() => resumeSpace({ phase }))).toBe(code)
  }
})
