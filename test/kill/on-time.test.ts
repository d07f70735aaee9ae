// A program begins at the scheduled second, whatever is killed just before it. The listener here was in the lobby, and
// hears the beginning on the stream that it has: no reconnect, no hole. `scripts/on-time.ts` does it a hundred times,
// in ten ways.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { PART_MS, wallMillis } from '../../src/base/units.ts'
import type { PublicSpace } from '../../src/core/api/api.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { strike } from './accidents.ts'
import { holderOf, Listener, planSpace, secondAhead, streamOf } from './planned-start.ts'

/** From making the space to its start: its plan is firm 5 s before. */
const AHEAD_MS = 9_000
const KILLED_BEFORE_MS = 2_000
/** When a stage is killed listeners have the slate within this; the part that it was making is then made up for. */
const SLATE_WITHIN_MS = 600

let mimbar: RunningMimbar
beforeAll(async () => {
  mimbar = await startMimbar()
}, 60_000)
afterAll(() => mimbar?.stop(), 30_000)

async function planned(
  id: string,
): Promise<{ space: PublicSpace; scheduledAtMs: number; listener: Listener }> {
  const scheduledAtMs = secondAhead(AHEAD_MS)
  const { space } = await planSpace(mimbar, id, scheduledAtMs)
  const listener = new Listener(streamOf(mimbar, id))
  await until('the lobby is heard', () => listener.arrivals.length > 0, AHEAD_MS)
  listener.mark()
  return { space, scheduledAtMs, listener }
}

async function killBefore(scheduledAtMs: number, role: string | undefined): Promise<void> {
  await until('the moment of the accident', () => Date.now() >= scheduledAtMs - KILLED_BEFORE_MS, AHEAD_MS)
  strike(mimbar, [{ role: role ?? 'nobody', by: 'kill' }])
}

async function expectOnTime(
  { space, scheduledAtMs, listener }: Awaited<ReturnType<typeof planned>>,
  lateMsMax: number,
): Promise<void> {
  const first = await until('the program is on', () => listener.firstLive, AHEAD_MS + 10_000)
  expect(listener.beginsAtMs).toBe(wallMillis(scheduledAtMs))
  // In the log, a part is over before it can come; the way from there is at most one flush interval.
  expect(first.atMs - scheduledAtMs).toBeGreaterThanOrEqual(PART_MS)
  const parts = listener.arrivals.map(({ sequence }) => sequence as number)
  expect(parts).toEqual(parts.map((_, i) => (parts[0] as number) + i))
  expect(listener.reconnects).toBe(0)
  const told = await until(
    'control has written it down',
    async () => {
      const now = await mimbar.publicSpace(space.id)
      return now.startLatenessMs !== undefined && now
    },
    20_000,
  )
  expect(told).toMatchObject({ phase: 'live', start: 'automatic', startedAtMs: scheduledAtMs })
  expect(told.startLatenessMs).toBeLessThanOrEqual(lateMsMax)
  console.log(`${space.id}: on air ${told.startLatenessMs} ms after the second`)
  listener.stop()
  // Stages that are late with what they have take no further space: each test leaves them with nothing.
  await mimbar.post(`/spaces/${space.id}/end`)
}

test('a planned program is on at its second', async () => {
  const begun = await planned('on-time')
  await expectOnTime(begun, SLATE_WITHIN_MS)
})

test('control killed two seconds before: the program is on at its second all the same', async () => {
  const begun = await planned('no-control')
  await killBefore(begun.scheduledAtMs, 'control')
  await expectOnTime(begun, SLATE_WITHIN_MS)
})

test('the stage killed two seconds before: the other one begins it at its second', async () => {
  const begun = await planned('no-stage')
  const before = holderOf(mimbar, 'no-stage')
  await killBefore(begun.scheduledAtMs, before)
  await expectOnTime(begun, SLATE_WITHIN_MS)
  expect(holderOf(mimbar, 'no-stage')).not.toBe(before)
})
