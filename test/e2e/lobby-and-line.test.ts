// Before a program, and before a full house: a page that waits in the lobby hears the beginning in time and without a
// new connection; one that waits in line comes in by itself, under the autoplay policy that people's browsers have.

import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { startBrowser } from '../harness/browser.ts'
import { Ear } from '../harness/ear.ts'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { hear, soundOf, untilSound } from './player/listener-page.ts'

/** Long enough for a page to be open and playing before the plan's second. */
const AHEAD_MS = 15_000
/** From the scheduled second to what the page shows: the part itself, a flush, and the player's buffer. */
const SHOWN_WITHIN_MS = 3_000
const LOUD_DB = -75

let mimbar: RunningMimbar
let browser: Browser
const errors: string[] = []
const ears: Ear[] = []

beforeAll(async () => {
  mimbar = await startMimbar({ flags: ['--listeners-max', '1'] })
  browser = await startBrowser(undefined, ['--autoplay-policy=document-user-activation-required'])
}, 90_000)
afterEach(async () => {
  for (const ear of ears.splice(0)) ear.stop()
  await Promise.all(browser.contexts().map((context) => context.close()))
})
afterAll(async () => {
  await browser?.close()
  await mimbar?.stop()
  expect(errors).toEqual([])
}, 30_000)

async function openPage(space: string, script = ''): Promise<{ page: Page; streamRequests: string[] }> {
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage()
  if (script !== '') await page.addInitScript(script)
  page.on('pageerror', (error) => errors.push(String(error)))
  const streamRequests: string[] = []
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (pathname.endsWith('.mp4')) streamRequests.push(search)
  })
  await until('the edge knows the space', async () => {
    const answer = await fetch(`${mimbar.publicUrl}/s/${space}`)
    return answer.status === 200
  })
  await page.goto(`${mimbar.publicUrl}/s/${space}`)
  return { page, streamRequests }
}

/** One listener, so that the house is full; goes with the test, however that ends. */
function takeSeat(url: string): Ear {
  const ear = new Ear(url)
  ears.push(ear)
  return ear
}

const textOf = async (page: Page, selector: string) => (await page.textContent(selector)) ?? ''

test('who waits in the lobby hears quiet music and sees the time run, and at the second the program, on the same stream', async () => {
  const scheduledAtMs = Math.ceil((Date.now() + AHEAD_MS) / 1_000) * 1_000
  const { space } = await mimbar.createSpace({
    title: 'On the second',
    recorded: true,
    scheduledAtMs,
    start: 'automatic',
  })
  const { page, streamRequests } = await openPage(space.id)
  await page.waitForSelector('html[data-state="scheduled"], html[data-state="lobby"]', { state: 'attached' })
  expect(await textOf(page, '#countdown')).toMatch(/^in 0:\d\d$/)
  expect(await textOf(page, '#zone')).toContain('UTC')
  await page.click('#play')
  await untilSound(page, 'the lobby', (sound) => sound.page === 'lobby-in', 10_000)
  const lobby = await hear(page, 1_500)
  expect(Math.max(...lobby.map(({ db }) => db))).toBeGreaterThan(LOUD_DB)
  const opened = streamRequests.length

  await page.waitForSelector('html[data-state="opening"]', { state: 'attached', timeout: AHEAD_MS + 5_000 })
  expect(Date.now() - scheduledAtMs).toBeGreaterThanOrEqual(0)
  expect(Date.now() - scheduledAtMs).toBeLessThan(SHOWN_WITHIN_MS)
  expect(await textOf(page, '#pill')).toBe('Live')
  expect(await page.isHidden('#when')).toBe(true)
  const { stalls } = await soundOf(page)
  expect(streamRequests.length).toBe(opened)
  expect(stalls).toBe(0)
  await page.context().close()
}, 60_000)

test('a lobby whose host is late says so, and goes on', async () => {
  const scheduledAtMs = Date.now() + 1_500
  const { space } = await mimbar.createSpace({ title: 'A late host', recorded: false, scheduledAtMs })
  const { page } = await openPage(space.id)
  await page.click('#play')
  await untilSound(page, 'the lobby', (sound) => sound.page === 'lobby-in', 10_000)
  await until(
    'the page says who is awaited',
    async () => (await textOf(page, '#countdown')) === 'The host will start in a moment.',
  )
  await page.context().close()
}, 60_000)

