// The tracks beside the first one, as others read them: the low-bitrate Opus, which takes the place of the other at
// any part, and AAC, which is in time with both.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { PART_SAMPLES, SAMPLE_RATE_HZ, sequence } from '../../src/base/units.ts'
import { RENDITIONS } from '../../src/core/part/tracks.ts'
import { firstFrameOf, framesIn } from '../../src/media/aac/program.ts'
import { MP4_CONTENT_TYPE } from '../../src/media/cmaf/init.ts'
import { AacLibrary } from '../../src/roles/stage/aac/aac-library.ts'
import { startBrowser } from '../harness/browser.ts'
import { randomPort } from '../harness/random-port.ts'
import { chirpOffset, headerOf, packageToneProgram, streamOf, toneStrength, trackOf } from './tone-program.ts'

const SECONDS = 6
/** A month after the space was made. */
const LATE = sequence(13_000_003)
/** Program seconds that AAC has from their start to their end: its last part's sound never comes, its first lacks a run-up. */
const WHOLE_SECONDS = [1, 2, 3, 4]

let folder: string
let aac: AacLibrary

// On a busy machine a decoder or a browser may take its time to start.
setDefaultTimeout(60_000)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mimbar-tracks-'))
  aac = await AacLibrary.load()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('aac.mp4', () => {
  const program = () => packageToneProgram({ from: LATE, seconds: SECONDS, aac })

  test('is AAC-LC, mono, 48 kHz to ffprobe, and begins when its first frame does', async () => {
    const file = await save('aac.mp4', aacStream(program()))
    const { stdout, stderr } = await run(['ffprobe', '-v', 'warning', '-of', 'json', '-show_streams', file])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout).streams).toMatchObject([
      { codec_name: 'aac', profile: 'LC', codec_tag_string: 'mp4a', sample_rate: '48000', channels: 1 },
    ])
    // Whole from the first part on, which the second one carries; the last part's frames nobody carries.
    const first = firstFrameOf(LATE)
    const end = firstFrameOf(sequence(LATE + SECONDS * 5 - RENDITIONS['aac.mp4'].lagParts))
    expect(await packetTimes(file)).toEqual(
      Array.from({ length: end - first }, (_, i) => (first + i) * 1_024),
    )
  })

  test('is heard when Opus is, to the sample', async () => {
    const parts = program()
    const pcm = await decode(await save('aac.mp4', aacStream(parts)))
    expectSeconds(pcm, firstFrameOf(LATE) * 1_024 - LATE * PART_SAMPLES)
  })

  test('over a gap and a new beginning behind it keeps everything else at its time', async () => {
    const missing = new Set([11, 12])
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS, missing, aac })
    const lacking = parts.filter((part) => !part.tracks.has('aac.mp4'))
    // The log's first part, and the first one after the hole, have nothing whole to carry.
    expect(lacking.map((part) => part.sequence - LATE)).toEqual([0, 13])
    const file = await save('aac.mp4', aacStream(parts))
    const expected = parts
      .filter((part) => part.tracks.has('aac.mp4'))
      .flatMap((part) => {
        const of = part.sequence - RENDITIONS['aac.mp4'].lagParts
        const first = firstFrameOf(sequence(of))
        return Array.from({ length: framesIn(sequence(of)) }, (_, i) => (first + i) * 1_024)
      })
    expect(await packetTimes(file)).toEqual(expected)
    // Raw PCM has no times: what is missing is missing there too, and what follows moves up.
    expect((await decode(file)).length).toBe(expected.length * 1_024)
  })

  test.if(Bun.which('mpv') !== null)('plays in mpv without a warning', async () => {
    const wav = join(folder, 'mpv.wav')
    const file = await save('aac.mp4', aacStream(program()))
    const quiet = ['--no-config', '--no-video', '--msg-level=all=warn', '--ao=pcm', `--ao-pcm-file=${wav}`]
    const { stdout, stderr } = await run(['mpv', ...quiet, file])
    expect(`${stdout}${stderr}`).toBe('')
    expectSeconds(await decode(wav), firstFrameOf(LATE) * 1_024 - LATE * PART_SAMPLES)
  })
})

