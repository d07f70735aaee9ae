import { expect, test } from 'bun:test'
import { parseSpaceId } from '../../base/ids.ts'
import { sequence, wallMillis } from '../../base/units.ts'
import type { SpaceFacts } from './facts.ts'
import { listSpaces, publicSpaceOf, SPACES_LISTED_MAX } from './public-space.ts'

const facts = (id: string, more: Partial<SpaceFacts> = {}): SpaceFacts => ({
  id: parseSpaceId(id),
  title: id,
  phase: 'scheduled',
  recorded: true,
  createdAtMs: wallMillis(1_000_500),
  gridStartMs: wallMillis(1_000_000),
  seats: [],
  ...more,
})

test('start and end are told as wall time, and only a recorded space that ended has a replay', () => {
  const ended = facts('a', { phase: 'ended', programStart: sequence(10), programEnd: sequence(60) })
  expect(publicSpaceOf(ended, { listeners: 9 })).toMatchObject({
    startedAtMs: 1_002_000,
    endedAtMs: 1_012_000,
    replay: true,
    listeners: 0,
  })
  expect(publicSpaceOf({ ...ended, recorded: false }, { listeners: 0 }).replay).toBe(false)
  expect(publicSpaceOf({ ...ended, withheld: true }, { listeners: 0 })).toMatchObject({
    ...{ recorded: true, replay: false, withheld: true },
  })
  const live = publicSpaceOf(facts('b', { phase: 'live', programStart: sequence(10) }), { listeners: 9 })
  expect(live).toMatchObject({ replay: false, listeners: 9 })
  expect('endedAtMs' in live).toBe(false)
})

test('lists tell the soonest of what comes and the newest of what is and was, and are bounded', () => {
  const spaces = [
    facts('undated'),
    facts('later', { scheduledAtMs: wallMillis(9_000_000) }),
    facts('sooner', { scheduledAtMs: wallMillis(8_000_000), phase: 'lobby' }),
    facts('old', { phase: 'ended', programStart: sequence(1), programEnd: sequence(2) }),
    facts('new', { phase: 'ended', programStart: sequence(1), programEnd: sequence(3) }),
    ...Array.from({ length: SPACES_LISTED_MAX + 5 }, (_, n) =>
      facts(`live-${n}`, { phase: 'live', programStart: sequence(n) }),
    ),
  ].map((one) => publicSpaceOf(one, { listeners: 0 }))
  const list = listSpaces(spaces)
  expect(list.upcoming.map((one) => one.id as string)).toEqual(['sooner', 'later', 'undated'])
  expect(list.recent.map((one) => one.id as string)).toEqual(['new', 'old'])
  expect(list.live).toHaveLength(SPACES_LISTED_MAX)
  expect(list.live[0]?.id as string).toBe(`live-${SPACES_LISTED_MAX + 4}`)
})
