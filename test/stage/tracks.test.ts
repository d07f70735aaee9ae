// The tracks beside the first one, as a stage makes them: the low-bitrate one always, AAC while somebody wants it, also
// after another stage has taken over.

import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sequence, wallMillis } from '../../src/base/units.ts'
import { programHeaders } from '../../src/core/part/packager.ts'
import type { Part, TrackId } from '../../src/core/part/part.ts'
import { RENDITIONS } from '../../src/core/part/tracks.ts'
import { type TracksWanted, WANTED_FOR_MS, wantedTopic } from '../../src/core/space/facts.ts'
import { toneAmplitude } from '../../src/media/pcm/goertzel.ts'
import { until } from '../harness/until.ts'
import { ALICE, House, SPACE } from './house.ts'
import { Speaker } from './speaker.ts'

setDefaultTimeout(30_000)
const TONE_HZ = 500
const AMPLITUDE = 0.2

let house: House
const speakers: Speaker[] = []

afterEach(async () => {
  for (const speaker of speakers.splice(0)) speaker.leave()
  await house.close()
})

async function speak(stage: string): Promise<void> {
  const socketPath = house.socketPath(stage)
  const tone = { toneHz: TONE_HZ, amplitude: AMPLITUDE }
  speakers.push(await Speaker.join({ socketPath, space: SPACE, seat: ALICE, ...tone }))
}

/** What an edge with a player of AAC says, as if it said it `agoMs` ago. */
function wish(agoMs = 0): void {
  const wanted: TracksWanted = {
    space: SPACE,
    atMs: wallMillis(Date.now() - agoMs),
    tracks: ['aac.mp4'],
  }
  house.engine.feed.publish(wantedTopic(SPACE), wanted)
}

/** Undefined while there is no log yet. */
const newest = async () => (await house.parts().catch(() => [])).at(-1)

/** Decoded by ffmpeg, from the first part on. */
async function soundOf(track: TrackId, parts: readonly Part[]): Promise<Float32Array> {
  // A log that has only just begun has nothing yet, of which ffmpeg would complain.
  if (!parts.some((part) => part.tracks.has(track))) return new Float32Array(9_600)
  const header = programHeaders().find(({ id }) => id === track)?.header as Uint8Array
  const folder = await mkdtemp(join(tmpdir(), 'mimbar-track-'))
  const file = join(folder, track)
  await Bun.write(
    file,
    Buffer.concat([header, ...parts.map((part) => part.tracks.get(track) ?? new Uint8Array())]),
  )
  const to = ['-f', 'f32le', '-ac', '1', '-ar', '48000', '-']
  const child = Bun.spawn(['ffmpeg', '-v', 'warning', '-i', file, ...to], { stdout: 'pipe', stderr: 'pipe' })
  const [pcm, words] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
  ])
  await rm(folder, { recursive: true })
  expect(words).toBe('')
  return new Float32Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / 4)
}

const endsWithTone = (sound: Float32Array) =>
  Math.abs(toneAmplitude(sound.slice(-9_600), TONE_HZ) - AMPLITUDE) < 0.04

test('every part has the program at the low bit rate, slate and voices', async () => {
  house = await House.open({ phase: 'live', programStart: sequence(0) })
  await house.startStage('stage-0')
  await speak('stage-0')
  await until(
    'the tone in the low track',
    async () => endsWithTone(await soundOf('low.mp4', (await house.parts()).slice(-5))),
    8_000,
  )
  const parts = await house.parts()
  expect(parts.every((part) => part.tracks.has('low.mp4'))).toBe(true)
  expect(parts.some((part) => part.tracks.has('aac.mp4'))).toBe(false)
  // Of voices; a slate may weigh the same in both.
  await until(
    'less weight in the low track',
    async () => {
      const voices = (await house.parts()).slice(-5)
      const bytes = (track: TrackId) =>
        voices.reduce((sum, part) => sum + (part.tracks.get(track)?.length ?? 0), 0)
      return bytes('low.mp4') < bytes('opus.mp4') * 0.75
    },
    8_000,
  )
})

test('AAC begins with a wish that is not old, within a second or so, and has the voices in every part from then on', async () => {
  house = await House.open({ phase: 'live', programStart: sequence(0) })
  await house.startStage('stage-0')
  await speak('stage-0')
  // One that was made long ago, and is still the newest on the Feed, is none.
  wish(WANTED_FOR_MS + 1)
  await until('some parts', async () => ((await newest())?.sequence ?? 0) > house.current - 3, 8_000)
  expect((await house.parts()).some((part) => part.tracks.has('aac.mp4'))).toBe(false)

  wish()
  const wishedAt = house.current
  await until('AAC', async () => (await newest())?.tracks.has('aac.mp4') === true, 8_000)
  const begun = (await house.parts()).find((part) => part.tracks.has('aac.mp4')) as Part
  // The part that was open, its lag, and the way of the wish.
  expect(begun.sequence - wishedAt).toBeLessThanOrEqual(5 + RENDITIONS['aac.mp4'].lagParts)
  await until(
    'the tone in AAC',
    async () => {
      const parts = (await house.parts(begun.sequence)).slice(-6)
      return endsWithTone(await soundOf('aac.mp4', parts))
    },
    8_000,
  )
  const since = await house.parts(begun.sequence)
  expect(since.every((part) => part.tracks.has('aac.mp4'))).toBe(true)
})

test('a wish that nobody repeats runs out', async () => {
  house = await House.open({ phase: 'live', programStart: sequence(0) })
  await house.startStage('stage-0')
  await until('a holder', () => house.engine.lease.holder(SPACE), 8_000)
  wish(WANTED_FOR_MS - 3_000)
  await until('AAC', async () => (await newest())?.tracks.has('aac.mp4') === true, 8_000)
  await until('its end', async () => (await newest())?.tracks.has('aac.mp4') === false, 8_000)
})

test('a standby that takes over goes on with AAC, and its track has no hole', async () => {
  house = await House.open({ phase: 'live', programStart: sequence(0) })
  await house.spawnStage('stage-0')
  await house.spawnStage('stage-1')
  const { holder } = await until('a holder', () => house.engine.lease.holder(SPACE), 3_000)
  wish()
  await until('AAC', async () => (await newest())?.tracks.has('aac.mp4') === true, 8_000)
  const before = (await newest()) as Part
  await house.endStage(holder, 'SIGKILL')
  await until(
    'the other stage',
    async () => {
      const part = await newest()
      return part !== undefined && part.epoch > before.epoch && part.sequence > before.sequence + 8
    },
    10_000,
  )
  const parts = await house.parts(before.sequence)
  const gapless = parts.filter((part) => part.gap === undefined)
  expect(gapless.length).toBe(parts.length)
  expect(parts.filter((part) => !part.tracks.has('aac.mp4')).map((part) => part.sequence)).toEqual([])
  // Its decoder never met two frames of the same time, nor a place without.
  const sound = await soundOf('aac.mp4', parts)
  expect(Math.abs(sound.length - parts.length * 9_600)).toBeLessThanOrEqual(1_024)
})
