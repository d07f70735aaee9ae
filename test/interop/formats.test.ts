// Other people's demuxers and decoders read what we write: without a word of complaint, with the right duration,
// and with every tone where it was put, to the sample.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  PART_SAMPLES,
  PARTS_PER_SEGMENT,
  SAMPLE_RATE_HZ,
  samples,
  sequence,
  wallMillis,
  wallTimeOf,
} from '../../src/base/units.ts'
import { type DownloadTrack, PartDownload } from '../../src/core/part/download.ts'
import type { Part } from '../../src/core/part/part.ts'
import { HEARTBEAT_BOX } from '../../src/media/cmaf/between.ts'
import { lintPlaylist } from '../../src/media/hls/lint.ts'
import { type PlaylistSegment, writePlaylist } from '../../src/media/hls/playlist.ts'
import { readOpusFile } from '../../src/media/ogg/opus-file.ts'
import { chirpOffset, headerOf, packageToneProgram, streamOf, toneStrength, trackOf } from './tone-program.ts'

const SECONDS = 6
const GRID_START = wallMillis(1_763_836_800_000)
/** A month after the space was made, as far as times in the stream go. */
const LATE = sequence(13_000_003)
/** One part, and a run of three. */
const MISSING = new Set([7, 16, 17, 18])

let folder: string

// On a busy machine a decoder or a browser may take its time to start.
setDefaultTimeout(60_000)

beforeAll(() => {
  for (const program of ['ffmpeg', 'ffprobe']) {
    if (Bun.which(program) === null) {
      throw new Error(`These tests need ${program} on the PATH: install ffmpeg (apt-get install ffmpeg).`)
    }
  }
  folder = mkdtempSync(join(tmpdir(), 'mimbar-formats-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const TRACKS = ['opus.mp4', 'opus.ogg'] as const

describe.each(TRACKS)('the stream %s', (track) => {
  test('from its beginning plays whole and exact', async () => {
    const file = await save(
      track,
      streamOf(track, packageToneProgram({ from: sequence(0), seconds: SECONDS })),
    )
    expect(await probe(file)).toEqual({
      codec: 'opus',
      sampleRate: 48_000,
      channels: 1,
      startSeconds: 0,
      endSeconds: SECONDS,
    })
    expectWholeProgram(await decode(file))
  })

  test('joined in the middle of a program that began long ago plays from there', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS }).slice(5)
    const file = await save(track, streamOf(track, parts))
    const startSeconds = (LATE + 5) / 5
    expect(await probe(file)).toMatchObject({ startSeconds, endSeconds: startSeconds + SECONDS - 1 })
    const pcm = await decode(file)
    expect(pcm.length).toBe((SECONDS - 1) * SAMPLE_RATE_HZ - 312)
    for (let second = 1; second < SECONDS; second++) expectSecond(pcm, second - 1, second)
  })

  test('with missing parts keeps everything else at its time', async () => {
    const parts = packageToneProgram({ from: sequence(500), seconds: SECONDS, missing: MISSING })
    expect(parts.filter((part) => part.gap === 'stalled').map((part) => part.sequence as number)).toEqual([
      508, 519,
    ])
    const file = await save(track, streamOf(track, parts))
    expectPacketTimes(track, parts, await packetTimes(file))
    // Raw PCM has no times: what is missing is missing there too, and what follows moves up.
    const pcm = await decode(file)
    expect(pcm.length).toBe((SECONDS * 5 - MISSING.size) * PART_SAMPLES - 312)
    expectSecond(pcm, 0, 0)
    expect(toneStrength(pcm, 2 - 0.2 + 0.1, 2)).toBeGreaterThan(0.8)
    expectSecond(pcm, 5 - 0.8, 5)
  })
})

describe('the pushed stream', () => {
  test('may carry heartbeats between its parts', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS })
    const pieces = parts.flatMap((part) => [HEARTBEAT_BOX, trackOf(part, 'opus.mp4'), HEARTBEAT_BOX])
    const pcm = await decode(await save('opus.mp4', Buffer.concat([headerOf('opus.mp4'), ...pieces])))
    expectWholeProgram(pcm)
  })
})

describe('HLS', () => {
  test('of a whole program that begins within a segment plays whole and exact', async () => {
    const parts = packageToneProgram({ from: sequence(404), seconds: SECONDS })
    const playlist = await saveHls(parts, 'vod')
    expectWholeProgram(await decode(playlist))
  })

  test('of a live window in a program that began long ago plays from the window’s start', async () => {
    const from = sequence(LATE - (LATE % PARTS_PER_SEGMENT))
    const playlist = await saveHls(packageToneProgram({ from, seconds: SECONDS }), 'window')
    expect((await probe(playlist)).codec).toBe('opus')
    expectWholeProgram(await decode(playlist))
  })

  test('plays on over parts that are missing within segments', async () => {
    const playlist = await saveHls(
      packageToneProgram({ from: sequence(500), seconds: SECONDS, missing: MISSING }),
      'vod',
    )
    const pcm = await decode(playlist)
    expect(pcm.length).toBe((SECONDS * 5 - MISSING.size) * PART_SAMPLES - 312)
    expectSecond(pcm, 5 - 0.8, 5)
  })
})