describe('low.mp4', () => {
  test('has the init segment of opus.mp4, byte for byte', () => {
    expect(headerOf('low.mp4')).toEqual(headerOf('opus.mp4'))
  })

  test('weighs less than the other, and has the same sound at the same sample', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS })
    const [low, opus] = (['low.mp4', 'opus.mp4'] as const).map((track) => streamOf(track, parts).length)
    expect(low as number).toBeLessThan((opus as number) * 0.7)
    const pcm = await decode(await save('low.mp4', streamOf('low.mp4', parts)))
    expect(pcm.length).toBe(SECONDS * SAMPLE_RATE_HZ - 312)
    expectSeconds(pcm, 0)
  })

  test('takes the place of opus.mp4 and gives it back at any part, to the sample', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS })
    const pcm = await decode(await save('opus.mp4', switching(parts)))
    expect(pcm.length).toBe(SECONDS * SAMPLE_RATE_HZ - 312)
    expectSeconds(pcm, 0)
    expectNoDropout(pcm)
  })
})

test('no segment is heavier than its rendition says', () => {
  const parts = packageToneProgram({ from: sequence(0), seconds: 20, aac })
  for (const { track, averageBps, peakBps } of Object.values(RENDITIONS)) {
    const bytes = parts.map((part) => part.tracks.get(track)?.length ?? 0)
    const segments = Array.from({ length: 9 }, (_, n) => bytes.slice(10 * n + 1, 10 * n + 11))
    const rates = segments.map((sizes) => sizes.reduce((sum, size) => sum + size, 0) * 4)
    expect(Math.max(...rates)).toBeLessThanOrEqual(peakBps)
    expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeLessThanOrEqual(averageBps * 1.15)
  }
})

describe('Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  test('plays a stream that changes between the two without a gap', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS })
    const body = Buffer.from(switching(parts))
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: randomPort(),
      fetch: (request) =>
        request.url.endsWith('/stream')
          ? new Response(body)
          : new Response('<!doctype html><audio></audio>', { headers: { 'Content-Type': 'text/html' } }),
    })
    const page = await browser.newPage()
    await page.goto(server.url.href)
    const { ranges, heard } = (await page.evaluate(PLAY_AND_HEAR)) as {
      ranges: number[][]
      heard: number[]
    }
    await page.close()
    await server.stop(true)
    const start = LATE / 5
    expect(ranges.map((range) => range.map((s) => Number((s - start).toFixed(3))))).toEqual([[0, SECONDS]])
    // What its decoder made of it: as loud everywhere, also where the track changes.
    const pcm = Float32Array.from(heard)
    expect(pcm.length).toBeGreaterThan((SECONDS - 0.1) * SAMPLE_RATE_HZ)
    expectNoDropout(pcm)
  })
})

/** Parts 0–6 of one track, then seven of the other, and so on: a change in every second, now here, now there. */
function switching(parts: ReturnType<typeof packageToneProgram>): Uint8Array {
  const mixed = parts.map((part, i) => trackOf(part, Math.floor(i / 7) % 2 === 0 ? 'opus.mp4' : 'low.mp4'))
  return Buffer.concat([headerOf('opus.mp4'), ...mixed])
}

const aacStream = (parts: ReturnType<typeof packageToneProgram>) =>
  streamOf(
    'aac.mp4',
    parts.filter((part) => part.tracks.has('aac.mp4')),
  )

