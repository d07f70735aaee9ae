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

/** A lobby whose program is to begin `aheadMs` from now, at the next whole second. */
async function openPlanned(aheadMs: number): Promise<Sequence> {
  const scheduledAtMs = wallMillis(Math.ceil((Date.now() + aheadMs) / 1_000) * 1_000)
  const gridStartMs = wallMillis(Math.floor(Date.now() / 2_000) * 2_000 - 10 * PART_MS)
  const plannedStart = sequence((scheduledAtMs - gridStartMs) / PART_MS)
  house = await House.open({ scheduledAtMs, gridStartMs, plannedStart })
  expect(wallTimeOf(plannedStart, gridStartMs)).toBe(scheduledAtMs)
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
    15_000,
  )
  return { parts, part: parts.find((part) => part.sequence === at)! }
}

test('a planned program begins at its very part without a word from control, under the opening while nobody is there', async () => {
  const start = await openPlanned(2_000)
  await house.startStage('stage-0')
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
  const start = await openPlanned(3_000)
  await house.startStage('stage-0')
  const speaker = await Speaker.join({
    socketPath: house.socketPath('stage-0'),
    space: SPACE,
    seat: ALICE,
    toneHz: ALICE_HZ,
    amplitude: 0,
  })
  speakers.push(speaker)
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
  const start = await openPlanned(2_000)
  await house.spawnStage('stage-0')
  await until('stage-0 writes', async () => (await house.parts().catch(() => [])).length > 0)
  await house.endStage('stage-0', 'SIGKILL')
  await house.spawnStage('stage-1')
  const { parts } = await partAt(sequence(start + 10))
  const at = (one: number) => parts.find((part) => part.sequence === start + one)
  expect(snapshotOf(eventsOf(at(0)!))).toMatchObject({ phase: 'live' })
  for (let one = 0; one <= 10; one++) expect(at(one)).toBeDefined()
})

test('when the program began is still told by the stage that takes over from the one that began it', async () => {
  house = await House.open()
  await house.spawnStage('stage-0')
  await until('stage-0 writes', async () => (await house.parts().catch(() => [])).length > 0)
  await house.spawnStage('stage-1')
  const scheduledAtMs = wallMillis(Math.ceil((Date.now() + 2_000) / 1_000) * 1_000)
  const plannedStart = sequence((scheduledAtMs - house.facts.gridStartMs) / PART_MS)
  await house.change({ scheduledAtMs, plannedStart })
  await partAt(plannedStart)
  await house.endStage('stage-0', 'SIGKILL')
  const onAirAtMs = await until(
    'the other stage says since when',
    async () => {
      const { stage, programOnAirAtMs } = await house.observed()
      return stage === 'stage-1' && programOnAirAtMs
    },
    20_000,
  )
  expect(onAirAtMs - scheduledAtMs).toBeGreaterThan(-PART_MS)
  expect(onAirAtMs - scheduledAtMs).toBeLessThan(5_000)
})
