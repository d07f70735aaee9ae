// The listening page served by real edges from a real log: waiting, playing, moving to another edge, and the replay.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { EdgeRole } from '../../src/roles/edge/edge-role.ts'
import { until } from '../harness/until.ts'
import { hear, rightShare, soundOf, untilSound } from './player/listener-page.ts'
import { ListeningBed } from './player/listening-bed.ts'
import type { TonesOnAir } from './player/tones-on-air.ts'

const TEST_MS = 40_000

describe('the listening page, from a real edge', () => {
  const bed = new ListeningBed()
  const openPage = (query?: string) => bed.openPage(query)
  let onAir: TonesOnAir
  let edges: EdgeRole[]
  let page: Page

  beforeAll(() => bed.open(), TEST_MS)
  afterAll(() => bed.close(), TEST_MS)
  beforeEach(async () => {
    await bed.begin()
    ;({ onAir, edges, page } = bed)
  }, TEST_MS)
  afterEach(async () => {
    expect(await bed.end()).toEqual([])
  }, TEST_MS)

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
      edges.push(await bed.startEdge('edge-1', first.port))
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
      bed.prefersLow = true
      await onAir.goLive()
      await openPage()
      await page.click('#play')
      await untilSound(page, 'the program', (sound) => sound.page === 'live')
      bed.prefersLow = false
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
      // A link to a moment leads there, and nowhere if there is none.
      await openPage('?t=2')
      expect(await page.textContent('#headline')).toContain('from 0:02')
      await page.click('#play')
      await untilSound(page, 'the moment', (sound) => sound.page === 'replaying', 20_000)
      expect((await soundOf(page)).playhead).toBeGreaterThanOrEqual(2)
      await openPage('?t=5000')
      expect(await page.textContent('#headline')).toContain('from the start')
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
      page = await bed.newPage({ userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5)' })
      await openPage()
      await page.click('#play')
      await page.waitForFunction(`document.getElementById('sound').src.endsWith('/live/harbour/index.m3u8')`)
      expect(await page.textContent('#stage-note')).toContain('not shown on this device')
    },
    TEST_MS,
  )

  test(
    'a home page that is left open lists what goes on air, and leads to it',
    async () => {
      await openPage()
      await page.clock.install()
      await page.goto(`http://127.0.0.1:${(edges[0] as EdgeRole).port}/`)
      await page.waitForSelector('#live', { state: 'hidden' })
      await onAir.goLive()
      await until('it is listed', async () => {
        await page.clock.fastForward(31_000)
        return await page.locator('#live a').isVisible()
      })
      await page.click('#live a')
      await page.waitForSelector('html[data-state="ready"]', { state: 'attached' })
    },
    TEST_MS,
  )
})
