// Each process killed with -9 in turn during a live, recorded space: what a listener hears of it, and that
// everything is whole again, once. The listener here is the player's own link and parser; sound that was late or
// missing is counted as silence, as it would be behind the player's buffer.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { parseSpaceId } from '../../src/base/ids.ts'
import { Ear } from '../harness/ear.ts'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'

const WHOLE_WITHIN_MS = 20_000
/** The longest silence that listeners may hear when a role is killed, in ms. */
const SILENCE_MS_MAX = { edge: 1_000, log: 2_500, stage: 3_000 }
const SLATE_WITHIN_MS = 600

const space = parseSpaceId('kill-test')
let mimbar: RunningMimbar
let onAir: SpaceOnAir
let ears: Ear[] = []

beforeAll(async () => {
  mimbar = await startMimbar()
  onAir = await goOnAir(mimbar, { id: space, recorded: true, voices: ['ana', 'budi'] })
  // Eight listeners, so that both edges have some: the kernel deals connections out by hash.
  ears = Array.from({ length: 8 }, () => new Ear(`${mimbar.publicUrl}/live/${space}/opus.mp4`))
  await until('everyone hears voices', async () => ears.every((ear) => ear.hearsVoices()), 15_000)
}, 60_000)

afterAll(async () => {
  for (const ear of ears) ear.stop()
  await onAir?.leave()
  await mimbar?.stop()
}, 30_000)

for (const edge of ['edge-0', 'edge-1']) {
  test(`${edge} killed: its listeners are on the other within a second, and miss nothing`, async () => {
    const heard = await killAndListen(edge)
    expect(heard.silenceMs).toBeLessThanOrEqual(SILENCE_MS_MAX.edge)
    expect(heard.missing).toBe(0)
  })
}

test('control killed: nobody who listens or talks notices', async () => {
  const heard = await killAndListen('control')
  expect(heard.silenceMs).toBe(0)
  expect(heard.missing).toBe(0)
  expect(heard.connections).toBe(0)
})

test('the log killed: no part is lost, and the silence ends within 2.5 seconds', async () => {
  const heard = await killAndListen('log')
  expect(heard.silenceMs).toBeLessThanOrEqual(SILENCE_MS_MAX.log)
  expect(heard.missing).toBe(0)
})

test('the stage killed: slate within 0.6 seconds, voices within 3, and the other stage holds the space', async () => {
  const stage = await holder()
  const heard = await killAndListen(stage)
  expect(heard.slateAfterMs).toBeLessThanOrEqual(SLATE_WITHIN_MS)
  expect(heard.voicesAfterMs).toBeLessThanOrEqual(SILENCE_MS_MAX.stage)
  expect(await holder()).not.toBe(stage)
})

test('the supervisor killed: every role ends with it, and a new start has one of each, talking again', async () => {
  const before = new Set(mimbar.rolePids().values())
  process.kill(mimbar.supervisorPid, 'SIGKILL')
  await mimbar.restart()
  await wholeAgain()
  await until(
    'nobody of the old family is left',
    async () => [...mimbar.rolePids().values()].every((pid) => !before.has(pid)),
    10_000,
  )
  await until('everyone hears voices again', async () => ears.every((ear) => ear.hearsVoices()), 15_000)
})

test('the replay holds every part that any listener was given, byte for byte', async () => {
  const { host } = onAir
  await fetch(`${mimbar.studioUrl}/api/v1/spaces/${space}/end`, {
    method: 'POST',
    headers: { authorization: `Bearer ${host.token}` },
  })
  await until('everyone is told that it is over', async () => ears.every((ear) => ear.isOver), 10_000)
  const replay = await Ear.readPlaylist(`${mimbar.publicUrl}/replay/${space}/index.m3u8`)
  for (const ear of ears) {
    const lost = ear.programParts().filter(([sequence, checksum]) => replay.get(sequence) !== checksum)
    expect(lost).toEqual([])
  }
})

interface HeardOfIt {
  readonly silenceMs: number
  readonly missing: number
  readonly connections: number
  readonly slateAfterMs: number
  readonly voicesAfterMs: number
}

/** Kills `role` with -9 and gives back the worst that any listener heard of it. */
async function killAndListen(role: string): Promise<HeardOfIt> {
  await until('everyone hears voices', async () => ears.every((ear) => ear.hearsVoices()), 15_000)
  await Bun.sleep(1_500)
  const marks = ears.map((ear) => ear.mark())
  const pid = mimbar.rolePids().get(role)
  if (pid === undefined) throw new Error(`${role} does not run`)
  const killedAt = performance.now()
  process.kill(pid, 'SIGKILL')
  await until(`${role} runs again`, async () => (mimbar.rolePids().get(role) ?? pid) !== pid, WHOLE_WITHIN_MS)
  await wholeAgain()
  await Bun.sleep(Math.max(0, 5_000 - (performance.now() - killedAt)))
  const reports = ears.map((ear, i) => ear.since(marks[i] as number, killedAt))
  const worst = (pick: (heard: HeardOfIt) => number) => Math.round(Math.max(...reports.map(pick)))
  const heard = {
    silenceMs: worst((report) => report.silenceMs),
    missing: worst((report) => report.missing),
    connections: worst((report) => report.connections),
    slateAfterMs: worst((report) => report.slateAfterMs),
    voicesAfterMs: worst((report) => report.voicesAfterMs),
  }
  console.log(
    `   ${role} killed: silence ${heard.silenceMs} ms, parts missing ${heard.missing}` +
      (role.startsWith('stage')
        ? `, slate after ${heard.slateAfterMs} ms, voices after ${heard.voicesAfterMs} ms`
        : ''),
  )
  return heard
}

/** One process for each role, every role there, and a listener could be served. */
async function wholeAgain(): Promise<void> {
  await until(
    'every role runs once',
    async () => {
      const roles = [...mimbar.rolePids().keys()].sort()
      return roles.join() === 'control,edge-0,edge-1,log,stage-0,stage-1'
    },
    WHOLE_WITHIN_MS,
  )
  await until(
    'it is ready',
    async () => {
      const answer = await fetch(`${mimbar.publicUrl}/readyz`).catch(() => undefined)
      return answer?.ok === true
    },
    WHOLE_WITHIN_MS,
  )
}

/** The stage that speaks for the space now, as the seat-holder's view tells it. */
async function holder(): Promise<string> {
  const held = onAir.host
  const answer = await fetch(`${mimbar.studioUrl}/api/v1/spaces/${space}/stage/events?seat=${held.seat}`, {
    headers: { authorization: `Bearer ${held.token}` },
    signal: AbortSignal.timeout(5_000),
  })
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of answer.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true })
    const stage = /"stage":\{"id":"(stage-\d+)"/.exec(text)?.[1]
    if (stage !== undefined) return stage
  }
  throw new Error('the view never named a stage')
}
