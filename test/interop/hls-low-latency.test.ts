// hls.js in Chromium and ffmpeg on the live playlist of an edge, while the program is being written: with parts and
// blocking reloads it is clearly nearer to the live edge than without, and who knows nothing of them plays all the same.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { sequenceAt, wallMillis, wallTimeOf } from '../../src/base/units.ts'
import { lintPlaylist } from '../../src/media/hls/lint.ts'
import { PROGRAM_HEAD } from '../../src/media/opus/program.ts'
import { startBrowser } from '../harness/browser.ts'
import { EdgeFixture } from '../harness/edge-fixture.ts'
import { randomPort } from '../harness/random-port.ts'
import { until } from '../harness/until.ts'
import { packageToneProgram } from './tone-program.ts'

setDefaultTimeout(60_000)

const HLS_JS = fileURLToPath(import.meta.resolve('hls.js/dist/hls.min.js'))
const PROGRAM_SECONDS = 70
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
  const parts = packageToneProgram({ from: from as never, seconds: PROGRAM_SECONDS })
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
}

/** Plays for `forMs` after sound began and `settleMs` more. */
async function play(page: Page, lowLatencyMode: boolean, settleMs: number, forMs: number): Promise<Played> {
  await page.goto(pages.url.href)
  const url = fixture.url('/live/tones/index.m3u8')
  return page.evaluate<Played>(`(async () => {
    const audio = document.getElementById('sound')
    const hls = new Hls({ lowLatencyMode: ${lowLatencyMode}, maxLiveSyncPlaybackRate: 1.05, enableWorker: false })
    const errors = []
    let [stalls, partsLoaded, hasSettled] = [0, 0, false]
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
    return { latencyMs, stalls, errors, partsLoaded, advancedSeconds, rates }
  })()`)
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number

describe('the live playlist', () => {
  test('is played by hls.js in low-latency mode clearly nearer to the live edge than in plain mode', async () => {
    const playIn = async (lowLatencyMode: boolean) =>
      play(await (await browser.newContext()).newPage(), lowLatencyMode, 6_000, 8_000)
    const [low, plain] = await Promise.all([playIn(true), playIn(false)])
    const latency = { low: median(low.latencyMs), plain: median(plain.latencyMs) }
    console.log(
      `hls.js: ${latency.low} ms behind with parts (${low.partsLoaded} loaded, ${low.stalls} stalls), ` +
        `${latency.plain} ms without (${plain.stalls} stalls)`,
    )
    for (const { errors, advancedSeconds } of [low, plain]) {
      expect(errors).toEqual([])
      expect(advancedSeconds).toBeGreaterThan(7)
    }
    expect(low.partsLoaded).toBeGreaterThan(20)
    // A busy machine may hold the browser up; hls.js then stays a second further behind.
    expect(low.stalls).toBeLessThanOrEqual(1)
    expect(Math.max(...low.rates)).toBeLessThanOrEqual(1.05)
    expect(plain.partsLoaded).toBe(0)
    expect(latency.low).toBeLessThan(4_000)
    expect(latency.plain - latency.low).toBeGreaterThan(2_000)
  })

  test('is played by ffmpeg, which knows nothing of parts, without a word of complaint', async () => {
    const response = await fixture.fetch('/live/tones/index.m3u8')
    const playlist = await response.text()
    expect(playlist).toContain('#EXT-X-PART:')
    expect(lintPlaylist(playlist, 'live')).toEqual([])
    const url = fixture.url('/live/tones/index.m3u8')
    const ffmpeg = Bun.spawn(
      [
        'ffmpeg',
        '-nostdin',
        '-v',
        'warning',
        '-i',
        url,
        '-t',
        '10',
        '-f',
        's16le',
        '-ac',
        '1',
        '-ar',
        '48000',
        '-',
      ],
      { stdout: 'pipe', stderr: 'pipe' },
    )
    const [pcm, complaints] = await Promise.all([
      new Response(ffmpeg.stdout).arrayBuffer(),
      new Response(ffmpeg.stderr).text(),
    ])
    expect(complaints.replaceAll(REREADS_INIT, '')).toBe('')
    // Without the decoder's run-up, of which the init segment tells.
    expect(pcm.byteLength).toBe((10 * 48_000 - PROGRAM_HEAD.preSkip) * 2)
  })
})
