// Chromium's own Media Source, and hls.js on top of it, take what we write: at the right times, with the events in
// it, over gaps. Neither knows our player.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import {
  PART_SAMPLES,
  PARTS_PER_SEGMENT,
  samples,
  sequence,
  wallMillis,
  wallTimeOf,
} from '../../src/base/units.ts'
import { encodeNote } from '../../src/core/stream/note-box.ts'
import { HEARTBEAT_BOX } from '../../src/media/cmaf/between.ts'
import { MP4_CONTENT_TYPE } from '../../src/media/cmaf/init.ts'
import { lintPlaylist } from '../../src/media/hls/lint.ts'
import { HLS_CONTENT_TYPE, type PlaylistSegment, writePlaylist } from '../../src/media/hls/playlist.ts'
import { startBrowser } from '../harness/browser.ts'
import { randomPort } from '../harness/random-port.ts'
import { headerOf, packageToneProgram, streamOf, trackOf } from './tone-program.ts'

/** A program that began a month after its space was made; the start of a segment. */
const FROM = sequence(13_000_000)
const FROM_SECONDS = FROM / 5

interface Served {
  readonly contentType: string
  readonly body: Buffer<ArrayBuffer>
}

const served = new Map<string, Served>()
const asked: string[] = []
let server: ReturnType<typeof serve>
let browser: Browser

// On a busy machine a decoder or a browser may take its time to start.
setDefaultTimeout(60_000)

beforeAll(async () => {
  server = serve()
  browser = await startBrowser()
  put('/', 'text/html', '<!doctype html><link rel="icon" href="data:,"><audio></audio>')
  put(
    '/hls.js',
    'text/javascript',
    await Bun.file(new URL(import.meta.resolve('hls.js/dist/hls.min.js'))).text(),
  )
})

afterAll(async () => {
  await browser?.close()
  await server?.stop(true)
})

test('Media Source buffers the pushed stream where its times say, and plays it', async () => {
  const parts = packageToneProgram({ from: FROM, seconds: 4, missing: new Set([10, 11]) })
  const between = parts.flatMap((part) => [HEARTBEAT_BOX, trackOf(part, 'opus.mp4')])
  put('/stream', 'audio/mp4', Buffer.concat([headerOf('opus.mp4'), ...between]))
  const page = await open()
  const result = await evaluate<{ ranges: number[][]; playedSeconds: number }>(page, PLAY_BY_MEDIA_SOURCE)
  expect(result.ranges.map((range) => range.map((s) => Number((s - FROM_SECONDS).toFixed(3))))).toEqual([
    [0, 2],
    [2.4, 4],
  ])
  expect(result.playedSeconds).toBeGreaterThan(0.5)
  await page.close()
})

test('Media Source passes over an edge’s notes, should a player leave them in', async () => {
  const parts = packageToneProgram({ from: FROM, seconds: 1 })
  const note = encodeNote({ kind: 'flush', flushMs: 1000 })
  put(
    '/stream',
    'audio/mp4',
    Buffer.concat([
      streamOf('opus.mp4', parts.slice(0, 2)),
      note,
      ...parts.slice(2).map((part) => trackOf(part, 'opus.mp4')),
    ]),
  )
  const page = await open()
  const { ranges } = await evaluate<{ ranges: number[][] }>(page, PLAY_BY_MEDIA_SOURCE)
  expect(ranges).toEqual([[FROM_SECONDS, FROM_SECONDS + 1]])
  await page.close()
})

test('hls.js plays a replay over a declared gap, does not ask for it, and hears the events in time', async () => {
  const parts = packageToneProgram({
    from: FROM,
    seconds: 8,
    missing: new Set([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]),
  })
  const segments: PlaylistSegment[] = [0, 1, 2, 3].map((i) => {
    const first = FROM + i * PARTS_PER_SEGMENT
    const members = parts.filter(
      (part) => part.sequence >= first && part.sequence < first + PARTS_PER_SEGMENT,
    )
    const uri = `segment-${i}.m4s`
    put(`/${uri}`, 'audio/mp4', Buffer.concat(members.map((part) => trackOf(part, 'opus.mp4'))))
    return {
      number: FROM / PARTS_PER_SEGMENT + i,
      uri,
      start: wallTimeOf(sequence(first), wallMillis(1_763_836_800_000)),
      duration: samples(PARTS_PER_SEGMENT * PART_SAMPLES),
      isGap: members.length === 0,
    }
  })
  put('/init.mp4', 'audio/mp4', headerOf('opus.mp4'))
  const playlist = writePlaylist({ kind: 'vod', isEnded: true, mapUri: 'init.mp4', segments })
  expect(lintPlaylist(playlist, 'replay')).toEqual([])
  put('/index.m3u8', HLS_CONTENT_TYPE, playlist)
  asked.length = 0

  const page = await open()
  const result = await evaluate<HlsResult>(page, PLAY_BY_HLS_JS)
  expect(result.fatal).toEqual([])
  expect(result.endedAt).toBeGreaterThan(7.9)
  expect(asked).toContain('/segment-3.m4s')
  expect(asked).not.toContain('/segment-1.m4s')
  // A snapshot in the first part of each segment that exists; hls.js counts time from the playlist's start.
  const snapshots = result.events.filter((event) => event.text.includes('"kind":"snapshot"'))
  expect(snapshots.map((event) => Math.round(event.at))).toEqual([0, 4, 6])
  for (const event of result.events) expect(event.text).toContain('TXXX mimbar [{"kind":')
  await page.close()
})

