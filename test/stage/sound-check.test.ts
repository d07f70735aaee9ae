// A person in the green room says something to the stage, and the stage says it back; nobody else hears it.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { SAMPLE_RATE_HZ } from '../../src/base/units.ts'
import { type SoundCheckReport, STAGE_CHECKS_MAX } from '../../src/core/sound-check/sound-check.ts'
import { until } from '../harness/until.ts'
import { soundOf, toneAtEnd, toneByFrame } from './hearing.ts'
import { ALICE, BOB, House, SPACE } from './house.ts'
import { makeOffer, postCheck, Speaker } from './speaker.ts'

setDefaultTimeout(120_000)
const PATIENCE_MS = 40_000
const ALICE_HZ = 500
const BOB_HZ = 750
const CARLA_HZ = 1_000
const AMPLITUDE = 0.2

let house: House
const speakers: Speaker[] = []
const connections: { close(): void }[] = []

afterEach(async () => {
  for (const speaker of speakers.splice(0)) speaker.leave()
  for (const connection of connections.splice(0)) connection.close()
  await house.close()
})

async function join(options: Pick<Speaker & { toneHz: number }, 'toneHz'> & { check?: boolean }) {
  const speaker = await Speaker.join({
    socketPath: house.socketPath('stage-0'),
    space: SPACE,
    seat: options.check ? BOB : ALICE,
    amplitude: AMPLITUDE,
    ...options,
  })
  speakers.push(speaker)
  return speaker
}

async function report(session: string): Promise<SoundCheckReport> {
  const response = await fetch(`http://stage/check/${session}`, { unix: house.socketPath('stage-0') })
  expect(response.status).toBe(200)
  return (await response.json()) as SoundCheckReport
}

const untilPhase = (session: string, phase: SoundCheckReport['phase']) =>
  until(
    `the check is ${phase}`,
    async () => {
      const now = await report(session)
      return now.phase === phase && now
    },
    PATIENCE_MS,
  )

const hears = (speaker: Speaker, hz: number) => toneAtEnd(speaker.heard(SAMPLE_RATE_HZ), hz, 200)

test('a sentence comes back through the stage, measured, and is in no program and in nobody’s ears', async () => {
  house = await House.open()
  await house.startStage('stage-0')
  // At once: a stage that has begun to judge its ticks may refuse, on a busy machine.
  let alice: Speaker | undefined
  const onAir = Promise.all([join({ toneHz: ALICE_HZ }), house.goLive()]).then(([speaker]) => {
    alice = speaker
  })
  const bob = await join({ toneHz: BOB_HZ, check: true })
  const { session } = bob.answer
  await untilPhase(session, 'recording')
  // Silence comes while one speaks: nobody's own voice is in the way of listening.
  expect(hears(bob, BOB_HZ)).toBeLessThan(0.01)
  const said = 1_500
  await Bun.sleep(said)
  // She is there by now unless the machine is very busy; the program, below, has no such excuse.
  if (alice !== undefined) expect(hears(alice, BOB_HZ)).toBeLessThan(0.01)
  bob.amplitude = 0
  const { measured } = await untilPhase(session, 'playing')
  await until('Bob hears himself', () => hears(bob, BOB_HZ) > 0.7 * AMPLITUDE, PATIENCE_MS)
  expect((await untilPhase(session, 'done')).measured).toEqual(measured!)
  // Nobody on stage is in it.
  expect(hears(bob, ALICE_HZ)).toBeLessThan(0.01)
  expect(measured!.sentenceMs).toBeGreaterThan(said / 2)
  // A sine of amplitude 0.2 is −17 dBov.
  expect(Math.abs(measured!.speechLevel + 17)).toBeLessThan(2)
  expect(measured!.clipped).toBe(0)
  await until('the check’s connection is closed', () => bob.isCutOff, PATIENCE_MS)

  await onAir
  const program = await until(
    'a program with Alice in it',
    async () => {
      const sound = soundOf(await house.parts())
      return toneByFrame(sound, ALICE_HZ).filter((amplitude) => amplitude > 0.02).length > 100 && sound
    },
    PATIENCE_MS,
  )
  expect(Math.max(...toneByFrame(program, BOB_HZ))).toBeLessThan(0.02)
  expect((await house.observed()).seats.find(({ id }) => id === BOB)?.connection ?? 'absent').toBe('absent')
})

test('who never stops gets six seconds, and who never says anything is told', async () => {
  house = await House.open({ phase: 'scheduled' })
  await house.startStage('stage-0')
  const [endless, silent] = [
    await join({ toneHz: CARLA_HZ, check: true }),
    await join({ toneHz: BOB_HZ, check: true }),
  ]
  silent.amplitude = 0
  const { measured } = await untilPhase(endless.answer.session, 'playing')
  expect(measured!.sentenceMs).toBeLessThanOrEqual(6_000)
  expect(measured!.sentenceMs).toBeGreaterThan(1_000)
  await untilPhase(endless.answer.session, 'done')
  await until('the endless one is cut off', () => endless.isCutOff, PATIENCE_MS)
  // Its first frames carried a tone for a moment at most: that is a click, not a sentence.
  const nothing = await untilPhase(silent.answer.session, 'done')
  expect(nothing.measured!.sentenceMs).toBeLessThan(6_000)
})

test('checks are few, need an offer that takes sound back, and end on demand', async () => {
  house = await House.open({ phase: 'scheduled' })
  await house.startStage('stage-0')
  const socketPath = house.socketPath('stage-0')
  const offer = async (sendOnly = false) => {
    const made = await makeOffer(sendOnly)
    connections.push(made.connection)
    return made.offer
  }
  expect((await postCheck(socketPath, await offer(true))).status).toBe(400)
  expect((await postCheck(socketPath, 'v=0\r\nnonsense')).status).toBe(400)
  const one = await offer()
  const answers = await Promise.all(
    Array.from({ length: STAGE_CHECKS_MAX + 4 }, () => postCheck(socketPath, one)),
  )
  const statuses = answers.map(({ status }) => status).sort()
  expect(statuses).toEqual([...Array<number>(STAGE_CHECKS_MAX).fill(201), 429, 429, 429, 429])
  const opened = answers.find(({ status }) => status === 201)!
  const { session } = (await opened.json()) as { session: string }
  const end = () => fetch(`http://stage/check/${session}`, { unix: socketPath, method: 'DELETE' })
  expect((await end()).status).toBe(204)
  expect((await fetch(`http://stage/check/${session}`, { unix: socketPath })).status).toBe(404)
  expect((await end()).status).toBe(204)
  expect((await postCheck(socketPath, one)).status).toBe(201)
  // None of them ever sends a sound: the stage gives them up by itself.
  await until(
    'there is room again',
    async () => {
      const answer = await postCheck(socketPath, one)
      return answer.status === 201
    },
    PATIENCE_MS,
  )
})
