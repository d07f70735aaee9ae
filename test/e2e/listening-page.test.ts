// The listening page served by real edges from a real log: waiting, playing, moving to another edge, and the replay.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { parseSpaceId } from '../../src/base/ids.ts'
import type { Running } from '../../src/base/lifetime.ts'
import {
  epoch,
  PARTS_PER_SEGMENT,
  SEGMENT_MS,
  type Sequence,
  sequence,
  sequenceAt,
  wallMillis,
  wallTimeOf,
} from '../../src/base/units.ts'
import type { Pages } from '../../src/core/page/page.ts'
import { packagePart, programHeaders } from '../../src/core/part/packager.ts'
import { type SpaceFacts, spaceKey } from '../../src/core/space/facts.ts'
import { openEmbeddedEngine } from '../../src/engine/embedded/engine.ts'
import { type Engine, RING_PARTS_DEFAULT } from '../../src/engine/ports.ts'
import { bundlePages, readAssets, readPage } from '../../src/pages.ts'
import { type EdgeRole, startEdgeRole } from '../../src/roles/edge/edge-role.ts'
import { hear, launchBrowser, rightShare, soundOf, untilSound } from './player/listener-page.ts'
import { ToneProgram } from './player/tones.ts'

const TEST_MS = 40_000
const SPACE = parseSpaceId('harbour')

/** Appends the program to the log as the wall clock goes, and keeps the space's facts in the roster. */
class TonesOnAir {
  readonly #engine: Engine
  readonly #program = new ToneProgram()
  readonly #lowProgram = new ToneProgram(24_000)
  readonly #timer: ReturnType<typeof setInterval>
  readonly gridStartMs = wallMillis(Math.floor((Date.now() - 2 * SEGMENT_MS) / SEGMENT_MS) * SEGMENT_MS)
  #made: Sequence | undefined
  #end: Sequence | undefined
  #revision = 0
  #facts: SpaceFacts
  #appending: Promise<void> = Promise.resolve()