interface HlsResult {
  readonly endedAt: number
  readonly fatal: readonly string[]
  readonly events: readonly { readonly at: number; readonly text: string }[]
}

// In the page. As text, because these tests are checked without the types of a browser.

const PLAY_BY_MEDIA_SOURCE = `(async () => {
  const audio = document.querySelector('audio')
  const source = new MediaSource()
  audio.src = URL.createObjectURL(source)
  await new Promise((resolve) => source.addEventListener('sourceopen', resolve, { once: true }))
  const buffer = source.addSourceBuffer(${JSON.stringify(MP4_CONTENT_TYPE)})
  const bytes = new Uint8Array(await (await fetch('/stream')).arrayBuffer())
  // In pieces that know nothing of boxes, as they come off a socket.
  for (let at = 0; at < bytes.length; at += 1000) {
    await new Promise((resolve, reject) => {
      buffer.onupdateend = resolve
      buffer.onerror = () => reject(new Error('MSE refused the bytes at ' + at + ': ' + audio.error?.message))
      buffer.appendBuffer(bytes.subarray(at, at + 1000))
    })
  }
  const ranges = Array.from({ length: buffer.buffered.length }, (_, i) => [buffer.buffered.start(i), buffer.buffered.end(i)])
  audio.currentTime = ranges[0][0]
  await audio.play()
  await new Promise((resolve, reject) => {
    audio.ontimeupdate = () => audio.currentTime > ranges[0][0] + 0.5 && resolve()
    audio.onerror = () => reject(new Error(audio.error.message))
  })
  return { ranges, playedSeconds: audio.currentTime - ranges[0][0] }
})()`

const PLAY_BY_HLS_JS = `(async () => {
  const script = document.createElement('script')
  script.src = '/hls.js'
  await new Promise((resolve, reject) => {
    script.onload = resolve
    script.onerror = reject
    document.head.append(script)
  })
  const audio = document.querySelector('audio')
  const hls = new Hls({ enableWorker: false })
  const fatal = []
  const events = []
  hls.on(Hls.Events.ERROR, (_, data) => data.fatal && fatal.push(data.details))
  hls.on(Hls.Events.FRAG_PARSING_METADATA, (_, { samples }) => {
    for (const sample of samples) {
      const text = new TextDecoder().decode(sample.data)
      events.push({ at: sample.pts, text: tidy(text) })
    }
  })
  // The frame's name, its description and its value, without the lengths and flags between them.
  function tidy(text) {
    const at = text.indexOf('TXXX')
    return 'TXXX ' + text.slice(at + 11).replace('\\0', ' ')
  }
  hls.loadSource('/index.m3u8')
  hls.attachMedia(audio)
  audio.playbackRate = 4
  await new Promise((resolve) => hls.once(Hls.Events.MANIFEST_PARSED, resolve))
  await audio.play()
  await new Promise((resolve, reject) => {
    audio.onended = resolve
    hls.on(Hls.Events.ERROR, (_, data) => data.fatal && reject(new Error(data.details)))
    setTimeout(() => reject(new Error('stuck at ' + audio.currentTime)), 30_000)
  })
  return { endedAt: audio.currentTime, fatal, events }
})()`

async function open(): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.port}/`)
  return page
}

function evaluate<T>(page: Page, script: string): Promise<T> {
  return page.evaluate<T>(script)
}

function put(path: string, contentType: string, body: Uint8Array | string): void {
  served.set(path, { contentType, body: Buffer.from(body) })
}

/** On any free port below the ephemeral range. */
function serve() {
  for (let attempt = 0; ; attempt++) {
    try {
      return Bun.serve({
        hostname: '127.0.0.1',
        port: randomPort(),
        fetch: answer,
      })
    } catch (error) {
      if (attempt === 20) throw error
    }
  }
}

function answer(request: Request): Response {
  const { pathname } = new URL(request.url)
  asked.push(pathname)
  const found = served.get(pathname)
  if (found === undefined) return new Response('', { status: 404 })
  return new Response(found.body, { headers: { 'content-type': found.contentType } })
}
