// Processes that stand still for a moment and go on, at a flush interval of a second: listeners whose stream kept
// its promise about silence stay where they are, and nobody storms.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Ear } from '../harness/ear.ts'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const EARS = 6
/** The player takes a stream for dead after three seconds without a byte. */
const EDGE_STOPPED_MS = 2_000
/** Long enough for the standby to take over. */
const STAGE_STOPPED_MS = 1_500

let mimbar: RunningMimbar
let space: SpaceOnAir
let ears: Ear[] = []

beforeAll(async () => {
  mimbar = await startMimbar({ flags: ['--flush-ms', '1000'] })
  space = await goOnAir(mimbar, { id: 'patience', recorded: false, voices: ['ana', 'budi'] })
  ears = Array.from({ length: EARS }, () => new Ear(`${mimbar.publicUrl}/live/patience/opus.mp4`))
  await until('everyone hears voices', async () => ears.every((ear) => ear.hearsVoices(2_000)), 15_000)
}, 60_000)

afterAll(async () => {
  for (const ear of ears) ear.stop()
  await space?.leave()
  await mimbar?.stop()
}, 30_000)

test('flushed every second, everyone hears everything on one connection', async () => {
  const heard = await during(async () => Bun.sleep(5_000))
  expect(heard).toEqual({ missing: 0, connections: 0 })
})

for (const edge of ['edge-0', 'edge-1']) {
  test(`${edge} stands still for two seconds: nobody reconnects, and nobody misses a part`, async () => {
    const heard = await during(() => standStill(edge, EDGE_STOPPED_MS))
    expect(heard).toEqual({ missing: 0, connections: 0 })
  })
}

test('the stage stands still until its standby has taken over: listeners stay where they are', async () => {
  const holder = stageThatHolds()
  const heard = await during(async () => {
    await standStill(holder, STAGE_STOPPED_MS)
    await until('voices are back', async () => ears.every((ear) => ear.hearsVoices(2_000)), 15_000)
  })
  expect(heard.connections).toBe(0)
  expect(stageThatHolds()).not.toBe(holder)
  expect(mimbar.rolePids().size).toBe(6)
})

interface Heard {
  readonly missing: number
  readonly connections: number
}

/** The worst that any listener heard while `happens`, and until a few flushes later. */
async function during(happens: () => Promise<void>): Promise<Heard> {
  const startedAtMs = performance.now()
  const marks = ears.map((ear) => ear.mark())
  await happens()
  await Bun.sleep(2_500)
  await until('parts come', async () => ears.every((ear) => ear.hearsVoices(2_000)), 10_000)
  const reports = ears.map((ear, i) => ear.since(marks[i] as number, startedAtMs))
  const worst = (pick: (heard: Heard) => number) => Math.max(...reports.map(pick))
  const silenceMs = Math.round(Math.max(...reports.map((report) => report.silenceMs)))
  const heard = { missing: worst(({ missing }) => missing), connections: worst((one) => one.connections) }
  console.log(`   silence ${silenceMs} ms, parts missing ${heard.missing}, reconnects ${heard.connections}`)
  return heard
}

async function standStill(role: string, forMs: number): Promise<void> {
  const pid = mimbar.rolePids().get(role)
  if (pid === undefined) throw new Error(`${role} does not run`)
  process.kill(pid, 'SIGSTOP')
  await Bun.sleep(forMs)
  process.kill(pid, 'SIGCONT')
}

/** As the stages say in the log of the node. */
function stageThatHolds(): string {
  const last = [...mimbar.output().matchAll(/space patience held stage=(stage-\d+)/g)].at(-1)
  if (last === null || last === undefined) throw new Error('no stage says that it holds the space')
  return last[1] as string
}