test('who finds no room waits in line with a place that outlives a reload, and comes in without another tap', async () => {
  const space: SpaceOnAir = await goOnAir(mimbar, { id: 'full-house', recorded: false })
  await until('the lobby listeners of before are gone', async () => {
    const { listeners } = await mimbar.publicSpace('full-house')
    return listeners === 0
  })
  const inside = takeSeat(`${mimbar.publicUrl}/live/full-house/opus.mp4`)
  await until('the one seat is taken', () => inside.hearsVoices(), 30_000)
  const { page, streamRequests } = await openPage('full-house')
  await page.click('#play')
  await untilSound(page, 'the line', (sound) => sound.page === 'waiting', 15_000)
  await until('it is told how one stands', async () => (await textOf(page, '#headline')) === 'You are next.')
  expect(await textOf(page, '#detail')).toMatch(/begins by itself/)
  expect(await page.isVisible('#leave-line')).toBe(true)

  await page.reload()
  await untilSound(page, 'the line again', (sound) => sound.page === 'waiting', 15_000)
  const places = streamRequests.flatMap((search) => new URLSearchParams(search).get('ticket') || [])
  expect(places.length).toBeGreaterThan(0)

  // A reload took the leave to play with it: the page says so, and the one press is good for all that follows.
  await page.click('#play')
  await page.check('#hold-sound')
  await untilSound(page, 'music in the line', (sound) => sound.page === 'waiting' && sound.playhead > 0.2)
  const music = await hear(page, 1_500)
  expect(Math.max(...music.map(({ db }) => db))).toBeGreaterThan(LOUD_DB)

  inside.stop()
  await untilSound(page, 'the program', (sound) => sound.page === 'live' && sound.playhead > 0.5, 40_000)
  // People breathe: two seconds may fall between two sentences.
  await until(
    'voices are heard',
    async () => Math.max(...(await hear(page, 2_000)).map(({ db }) => db)) > LOUD_DB,
    20_000,
  )
  expect(await page.isHidden('#line-row')).toBe(true)
  await page.context().close()
  await space.end()
  await space.leave()
}, 120_000)

test('who leaves the line by a tap is out of it, and back in the same place by another', async () => {
  const space = await goOnAir(mimbar, { id: 'second-thoughts', recorded: false })
  await until('nobody listens', async () => (await mimbar.publicSpace('second-thoughts')).listeners === 0)
  const inside = takeSeat(`${mimbar.publicUrl}/live/second-thoughts/opus.mp4`)
  await until('the one seat is taken', () => inside.hearsVoices(), 30_000)
  const { page, streamRequests } = await openPage('second-thoughts')
  await page.click('#play')
  await untilSound(page, 'the line', (sound) => sound.page === 'waiting', 15_000)
  await page.click('#leave-line')
  await untilSound(page, 'the way it was', (sound) => sound.page === 'ready')
  await page.click('#play')
  await untilSound(page, 'the line', (sound) => sound.page === 'waiting', 15_000)
  expect(new URLSearchParams(streamRequests.at(-1)).get('ticket')).toBeTruthy()
  inside.stop()
  await page.context().close()
  await space.end()
  await space.leave()
}, 120_000)

test('a browser that plays by playlist waits in the same line, and comes in by itself', async () => {
  const space = await goOnAir(mimbar, { id: 'by-playlist', recorded: false })
  await until('nobody listens', async () => (await mimbar.publicSpace('by-playlist')).listeners === 0, 20_000)
  const inside = takeSeat(`${mimbar.publicUrl}/live/by-playlist/opus.mp4`)
  await until('the one seat is taken', () => inside.hearsVoices(), 30_000)
  const { page } = await openPage('by-playlist', 'delete Response.prototype.body')
  await page.click('#play')
  await untilSound(page, 'the line', (sound) => sound.page === 'waiting', 20_000)
  expect(await page.isVisible('#leave-line')).toBe(true)
  expect(await page.isHidden('#hold-sound')).toBe(true)
  inside.stop()
  await untilSound(page, 'the program', (sound) => sound.page === 'live' && sound.playhead > 0.5, 40_000)
  await page.context().close()
  await space.end()
  await space.leave()
}, 120_000)
