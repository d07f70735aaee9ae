// hls.js in Chromium, ffmpeg and mpv on the renditions of an edge, while the program is being written: with parts and
// blocking reloads they are clearly nearer to the live edge than without, and who knows nothing of them plays all the same.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { sequenceAt, wallMillis, wallTimeOf } from '../../src/base/units.ts'
import { lintPlaylist } from '../../src/media/hls/lint.ts'
import { lintMultivariant } from '../../src/media/hls/lint-multivariant.ts'
import { lintBitRates, lintRenditions } from '../../src/media/hls/lint-renditions.ts'
import { parsePlaylist, segmentSeconds } from '../../src/media/hls/parse.ts'
import { variantUris } from '../../src/media/hls/parse-multivariant.ts'
import { PROGRAM_HEAD } from '../../src/media/opus/program.ts'
import { AacLibrary } from '../../src/roles/stage/aac/aac-library.ts'
import { startBrowser } from '../harness/browser.ts'
import { EdgeFixture } from '../harness/edge-fixture.ts'
import { randomPort } from '../harness/random-port.ts'
import { until } from '../harness/until.ts'
import { packageToneProgram } from './tone-program.ts'

setDefaultTimeout(60_000)

const HLS_JS = fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js'))
const PROGRAM_SECONDS = 100
/**
 * ffmpeg reads the init segment of any live fMP4 playlist again after a reload, and says that it has
 * it already; with parts as without.
 */
const REREADS_INIT =
  /\[mov[^\]]*\] Found duplicated MOOV Atom\. Skipped it\n( +Last message repeated \d+ times\n)?/g
/** Written before anyone comes. */
const HEAD_START_PARTS = 100

let fixture: EdgeFixture
let pages: Bun.Server<undefined>
let browser: Browser
let stopWriting: () => Promise<void>

beforeAll(async () => {
  fixture = await EdgeFixture.start()
  stopWriting = await writeLive('tones')
  pages = Bun.serve({
    hostname: '127.0.0.1',
    port: randomPort(),
    fetch: ({ url }) =>
      url.endsWith('/hls.js')
        ? new Response(Bun.file(HLS_JS))
        : new Response('<!doctype html><audio id="sound"></audio><script src="/hls.js"></script>', {
            headers: { 'Content-Type': 'text/html' },
          }),
  })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await pages?.stop(true)
  await stopWriting?.()
  await fixture?.stop()
})

/** A program whose every part is there as soon as its last sample is due. */
async function writeLive(name: string): Promise<() => Promise<void>> {
  const facts = await fixture.liveSpace(name)
  const from = sequenceAt(wallMillis(Date.now()), facts.gridStartMs) - HEAD_START_PARTS
  const aac = await AacLibrary.load()
  const parts = packageToneProgram({ from: from as never, seconds: PROGRAM_SECONDS, aac })
  let isStopped = false
  let written = 0
  const writing = (async () => {
    for (const part of parts) {
      const dueAt = wallTimeOf((part.sequence + 1) as never, facts.gridStartMs)
      await Bun.sleep(Math.max(0, dueAt - Date.now()))
      if (isStopped) return
      await fixture.engine.log.append(facts.id, part)
      written += 1
    }
  })()
  await until('the head start is written', () => written >= HEAD_START_PARTS)
  return async () => {
    isStopped = true
    await writing
  }
}

interface Played {
  /** From the moment that is heard to now, by the playlist's dates. */
  readonly latencyMs: readonly number[]
  readonly stalls: number
  readonly errors: readonly string[]
  readonly partsLoaded: number
  readonly advancedSeconds: number
  readonly rates: readonly number[]
  /** Playlists that were followed, in order. */
  readonly followed: readonly string[]
  /** What the browser was given to play. */
  readonly codec: string
}

interface PlayOptions {
  readonly lowLatencyMode: boolean
  readonly settleMs: number
  readonly forMs: number
  /** Renditions of other codecs are not for this player. */
  readonly codec?: string
}