describe.each(TRACKS)('a download of %s', (track) => {
  test('starts at zero and has silence where parts were missing', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS, missing: MISSING })
    const file = await save(track, download(track, parts))
    expect(await probe(file)).toMatchObject({ startSeconds: 0, endSeconds: SECONDS })
    const pcm = await decode(file)
    expect(pcm.length).toBe(SECONDS * SAMPLE_RATE_HZ - 312)
    for (const second of [0, 2, 4, 5]) expectSecond(pcm, second, second)
    // Parts 16 to 18 are 3.2 s to 3.8 s; a decoder needs a moment to fall silent.
    expect(loudest(pcm.subarray(3.25 * SAMPLE_RATE_HZ, 3.75 * SAMPLE_RATE_HZ))).toBeLessThan(0.001)
  })
})

describe('other readers', () => {
  test('we read our own download back as a finished file', () => {
    const parts = packageToneProgram({ from: LATE, seconds: 2 })
    const file = readOpusFile(download('opus.ogg', parts))
    expect(file.packets.length).toBe(100)
    expect(file.duration).toBe(samples(2 * SAMPLE_RATE_HZ - 312))
  })

  test.if(Bun.which('opusenc') !== null)('we read what opusenc writes, packet by packet', async () => {
    const wav = join(folder, 'tone.wav')
    const opus = join(folder, 'tone.opus')
    const source = await save(
      'opus.mp4',
      streamOf('opus.mp4', packageToneProgram({ from: sequence(0), seconds: 3 })),
    )
    await run(['ffmpeg', '-v', 'error', '-y', '-i', source, '-af', 'atrim=end_sample=120000', wav])
    await run(['opusenc', '--quiet', '--framesize', '20', '--comment', 'TITLE=Tone', wav, opus])
    const file = readOpusFile(await Bun.file(opus).bytes())
    expect(file.duration).toBe(samples(2.5 * SAMPLE_RATE_HZ))
    expect(file.head).toMatchObject({ channels: 1, preSkip: 312, inputRateHz: 48_000 })
    expect(file.tags.comments).toContain('TITLE=Tone')
    expect(file.packets.length).toBe(126)
  })

  test.if(Bun.which('opusinfo') !== null)('opusinfo finds nothing wrong with a download', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: 2, missing: new Set([4]) })
    const { stdout, stderr } = await run(['opusinfo', await save('opus.ogg', download('opus.ogg', parts))])
    expect(stdout).toContain('Playback length: 0m:01.993s')
    expect(`${stdout}${stderr}`).not.toMatch(/warning|error/i)
  })

  test.if(Bun.which('opusdec') !== null)(
    'libopusfile takes a join in the middle without a word',
    async () => {
      const parts = packageToneProgram({ from: LATE, seconds: SECONDS })
      const file = await save('opus.ogg', streamOf('opus.ogg', parts))
      const { stderr } = await run(['opusdec', '--quiet', '--float', file, join(folder, 'opusdec.wav')])
      expect(stderr).toBe('')
      expectWholeProgram(await decode(join(folder, 'opusdec.wav')))
    },
  )

  test.if(Bun.which('mpv') !== null)('mpv plays a join in the middle without a warning', async () => {
    const parts = packageToneProgram({ from: LATE, seconds: SECONDS })
    for (const track of TRACKS) {
      const wav = join(folder, 'mpv.wav')
      const file = await save(track, streamOf(track, parts))
      const quiet = ['--no-config', '--no-video', '--msg-level=all=warn', '--ao=pcm', `--ao-pcm-file=${wav}`]
      const { stdout, stderr } = await run(['mpv', ...quiet, file])
      expect(`${stdout}${stderr}`).toBe('')
      const pcm = await decode(wav)
      for (let second = 0; second < SECONDS; second++) expectSecond(pcm, second, second)
    }
  })
})

/** All seconds of the tone program, from its first sample on; a decoder takes the pre-skip off its end. */
function expectWholeProgram(pcm: Float32Array): void {
  expect(pcm.length).toBe(SECONDS * SAMPLE_RATE_HZ - 312)
  for (let second = 0; second < SECONDS; second++) expectSecond(pcm, second, second)
}

/** At `atSeconds` of `pcm` there is program second `second`: exactly there, whole, and nothing of its neighbours. */
function expectSecond(pcm: Float32Array, atSeconds: number, second: number): void {
  // A join that begins with the chirp has no run-up for the decoder; then the tone alone must do.
  if (atSeconds > 0) expect(chirpOffset(pcm, Math.round(atSeconds * SAMPLE_RATE_HZ))).toBe(0)
  for (let tenth = 0.05; tenth < 0.85; tenth += 0.1) {
    expect(toneStrength(pcm, atSeconds + tenth, second)).toBeGreaterThan(0.9)
    expect(toneStrength(pcm, atSeconds + tenth, second + 1)).toBeLessThan(0.05)
  }
}