  constructor(engine: Engine) {
    this.#engine = engine
    this.#facts = {
      id: SPACE,
      title: 'What the harbour knows',
      phase: 'scheduled',
      recorded: true,
      createdAtMs: this.gridStartMs,
      scheduledAtMs: wallMillis(Date.now() + 60_000),
      gridStartMs: this.gridStartMs,
      seats: [],
    }
    this.#timer = setInterval(() => this.#tick(), 20)
  }

  get #now(): Sequence {
    return sequenceAt(wallMillis(Date.now()), this.gridStartMs)
  }

  async announce(): Promise<void> {
    this.#revision = await this.#engine.roster.put(spaceKey(SPACE), this.#facts, this.#revision)
  }

  async goLive(): Promise<void> {
    const start = this.#now
    await this.#engine.log.open(SPACE, {
      gridStartMs: this.gridStartMs,
      tracks: programHeaders(),
      ringParts: RING_PARTS_DEFAULT,
    })
    await this.#engine.log.keepFrom(SPACE, start, epoch(1))
    this.#facts = { ...this.#facts, phase: 'live', programStart: start }
    await this.announce()
    this.#made = start
  }

  async end(): Promise<void> {
    this.#end = sequence(this.#now + 1)
    this.#facts = { ...this.#facts, phase: 'ended', programEnd: this.#end }
    while ((this.#made ?? 0) < this.#end) await Bun.sleep(20)
    await this.#appending
    await this.#engine.log.end(SPACE, epoch(1))
    await this.announce()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#appending
  }

  #tick(): void {
    if (this.#made === undefined) return
    const until = Math.min(this.#now, this.#end ?? Number.POSITIVE_INFINITY)
    for (; this.#made < until; this.#made = sequence(this.#made + 1)) {
      const part = this.#part(this.#made)
      this.#appending = this.#appending.then(() => this.#engine.log.append(SPACE, part))
    }
  }

  #part(at: Sequence) {
    const start = this.#facts.programStart as Sequence
    const isFirst = at === start
    return packagePart({
      sequence: at,
      epoch: epoch(1),
      ...(isFirst ? { gap: 'first' as const } : {}),
      packets: this.#program.packets(at),
      lowPackets: this.#lowProgram.packets(at),
      events:
        isFirst || at % PARTS_PER_SEGMENT === 0
          ? [
              {
                kind: 'snapshot',
                epoch: epoch(1),
                phase: 'live',
                startedAtMs: wallTimeOf(start, this.gridStartMs),
                recorded: true,
                listeners: 3,
                slate: false,
                seats: [{ id: 'seat01' as never, name: 'Sari', role: 'host', muted: false, speaking: true }],
              },
            ]
          : [],
    })
  }
}

describe('the listening page, from a real edge', () => {
  let folder: string
  let browser: Browser
  let pages: Pages
  let engine: Engine & Running
  let onAir: TonesOnAir
  let edges: EdgeRole[]
  let prefersLow = false
  let page: Page
  const errors: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mimbar-listening-'))
    await bundlePages(join(folder, 'pages'), ['home', 'listen'])
    const home = await readPage(join(folder, 'pages'), 'home')
    const listen = await readPage(join(folder, 'pages'), 'listen')
    pages = {
      home,
      listen,
      stage: home,
      operator: home,
      count: home,
      absent: home,
      assets: await readAssets(join(folder, 'pages')),
    }
    browser = await launchBrowser()
  }, TEST_MS)
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  }, TEST_MS)

  beforeEach(async () => {
    engine = await openEmbeddedEngine({ dataFolder: await mkdtemp(join(folder, 'data-')) })
    onAir = new TonesOnAir(engine)
    await onAir.announce()
    edges = [await startEdge('edge-0', 0)]
    await newPage()
  }, TEST_MS)
  afterEach(async () => {
    await page.context().close()
    expect(errors.splice(0)).toEqual([])
    await onAir.stop()
    await Promise.all(edges.map((edge) => edge.stop()))
    await engine.stop()
  }, TEST_MS)

  async function startEdge(edgeId: string, port: number): Promise<EdgeRole> {
    const options = { engine, pages, host: '127.0.0.1', reusePort: true, studioUrl: 'http://127.0.0.1:1' }
    const controlSocket = join(folder, 'no-control.sock')
    const chosen = port === 0 ? 12_000 + Math.floor(Math.random() * 18_000) : port
    return startEdgeRole({
      ...options,
      edgeId,
      port: chosen,
      controlSocket,
      flushMs: 200,
      prefersLow: () => prefersLow,
      log: () => {},
    })
  }

  async function newPage(userAgent?: string): Promise<void> {
    page = await (await browser.newContext(userAgent === undefined ? {} : { userAgent })).newPage()
    page.on('pageerror', (error) => errors.push(String(error)))
  }

  async function openPage(): Promise<void> {
    const { port } = edges[0] as EdgeRole
    const answered = async () => (await fetch(`http://127.0.0.1:${port}/s/${SPACE}`)).status === 200
    for (let tries = 0; !(await answered()); tries++) {
      if (tries > 100) throw new Error('The edge does not know the space.')
      await Bun.sleep(50)
    }
    await page.goto(`http://127.0.0.1:${port}/s/${SPACE}`)
  }

  test(
    'a listener who taps before the beginning hears it begin, without another tap or request',
    async () => {
      await openPage()
      expect((await soundOf(page)).page).toBe('scheduled')
      await page.click('#play')
      await untilSound(page, 'waiting', (sound) => sound.page === 'early')
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      await Bun.sleep(2_500)
      await onAir.goLive()
      await untilSound(page, 'the program', (sound) => sound.page === 'live')
      expect(rightShare(await hear(page, 2_500))).toBeGreaterThan(0.95)
      const { latencyMs } = await soundOf(page)
      expect(latencyMs).toBeGreaterThan(200)
      expect(latencyMs).toBeLessThan(2_000)
      expect(await page.textContent('li.niche.speaking .name')).toBe('Sari')
      expect(requests).toEqual([])
    },
    TEST_MS,
  )

  test(
    'an edge that drains hands its listeners to another, and nothing is missed',
    async () => {
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live')
      const [first] = edges as [EdgeRole]
      edges.push(await startEdge('edge-1', first.port))
      const requests: string[] = []
      page.on('request', (request) => requests.push(new URL(request.url()).search))
      const ear = hear(page, 3_000)
      await first.stop()
      expect(rightShare(await ear)).toBeGreaterThan(0.95)
      const { reconnects, stalls } = await soundOf(page)
      expect(requests).toEqual([expect.stringMatching(/^\?from=1\.\d+&ticket=[\w.-]*$/)])
      expect({ reconnects, stalls }).toEqual({ reconnects: 0, stalls: 0 })
    },
    TEST_MS,
  )

  test(
    'saving data changes the sound while it plays, and back, without a gap, and the page says so',
    async () => {
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live')
      const requests: string[] = []
      page.on('request', (request) => requests.push(new URL(request.url()).pathname))
      const ear = hear(page, 4_000)
      await page.click('details:has(#save-data) > summary')
      await page.check('#save-data')
      await page.waitForSelector('#sound[data-track="low.mp4"]', { state: 'attached' })
      expect(await page.textContent('#detail')).toBe('Simpler sound, to save data.')
      await Bun.sleep(1_000)
      await page.uncheck('#save-data')
      await page.waitForSelector('#sound[data-track=""]', { state: 'attached' })
      expect(await page.textContent('#detail')).toBe('')
      expect(rightShare(await ear)).toBeGreaterThan(0.95)
      expect(requests).toEqual(['/live/harbour/low.mp4', '/live/harbour/opus.mp4'])
      const { reconnects, stalls } = await soundOf(page)
      expect({ reconnects, stalls }).toEqual({ reconnects: 0, stalls: 0 })
      // The choice is kept for the next visit.
      await page.check('#save-data')
      await openPage()
      expect(await page.isChecked('#save-data')).toBe(true)
    },
    TEST_MS,
  )

  test(
    'an edge whose line is nearly full gives a simpler sound, and the page says why',
    async () => {
      prefersLow = true
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live')
      prefersLow = false
      await page.waitForSelector('#sound[data-track="low.mp4"]', { state: 'attached' })
      expect(await page.textContent('#detail')).toBe('Simpler sound for now, so that everyone gets in.')
      expect(rightShare(await hear(page, 2_500))).toBeGreaterThan(0.95)
    },
    TEST_MS,
  )

  test(
    'the end is told, and the same page plays the replay from the log',
    async () => {
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live')
      await Bun.sleep(3_000)
      await onAir.end()
      await untilSound(page, 'the end', (sound) => sound.page === 'ended-replay')
      await page.click('#play')
      await untilSound(page, 'the replay', (sound) => sound.page === 'replaying' && sound.playhead > 0.3)
      expect(await page.textContent('li.niche.speaking .name')).toBe('Sari')
      const duration = await page.evaluate<number>(`document.getElementById('sound').duration`)
      expect(duration).toBeGreaterThan(3)
      await untilSound(page, 'all of it', (sound) => sound.page === 'replay-over', 20_000)
    },
    TEST_MS,
  )

  test(
    'a browser that cannot take a pushed stream plays the live playlist by hls.js, with who is speaking',
    async () => {
      await onAir.goLive()
      await page.addInitScript('delete Response.prototype.body')
      await openPage()
      await Bun.sleep(4_000)
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live' && sound.playhead > 0.5, 20_000)
      await page.waitForSelector('li.niche.speaking', { state: 'attached', timeout: 8_000 })
      expect((await hear(page, 1_500)).at(-1)?.db).toBeGreaterThan(-50)
    },
    TEST_MS,
  )

  test(
    'where the browser must follow the playlist itself, as on iOS, it is given the plain URL',
    async () => {
      await onAir.goLive()
      await page.context().close()
      page = await (
        await browser.newContext({ userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5)' })
      ).newPage()
      await openPage()
      await page.click('#play')
      await page.waitForFunction(`document.getElementById('sound').src.endsWith('/live/harbour/index.m3u8')`)
      expect(await page.textContent('#stage-note')).toContain('not shown on this device')
    },
    TEST_MS,
  )

  test(
    'the home page lists what is on air and leads to it',
    async () => {
      await onAir.goLive()
      await openPage()
      await page.goto(`http://127.0.0.1:${(edges[0] as EdgeRole).port}/`)
      await page.click('#live a')
      await page.waitForSelector('html[data-state="ready"]', { state: 'attached' })
    },
    TEST_MS,
  )
})