/** Plays for `forMs` after sound began and `settleMs` more. */
async function play(page: Page, options: PlayOptions): Promise<Played> {
  const { lowLatencyMode, settleMs, forMs, codec = '' } = options
  // A browser without a codec is one whose Media Source Extensions say that it has not got it.
  if (codec !== '') {
    await page.addInitScript(`{
      const isSupported = MediaSource.isTypeSupported.bind(MediaSource)
      MediaSource.isTypeSupported = (type) => type.includes('${codec}') && isSupported(type)
    }`)
  }
  await page.goto(pages.url.href)
  const url = fixture.url('/live/tones/index.m3u8')
  return page.evaluate<Played>(`(async () => {
    const audio = document.getElementById('sound')
    const hls = new Hls({ lowLatencyMode: ${lowLatencyMode}, maxLiveSyncPlaybackRate: 1.05, enableWorker: false })
    const errors = []
    let [stalls, partsLoaded, hasSettled, codec] = [0, 0, false, '']
    const followed = []
    hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => followed.push(hls.levels[level].url[0].replace(/.*\\//, '')))
    hls.on(Hls.Events.BUFFER_CODECS, (_, { audio }) => { codec = audio?.codec ?? codec })
    hls.on(Hls.Events.ERROR, (_, error) => {
      // A stall is counted where it is heard.
      if (!error.fatal && /^buffer(StalledError|NudgeOnStall|SeekOverHole)$/.test(error.details)) return
      errors.push(error.details + ': ' + (error.reason ?? error.error?.message))
    })
    hls.on(Hls.Events.FRAG_LOADED, (_, { part }) => { if (part) partsLoaded += 1 })
    audio.addEventListener('waiting', () => { if (hasSettled) stalls += 1 })
    hls.loadSource('${url}')
    hls.attachMedia(audio)
    await audio.play()
    await new Promise((resolve) => {
      const timer = setInterval(() => { if (audio.currentTime > 0 && hls.playingDate) { clearInterval(timer); resolve() } }, 20)
    })
    await new Promise((resolve) => setTimeout(resolve, ${settleMs}))
    hasSettled = true
    const latencyMs = [], rates = []
    const from = audio.currentTime
    const end = performance.now() + ${forMs}
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      latencyMs.push(Date.now() - hls.playingDate.getTime())
      rates.push(audio.playbackRate)
    }
    const advancedSeconds = audio.currentTime - from
    hls.destroy()
    return { latencyMs, stalls, errors, partsLoaded, advancedSeconds, rates, followed, codec }
  })()`)
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number

describe('the live playlist', () => {
  test('is played by hls.js in low-latency mode clearly nearer to the live edge than in plain mode', async () => {
    const playIn = async (lowLatencyMode: boolean) =>
      play(await (await browser.newContext()).newPage(), { lowLatencyMode, settleMs: 6_000, forMs: 8_000 })
    const [low, plain] = await Promise.all([playIn(true), playIn(false)])
    const latency = { low: median(low.latencyMs), plain: median(plain.latencyMs) }
    console.log(
      `hls.js: ${latency.low} ms behind with parts (${low.partsLoaded} loaded, ${low.stalls} stalls), ` +
        `${latency.plain} ms without (${plain.stalls} stalls)`,
    )
    for (const { errors, advancedSeconds, followed } of [low, plain]) {
      expect(errors).toEqual([])
      expect(advancedSeconds).toBeGreaterThan(7)
      // Nothing is the matter with the network, so it stays with what is listed first.
      expect(followed).toEqual(['opus.m3u8'])
    }
    expect(low.partsLoaded).toBeGreaterThan(20)
    // A busy machine may hold the browser up; hls.js then stays a second further behind.
    expect(low.stalls).toBeLessThanOrEqual(1)
    expect(Math.max(...low.rates)).toBeLessThanOrEqual(1.05)
    expect(plain.partsLoaded).toBe(0)
    expect(latency.low).toBeLessThan(4_000)
    expect(latency.plain - latency.low).toBeGreaterThan(2_000)
  })

  test('is played in AAC by a player that knows no Opus, with parts as well', async () => {
    const page = await (await browser.newContext()).newPage()
    const played = await play(page, { lowLatencyMode: true, settleMs: 4_000, forMs: 5_000, codec: 'mp4a' })
    console.log(
      `hls.js, AAC: ${median(played.latencyMs)} ms behind (${played.partsLoaded} parts, ${played.stalls} stalls)`,
    )
    expect(played.errors).toEqual([])
    expect(played.followed).toEqual(['aac.m3u8'])
    expect(played.codec).toBe('mp4a.40.2')
    expect(played.partsLoaded).toBeGreaterThan(10)
    expect(played.advancedSeconds).toBeGreaterThan(4)
    expect(median(played.latencyMs)).toBeLessThan(4_500)
  })

  test('lets a player change between the rates of Opus without a word or a hole', async () => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(pages.url.href)
    const switched = await page.evaluate<{
      readonly errors: string[]
      readonly followed: string[]
      readonly holes: number
    }>(
      `(async () => {
        const audio = document.getElementById('sound')
        const hls = new Hls({ lowLatencyMode: true, enableWorker: false })
        const [errors, followed] = [[], []]
        hls.on(Hls.Events.ERROR, (_, error) => {
          // A change drops what was on its way: that is told as "aborted", and nothing of it is heard.
          const own = /^(aborted|buffer(StalledError|NudgeOnStall))$/
          if (!own.test(error.details)) errors.push(error.details)
        })
        hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => followed.push(hls.levels[level].url[0].replace(/.*\\//, '')))
        hls.loadSource('${fixture.url('/live/tones/index.m3u8')}')
        hls.attachMedia(audio)
        await audio.play()
        const low = () => hls.levels.findIndex(({ url }) => url[0].endsWith('low.m3u8'))
        const until = async (is) => { while (!is()) await new Promise((resolve) => setTimeout(resolve, 20)) }
        await until(() => followed.length > 0 && audio.currentTime > 0)
        hls.nextLevel = low()
        await until(() => followed.at(-1) === 'low.m3u8')
        const from = audio.currentTime
        await until(() => audio.currentTime > from + 3)
        hls.nextLevel = hls.levels.findIndex(({ url }) => url[0].endsWith('opus.m3u8'))
        await until(() => followed.at(-1) === 'opus.m3u8')
        await until(() => audio.currentTime > from + 7)
        const holes = audio.buffered.length - 1
        hls.destroy()
        return { errors, followed, holes }
      })()`,
    )
    expect(switched).toEqual({ errors: [], followed: ['opus.m3u8', 'low.m3u8', 'opus.m3u8'], holes: 0 })
  })

  test('leads to renditions that keep every rule, and the bit rates that they promise', async () => {
    const base = '/live/tones/'
    const multivariant = await (await fixture.fetch(`${base}index.m3u8`)).text()
    expect(lintMultivariant(multivariant)).toEqual([])
    let playlists = new Map<string, string>()
    await until('all were loaded while nothing moved', async () => {
      const load = async () =>
        new Map(
          await Promise.all(
            variantUris(multivariant).map(async (uri): Promise<[string, string]> => {
              const text = await (await fixture.fetch(base + uri)).text()
              return [uri, text]
            }),
          ),
        )
      playlists = await load()
      const again = await load()
      return [...playlists].every(([uri, text]) => again.get(uri) === text)
    })
    expect(lintRenditions(multivariant, playlists)).toEqual([])
    for (const [uri, text] of playlists) {
      expect(lintPlaylist(text, 'live')).toEqual([])
      const served = await Promise.all(
        parsePlaylist(text).segments.map(async (segment) => ({
          seconds: segmentSeconds(segment),
          bytes: (await (await fixture.fetch(base + segment.uri)).arrayBuffer()).byteLength,
        })),
      )
      const bps = served.map(({ bytes, seconds }) => Math.round((8 * bytes) / seconds))
      console.log(`${uri}: segments of ${Math.min(...bps)} to ${Math.max(...bps)} bit/s`)
      expect(lintBitRates(multivariant, uri, served)).toEqual([])
    }
  })

  test.each([
    ['index.m3u8', PROGRAM_HEAD.preSkip],
    ['opus.m3u8', PROGRAM_HEAD.preSkip],
    ['low.m3u8', PROGRAM_HEAD.preSkip],
    ['opus.m3u8?parts=0', PROGRAM_HEAD.preSkip],
    ['aac.m3u8', 0],
  ] as const)(
    '%s is played by ffmpeg, which knows nothing of parts, without a word of complaint',
    async (file, runUp) => {
      const { bytes, stderr } = await decode(fixture.url(`/live/tones/${file}`))
      expect(stderr.replaceAll(REREADS_INIT, '')).toBe('')
      // Without the decoder's run-up, of which the init segment tells.
      expect(bytes).toBe((4 * 48_000 - runUp) * 2)
    },
  )

  test('is played by mpv, which tries every rendition before it begins', async () => {
    const mpv = Bun.spawn(
      [
        ...['mpv', '--no-config', '--no-terminal', '--log-file=/dev/stderr', '--msg-level=all=warn'],
        ...['--no-video', '--ao=null', '--length=4', fixture.url('/live/tones/index.m3u8')],
      ],
      { stdout: 'ignore', stderr: 'pipe' },
    )
    const complaints = await new Response(mpv.stderr).text()
    expect(await mpv.exited).toBe(0)
    expect(complaints.split('\n').filter((line) => /\]\[[ef]\]/.test(line))).toEqual([])
  })
})

/** Four seconds as ffmpeg hears them. */
async function decode(url: string): Promise<{ readonly bytes: number; readonly stderr: string }> {
  const ffmpeg = Bun.spawn(
    [
      ...['ffmpeg', '-nostdin', '-v', 'warning', '-i', url, '-t', '4'],
      ...['-f', 's16le', '-ac', '1', '-ar', '48000', '-'],
    ],
    { stdout: 'pipe', stderr: 'pipe' },
  )
  const [pcm, stderr] = await Promise.all([
    new Response(ffmpeg.stdout).arrayBuffer(),
    new Response(ffmpeg.stderr).text(),
  ])
  return { bytes: pcm.byteLength, stderr }
}
