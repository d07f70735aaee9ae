// A stage that is asked to go (an upgrade, a reboot) hands its live space to the other one: what the log has of that
// moment, part by part, and whether everybody is back in their own seat.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { parseSpaceId } from '../../src/base/ids.ts'
import type { Running } from '../../src/base/lifetime.ts'
import { type Sequence, sequence } from '../../src/base/units.ts'
import { nodePaths } from '../../src/config.ts'
import type { PartEvent } from '../../src/core/part/events.ts'
import type { Part } from '../../src/core/part/part.ts'
import { type ObservedSpace, observedTopic } from '../../src/core/space/facts.ts'
import { connectEngine } from '../../src/engine/embedded/remote/client.ts'
import type { Engine } from '../../src/engine/ports.ts'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const PATIENCE_MS = 40_000
/** The promise. */
const PARTS_MISSING_MAX = 1
const PART_MS = 200

const space = parseSpaceId('drain-test')
let mimbar: RunningMimbar
let engine: Engine & Running
let onAir: SpaceOnAir

beforeAll(async () => {
  mimbar = await startMimbar()
  engine = connectEngine({ socketPath: nodePaths(mimbar.dataFolder).engineSocket })
  onAir = await goOnAir(mimbar, { id: space, recorded: true, voices: ['ana', 'budi'] })
}, 90_000)

afterAll(async () => {
  await onAir?.leave()
  await engine?.stop()
  await mimbar?.stop()
}, 60_000)

/** The newest report of whoever holds the space. */
async function observed(): Promise<ObservedSpace> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for await (const { value } of engine.feed.subscribe(observedTopic(space), signal)) {
    if (Date.now() - (value as ObservedSpace).atMs < 1_000) return value as ObservedSpace
  }
  throw new Error('no stage reports on the space')
}

/** Waits until everybody is connected and listeners hear them. */
function allOnAir(): Promise<ObservedSpace> {
  return until(
    'everybody is on air',
    async () => {
      const seen = await observed()
      const isWhole = seen.seats.length === 2 && seen.seats.every((seat) => seat.connection === 'connected')
      return isWhole && !seen.slate && seen
    },
    PATIENCE_MS,
  )
}

async function partsFrom(from: Sequence): Promise<Part[]> {
  const { newest } = await engine.log.head(space)
  const parts: Part[] = []
  for await (const part of engine.log.read(space, from, sequence((newest ?? 0) + 1))) parts.push(part)
  return parts
}

const eventsOf = (part: Part) =>
  JSON.parse(new TextDecoder().decode(part.tracks.get('events'))) as readonly PartEvent[]

/** How many parts were under slate by what the parts themselves say. */
function slateParts(parts: readonly Part[]): number {
  let slate = false
  let count = 0
  for (const part of parts) {
    for (const event of eventsOf(part)) {
      if (event.kind === 'snapshot' || event.kind === 'slate') slate = event.slate
    }
    if (slate) count += 1
  }
  return count
}

interface Handover {
  /** Parts that are not in the log, or are declared as a hole in it, from before the signal until all were back. */
  readonly missing: number
  /** Parts in which listeners had the slate. */
  readonly voiceless: number
  readonly before: ObservedSpace
  readonly after: ObservedSpace
}

/** Ends the stage that has the space, as an upgrade does, and waits until everybody is on air on the other. */
async function drain(): Promise<Handover> {
  const stages = () => [...mimbar.rolePids().keys()].filter((role) => role.startsWith('stage-'))
  await until('both stages run', () => stages().length === 2, PATIENCE_MS)
  const before = await allOnAir()
  const from = before.head as Sequence
  process.kill(mimbar.rolePids().get(before.stage) as number, 'SIGTERM')
  await until(
    'the other stage has the space',
    async () => (await observed()).stage !== before.stage,
    PATIENCE_MS,
  )
  const after = await allOnAir()
  const back = sequence((after.head as Sequence) + 5)
  await until(
    'some parts more',
    async () => ((await engine.log.head(space)).newest ?? 0) >= back,
    PATIENCE_MS,
  )
  const parts = await partsFrom(from)
  const gaps = parts.filter(({ gap }) => gap !== undefined).length
  const missing = (parts.at(-1) as Part).sequence - from + 1 - parts.length + gaps
  const voiceless = slateParts(parts)
  console.info(`drain: ${missing} parts missing; ${voiceless * PART_MS} ms without voices`)
  return { missing, voiceless, before, after }
}

test('SIGTERM hands a live space over with no more than one part missing, and everybody is back in their seat', async () => {
  let handover = await drain()
  // A machine on which nothing runs for more than a second leaves a declared hole, whoever has the space: that is not
  // the handover's, and does not happen thrice in a row.
  for (let tries = 1; tries < 3 && handover.missing > PARTS_MISSING_MAX; tries++) handover = await drain()
  const { missing, before, after } = handover
  expect(missing).toBeLessThanOrEqual(PARTS_MISSING_MAX)
  expect(after.epoch).toBeGreaterThan(before.epoch)
  const held = ({ seats }: ObservedSpace) => seats.map(({ id, muted }) => ({ id, muted }))
  expect(held(after)).toEqual(held(before))
}, 300_000)
