import { expect, test } from 'bun:test'
import { parseSeatId } from '../../../base/ids.ts'
import { wallMillis } from '../../../base/units.ts'
import type { StageView } from '../../../core/api/api.ts'
import { SILENCE_DBOV } from '../../../media/pcm/level.ts'
import { LastSeen, RETURNING_FOR_MS } from './last-seen.ts'

const id = parseSeatId('seat01')

type Person = StageView['seats'][number]

const person = (connection: 'absent' | 'connecting' | 'connected' | 'unseen'): Person => ({
  id,
  name: 'Budi',
  role: 'speaker',
  muted: false,
  takenAtMs: wallMillis(1),
  ...(connection === 'unseen'
    ? {}
    : {
        observed: {
          id,
          connection,
          muted: false,
          speaking: false,
          level: SILENCE_DBOV,
          loss: 0,
          jitterBufferMs: 0,
        },
      }),
})

/** Whether the person is shown as coming back after these views, each a time and what it said. */
function isReturningAfter(...views: readonly (readonly [nowMs: number, person: Person | undefined])[]) {
  const lastSeen = new LastSeen()
  for (const [nowMs, one] of views) lastSeen.see({ nowMs, seats: one === undefined ? [] : [one] })
  return lastSeen.isReturning(views.at(-1)?.[1] as Person)
}

test('who was connected and is not comes back: through absence, a stage that knows nobody yet, and a new offer', () => {
  for (const gone of ['absent', 'unseen', 'connecting'] as const)
    expect(isReturningAfter([1_000, person('connected')], [4_000, person(gone)])).toBe(true)
  const late = [1_000 + RETURNING_FOR_MS - 1, person('absent')] as const
  expect(isReturningAfter([1_000, person('connected')], [2_000, person('unseen')], late)).toBe(true)
})

test('who is back is there again, and who stays away for a minute is offline', () => {
  const back = [5_000, person('connected')] as const
  expect(isReturningAfter([1_000, person('connected')], [4_000, person('absent')], back)).toBe(false)
  const late = [1_000 + RETURNING_FOR_MS, person('absent')] as const
  expect(isReturningAfter([1_000, person('connected')], late)).toBe(false)
})

test('who was never connected comes back from nowhere, also into a seat that somebody gave up', () => {
  expect(isReturningAfter([1_000, person('absent')], [2_000, person('connecting')])).toBe(false)
  const anew = [3_000, person('absent')] as const
  expect(isReturningAfter([1_000, person('connected')], [2_000, undefined], anew)).toBe(false)
})
