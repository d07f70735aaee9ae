// A program that begins by itself, with nobody to tell the stage that it has begun.

import { afterEach, expect, test } from 'bun:test'
import {
  FRAMES_PER_PART,
  PART_MS,
  type Sequence,
  sequence,
  wallMillis,
  wallTimeOf,
} from '../../src/base/units.ts'
import type { PartEvent, Snapshot } from '../../src/core/part/events.ts'
import type { Part } from '../../src/core/part/part.ts'
import { until } from '../harness/until.ts'
import { eventsOf, soundOf, toneByFrame } from './hearing.ts'
import { ALICE, House, SPACE } from './house.ts'
import { Speaker } from './speaker.ts'

const ALICE_HZ = 500
const BACKWARDS_MS = 400

let house: House
const speakers: Speaker[] = []

afterEach(async () => {
  for (const speaker of speakers.splice(0)) speaker.leave()
  await house.close()
})

/** A lobby in which somebody writes; without a plan, so that it does not matter how long a busy machine takes to come here. */
async function openLobby(start: (stage: string) => Promise<unknown>): Promise<void> {
  house = await House.open()
  await start('stage-0')
  await until('stage-0 writes', async () => (await house.parts().catch(() => [])).length > 0, 20_000)
}

/** The program is to begin `aheadMs` from now, at the next whole second. */
async function plan(aheadMs: number): Promise<Sequence> {
  const { gridStartMs } = house.facts
  const scheduledAtMs = wallMillis(Math.ceil((Date.now() + aheadMs) / 1_000) * 1_000)
  const plannedStart = sequence((scheduledAtMs - gridStartMs) / PART_MS)
  expect(wallTimeOf(plannedStart, gridStartMs)).toBe(scheduledAtMs)
  await house.change({ scheduledAtMs, plannedStart })
  return plannedStart
}

const snapshotOf = (events: readonly PartEvent[]): Snapshot | undefined =>
  events.find((event) => event.kind === 'snapshot')

async function partAt(at: Sequence) {
  const parts = await until(
    `part ${at} is in the log`,
    async () => {
      const found = await house.parts().catch(() => [])
      return found.some((part) => part.sequence === at) && found
    },
    20_000,
  )
  return { parts, part: parts.find((part) => part.sequence === at)! }
}

test('a planned program begins at its very part without a word from control, under the opening while nobody is there', async () => {
  await openLobby((stage) => house.startStage(stage))
  const start = await plan(2_000)
  const { part, parts } = await partAt(sequence(start + 2))
  const first = parts.find(({ sequence: at }) => at === start)!
  expect(snapshotOf(eventsOf(first))).toMatchObject({
    phase: 'live',
    slate: true,
    startedAtMs: wallTimeOf(start, house.facts.gridStartMs),
  })
  expect(parts.filter((one) => one.sequence < start).flatMap(eventsOf)).not.toContainEqual(
    expect.objectContaining({ phase: 'live' }),
  )
  expect(part.gap).toBeUndefined()
  const onAir = await until(
    'the stage says since when',
    async () => (await house.observed()).programOnAirAtMs,
    5_000,
  )
  expect(onAir - (house.facts.scheduledAtMs ?? 0)).toBeLessThan(PART_MS + BACKWARDS_MS)
})

test('the opening stays under a microphone that is open, and the first word ends it and is heard whole', async () => {
  await openLobby((stage) => house.startStage(stage))
  const speaker = await Speaker.join({
    socketPath: house.socketPath('stage-0'),
    space: SPACE,
    seat: ALICE,
    toneHz: ALICE_HZ,
    amplitude: 0,
  })
  speakers.push(speaker)
  const start = await plan(1_000)
  await partAt(sequence(start + 5))
  const opening = await until('the stage waits for a word', async () => {
    const observed = await house.observed()
    return observed.opening === true && observed
  })
  expect(opening.slate).toBe(true)

  speaker.amplitude = 0.2
  const saysSo = (part: Part) =>
    eventsOf(part).some((event) => event.kind === 'slate' && event.slate === false)
  const parts = await until('a part says that the slate is over', async () => {
    const all = await house.parts(start)
    return all.some(saysSo) && all
  })
  const tone = toneByFrame(soundOf(parts), ALICE_HZ)
  // The leveller makes of it what it makes of everybody: 0.14.
  const heardFrom = tone.findIndex((amplitude) => amplitude > 0.1)
  expect(heardFrom).toBeGreaterThan(FRAMES_PER_PART)
  const saidSo = parts.findIndex(saysSo)
  // Heard before it was recognised as speech: nothing of it waited for that.
  expect(heardFrom).toBeLessThan((saidSo + 1) * FRAMES_PER_PART)
  await until(
    'the stage waits for nobody any more',
    async () => (await house.observed()).opening === undefined,
  )
})

test('a stage that takes over after the planned second goes on with a program that has begun', async () => {
  await openLobby((stage) => house.spawnStage(stage))
  const start = await plan(2_000)
  await house.endStage('stage-0', 'SIGKILL')
  await house.spawnStage('stage-1')
  const parts = await until(
    'it has gone on for a while',
    async () => {
      const found = await house.parts(start).catch(() => [])
      return found.length > 10 && found
    },
    20_000,
  )
  const [first] = parts.map((part) => part.sequence)
  expect(snapshotOf(eventsOf(parts[0]!))).toMatchObject({ phase: 'live' })
  expect(parts.map((part) => part.sequence)).toEqual(parts.map((_, i) => sequence((first as number) + i)))
  // Whoever takes more than five seconds to come, as on a machine that is very busy, declares the hole.
  expect(parts[0]?.gap ?? (first as number)).toBe(parts[0]?.gap === undefined ? start : 'takeover')
})

test('when the program began is still told by the stage that takes over from the one that began it', async () => {
  await openLobby((stage) => house.spawnStage(stage))
  await house.spawnStage('stage-1')
  await partAt(await plan(2_000))
  await house.endStage('stage-0', 'SIGKILL')
  const onAirAtMs = await until(
    'the other stage says since when',
    async () => {
      const { stage, programOnAirAtMs } = await house.observed()
      return stage === 'stage-1' && programOnAirAtMs
    },
    20_000,
  )
  const { scheduledAtMs = 0 } = house.facts
  expect(onAirAtMs - scheduledAtMs).toBeGreaterThan(-PART_MS)
  expect(onAirAtMs - scheduledAtMs).toBeLessThan(5_000)
})