/** The program's seconds are in `pcm`, which begins `lacksSamples` after the program does: each where it belongs. */
function expectSeconds(pcm: Float32Array, lacksSamples: number): void {
  for (const second of WHOLE_SECONDS) {
    const at = second * SAMPLE_RATE_HZ - lacksSamples
    expect(Math.abs(chirpOffset(pcm, at))).toBeLessThanOrEqual(1)
    expect(toneStrength(pcm, at / SAMPLE_RATE_HZ + 0.4, second)).toBeGreaterThan(0.85)
    expect(toneStrength(pcm, at / SAMPLE_RATE_HZ + 0.4, second + 1)).toBeLessThan(0.05)
  }
}

/** The tone program is never silent: every 10 ms are about as loud as all of it. */
function expectNoDropout(pcm: Float32Array): void {
  const windows = Math.floor(pcm.length / 480) - 10
  const loudness = Array.from({ length: windows }, (_, n) => {
    const window = pcm.subarray((n + 5) * 480, (n + 6) * 480)
    return Math.sqrt(window.reduce((sum, value) => sum + value * value, 0) / 480)
  })
  const median = loudness.toSorted((a, b) => a - b)[windows >> 1] as number
  expect(Math.min(...loudness)).toBeGreaterThan(median * 0.5)
  expect(Math.max(...loudness)).toBeLessThan(median * 1.6)
}

// In the page. As text, because these tests are checked without the types of a browser.
const PLAY_AND_HEAR = `(async () => {
  const audio = document.querySelector('audio')
  const source = new MediaSource()
  audio.src = URL.createObjectURL(source)
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }))
  const buffer = source.addSourceBuffer(${JSON.stringify(MP4_CONTENT_TYPE)})
  buffer.appendBuffer(await (await fetch('/stream')).arrayBuffer())
  await new Promise((resolve, reject) => { buffer.onupdateend = resolve; buffer.onerror = reject })
  source.endOfStream()
  const ranges = []
  for (let i = 0; i < buffer.buffered.length; i++) ranges.push([buffer.buffered.start(i), buffer.buffered.end(i)])
  // The sound itself, from the browser's own demuxer and decoder, apart from any clock.
  const context = new OfflineAudioContext(1, 48000, 48000)
  const decoded = await context.decodeAudioData(await (await fetch('/stream')).arrayBuffer())
  audio.currentTime = ranges[0][0] + 0.1
  await audio.play()
  const from = audio.currentTime
  const until = performance.now() + 20000
  while (audio.currentTime < ranges[0][1] - 0.2 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
  if (audio.currentTime < ranges[0][1] - 0.2) throw new Error('playback stopped at ' + (audio.currentTime - from))
  return { ranges, heard: Array.from(decoded.getChannelData(0)) }
})()`

let saved = 0

async function save(track: string, bytes: Uint8Array): Promise<string> {
  saved += 1
  const path = join(folder, `${saved}-${track}`)
  await Bun.write(path, bytes)
  return path
}

/** Mono floats at 48 kHz, with the first audio sample first. Fails on any word from ffmpeg. */
async function decode(path: string): Promise<Float32Array> {
  const to = ['-f', 'f32le', '-ac', '1', '-ar', '48000', '-']
  const { stdoutBytes, stderr } = await run(['ffmpeg', '-v', 'warning', '-i', path, ...to])
  expect(stderr).toBe('')
  return new Float32Array(stdoutBytes.buffer, stdoutBytes.byteOffset, stdoutBytes.byteLength / 4)
}

/** Presentation times of all packets, in samples. */
async function packetTimes(path: string): Promise<number[]> {
  const command = ['ffprobe', '-v', 'warning', '-of', 'csv=p=0', '-show_entries', 'packet=pts', path]
  const { stdout, stderr } = await run(command)
  expect(stderr).toBe('')
  const lines = stdout.trim().split(/\s+/)
  return lines.map((line) => Number.parseInt(line, 10))
}

async function run(command: readonly string[]) {
  const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [stdoutBytes, stderr] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
  ])
  expect(await child.exited, `${command[0]}: ${stderr}`).toBe(0)
  return { stdoutBytes, stdout: new TextDecoder().decode(stdoutBytes), stderr }
}