/** Every packet is presented at its place on the grid. */
function expectPacketTimes(track: DownloadTrack, parts: readonly Part[], times: readonly number[]): void {
  // In Ogg a demuxer takes the pre-skip off itself (RFC 7845, section 4.3); in CMAF nothing moves the times.
  const shift = track === 'opus.ogg' ? -312 : 0
  const expected = parts.flatMap((part) =>
    Array.from({ length: 10 }, (_, k) => part.sequence * PART_SAMPLES + k * 960 + shift),
  )
  // Granules date the end of a page: ffmpeg lets the first packet behind a hole follow what was before the hole,
  // and sees the hole at the second.
  const isSeen = (_: number, i: number) =>
    track === 'opus.mp4' || i % 10 !== 0 || parts[i / 10]?.gap !== 'stalled'
  expect(times.length).toBe(expected.length)
  expect(times.filter(isSeen)).toEqual(expected.filter(isSeen))
}

function loudest(pcm: Float32Array): number {
  return pcm.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function download(track: DownloadTrack, parts: readonly Part[]): Uint8Array {
  const header = { id: track, contentType: '', header: headerOf(track) }
  const rewrap = new PartDownload(header, (parts[0] as Part).sequence)
  const pieces = parts.flatMap((part) => [...rewrap.push(part)])
  return Buffer.concat([rewrap.header, ...pieces, ...rewrap.finish()])
}

let saved = 0

async function save(track: DownloadTrack, bytes: Uint8Array): Promise<string> {
  saved += 1
  const path = join(folder, `${saved}-${track}`)
  await Bun.write(path, bytes)
  return path
}

/** Writes segments, init segment and playlist; returns the playlist's path. */
async function saveHls(parts: readonly Part[], kind: 'window' | 'vod'): Promise<string> {
  saved += 1
  const name = (file: string) => `${saved}-${file}`
  await Bun.write(join(folder, name('init.mp4')), headerOf('opus.mp4'))
  const byNumber = Map.groupBy(parts, (part) => Math.floor(part.sequence / PARTS_PER_SEGMENT))
  const start = (parts[0] as Part).sequence
  const end = (parts.at(-1) as Part).sequence + 1
  const segments: PlaylistSegment[] = []
  for (const [number, members] of byNumber) {
    const first = Math.max(number * PARTS_PER_SEGMENT, start)
    const last = Math.min((number + 1) * PARTS_PER_SEGMENT, end)
    const uri = name(`segment-${number}.m4s`)
    await Bun.write(join(folder, uri), Buffer.concat(members.map((part) => trackOf(part, 'opus.mp4'))))
    const duration = samples((last - first) * PART_SAMPLES)
    segments.push({ number, uri, start: wallTimeOf(sequence(first), GRID_START), duration, isGap: false })
  }
  const text = writePlaylist({ kind, isEnded: true, mapUri: name('init.mp4'), segments })
  expect(lintPlaylist(text, kind === 'vod' ? 'replay' : 'live')).toEqual([])
  const path = join(folder, name('index.m3u8'))
  await Bun.write(path, text)
  return path
}

/** Decodes to mono floats at 48 kHz with the first audio sample first. Fails on any word from ffmpeg. */
async function decode(path: string): Promise<Float32Array> {
  const { stdoutBytes, stderr } = await run([
    'ffmpeg',
    '-v',
    'warning',
    '-i',
    path,
    '-f',
    'f32le',
    '-ac',
    '1',
    '-ar',
    '48000',
    '-',
  ])
  expect(stderr).toBe('')
  return new Float32Array(stdoutBytes.buffer, stdoutBytes.byteOffset, stdoutBytes.byteLength / 4)
}

async function probe(path: string) {
  const { stdout, stderr } = await run([
    ...['ffprobe', '-v', 'warning', '-of', 'json'],
    ...[
      '-show_entries',
      'stream=codec_name,sample_rate,channels,start_time:format=duration,start_time',
      path,
    ],
  ])
  expect(stderr).toBe('')
  const { streams, format } = JSON.parse(stdout)
  return {
    codec: streams[0].codec_name as string,
    sampleRate: Number(streams[0].sample_rate),
    channels: Number(streams[0].channels),
    startSeconds: Number(format.start_time),
    endSeconds: Number(format.duration),
  }
}

/** Presentation times of all packets, in samples. */
async function packetTimes(path: string): Promise<number[]> {
  const { stdout, stderr } = await run([
    'ffprobe',
    '-v',
    'warning',
    '-of',
    'csv=p=0',
    '-show_entries',
    'packet=pts',
    path,
  ])
  expect(stderr).toBe('')
  return stdout
    .trim()
    .split(/\s+/)
    .map((line) => Number.parseInt(line, 10))
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
