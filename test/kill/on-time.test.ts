// A program begins at the scheduled second, whatever is killed just before it. The listener here was in the lobby, and
// hears the beginning on the stream that it has: no reconnect, no hole.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { PART_MS, sequence, wallMillis, wallTimeOf } from '../../src/base/units.ts'
import type { PublicSpace } from '../../src/core/api/api.ts'
import type { PartEvent } from '../../src/core/part/events.ts'
import { LiveStream } from '../../src/web/player/live-stream.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

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

interface Arrival {
  readonly sequence: number
  readonly atMs: number
  readonly events: readonly PartEvent[]
}

/** Everything that one listener was given, from the lobby on. */
class Listener {
  readonly arrivals: Arrival[] = []
  gridStartMs = 0
  readonly #stream: LiveStream
  #reconnectsBefore = 0

  constructor(url: string) {
    this.#stream = new LiveStream({
      url,
      now: () => performance.now(),
      random: Math.random,
      handlers: {
        init: () => {},
        note: (note) => {
          if (note.kind === 'hello') this.gridStartMs = note.gridStartMs ?? this.gridStartMs
        },
        part: ({ sequence, events }) => this.arrivals.push({ sequence, atMs: Date.now(), events }),
        over: () => {},
      },
    })
    this.#stream.start()
  }

  /** Since {@link mark}: an edge that has not heard of the space yet is asked again. */
  get reconnects(): number {
    return this.#stream.reconnects - this.#reconnectsBefore
  }

  mark(): void {
    this.#reconnectsBefore = this.#stream.reconnects
  }

  /** The first part that says that the program is on. */
  get firstLive(): Arrival | undefined {
    return this.arrivals.find(({ events }) =>
      events.some((event) => (event.kind === 'snapshot' || event.kind === 'phase') && event.phase === 'live'),
    )
  }

  stop = () => this.#stream.stop()
}

async function planned(
  id: string,
): Promise<{ space: PublicSpace; scheduledAtMs: number; listener: Listener }> {
  const scheduledAtMs = Math.ceil((Date.now() + AHEAD_MS) / 1_000) * 1_000
  const { space } = await mimbar.createSpace({
    id,
    title: 'On the second',
    recorded: true,
    scheduledAtMs,
    start: 'automatic',
  })
  const listener = new Listener(`${mimbar.publicUrl}/live/${id}/opus.mp4`)
  await until('the lobby is heard', () => listener.arrivals.length > 0, AHEAD_MS)
  listener.mark()
  return { space, scheduledAtMs, listener }
}

async function killBefore(scheduledAtMs: number, role: () => Promise<string> | string): Promise<void> {
  const name = await role()
  await until('the moment of the accident', () => Date.now() >= scheduledAtMs - KILLED_BEFORE_MS, AHEAD_MS)
  process.kill(mimbar.rolePids().get(name) as number, 'SIGKILL')
}

async function expectOnTime(
  { space, scheduledAtMs, listener }: Awaited<ReturnType<typeof planned>>,
  lateMsMax: number,
): Promise<void> {
  const first = await until('the program is on', () => listener.firstLive, AHEAD_MS + 10_000)
  const beginsAtMs = wallTimeOf(sequence(first.sequence), wallMillis(listener.gridStartMs))
  expect(beginsAtMs).toBe(wallMillis(scheduledAtMs))
  // In the log, a part is over before it can come; the way from there is at most one flush interval.
  expect(first.atMs - scheduledAtMs).toBeGreaterThanOrEqual(PART_MS)
  const parts = listener.arrivals.map((arrival) => arrival.sequence)
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
  await killBefore(begun.scheduledAtMs, () => 'control')
  await expectOnTime(begun, SLATE_WITHIN_MS)
})

test('the stage killed two seconds before: the other one begins it at its second', async () => {
  const begun = await planned('no-stage')
  const before = await holderOf('no-stage')
  await killBefore(begun.scheduledAtMs, () => before)
  await expectOnTime(begun, SLATE_WITHIN_MS)
  expect(await holderOf('no-stage')).not.toBe(before)
})

/** From what the stages print: who took the space last. */
function holderOf(id: string): string {
  const held = [...mimbar.output().matchAll(new RegExp(`space ${id} held stage=(\\S+)`, 'g'))].at(-1)?.[1]
  if (held === undefined) throw new Error(`nobody holds ${id}`)
  return held
}
