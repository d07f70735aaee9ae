// The night as it should have been: a host and a guest talk in two browsers, a third listens and hears both.
// What is asserted is what was heard, by signal analysis, in what the pages really played.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { heardBy, listenTo, startBrowser, temporaryFolder } from '../harness/browser.ts'
import { isHeard, mouthToEarMs, openStage, RECOGNISED, recogniseIn } from '../harness/mouth-to-ear.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { twoVoices, type Voice } from '../harness/voices.ts'

/** At the 200 ms flush (the issue's own limit). */
const MOUTH_TO_EAR_MS_MAX = 1_200

const folder = temporaryFolder()
let mimbar: RunningMimbar
let browsers: Browser[] = []
let voices: readonly [Voice, Voice]
let host: Page
let guest: Page
let listener: Page
let spaceId: string

beforeAll(async () => {
  voices = await twoVoices(folder.path)
  mimbar = await startMimbar()
  browsers = await Promise.all([startBrowser(voices[0].wav), startBrowser(voices[1].wav), startBrowser()])
}, 90_000)

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()))
  await mimbar?.stop()
  folder.remove()
}, 30_000)

test('the operator creates a space with the link that the first start printed, and gets three links', async () => {
  const page = await (browsers[2] as Browser).newPage()
  await page.goto(`${mimbar.studioUrl}/operator#operator=${mimbar.operatorSecret}`)
  await page.fill('#title', 'An evening with two voices')
  await page.check('#record')
  await page.click('#make')
  await page.waitForSelector('#link-host')
  const [hostLink, speakerLink, listenLink] = await Promise.all([
    page.inputValue('#link-host'),
    page.inputValue('#link-speaker'),
    page.inputValue('#link-listen'),
  ])
  spaceId = new URL(listenLink).pathname.split('/')[2] as string
  await page.close()

  host = await openStage(browsers[0] as Browser, hostLink, 'Allison')
  guest = await openStage(browsers[1] as Browser, speakerLink, 'Carlo')
  await host.click('#start')
  await until('the space is live', async () => (await mimbar.publicSpace(spaceId)).phase === 'live', 10_000)

  listener = await (browsers[2] as Browser).newPage({ viewport: { width: 390, height: 844 } })
  await listener.goto(listenLink)
  await listener.click('#play')
  await listener.waitForSelector('html[data-state=live]', { timeout: 10_000 })
}, 60_000)

test('the listener hears both voices in what the page plays', async () => {
  await listenTo(listener, '#sound', 'program')
  await listenTo(host, '#stage-sound', 'return')
  await listenTo(guest, '#stage-sound', 'return')
  await Bun.sleep(10_000)
  const heard = await heardBy(listener, 'program')
  const scores = voices.map((voice) => recogniseIn(heard, voice).score)
  console.log(`   heard by the listener: scores ${scores.map((score) => score.toFixed(1)).join(' and ')}`)
  for (const score of scores) expect(score).toBeGreaterThan(RECOGNISED)
})

test('each speaker hears the other, and never himself', async () => {
  const pairs = [
    [host, voices[0], voices[1]],
    [guest, voices[1], voices[0]],
  ] as const
  for (const [page, own, other] of pairs) {
    const heard = await heardBy(page, 'return')
    const scores = { other: recogniseIn(heard, other).score, own: recogniseIn(heard, own).score }
    console.log(
      `   heard by a speaker: the other ${scores.other.toFixed(1)}, himself ${scores.own.toFixed(1)}`,
    )
    expect(scores.other).toBeGreaterThan(RECOGNISED)
    expect({ other: isHeard(heard, other), own: isHeard(heard, own) }).toEqual({ other: true, own: false })
  }
})

test('from mouth to ear it takes at most 1.2 seconds', async () => {
  const said = await heardBy(host, 'microphone')
  const heard = await heardBy(listener, 'program')
  const latencies = mouthToEarMs(said, heard)
  const median = latencies[Math.floor(latencies.length / 2)] as number
  console.log(
    `   mouth to ear: median ${Math.round(median)} ms of ${latencies.map(Math.round).join(', ')} ms`,
  )
  const onStage = mouthToEarMs(said, await heardBy(guest, 'return'))
  console.log(
    `   mouth to the other speaker: median ${Math.round(onStage[Math.floor(onStage.length / 2)] as number)} ms`,
  )
  console.log(`   the player itself reads ${await listener.getAttribute('#sound', 'data-latency-ms')} ms`)
  expect(median).toBeGreaterThan(100)
  expect(median).toBeLessThanOrEqual(MOUTH_TO_EAR_MS_MAX)
})

test('the page shows who is on stage, how many listen, and that it is recorded', async () => {
  const text = (await listener.textContent('body')) as string
  expect(text).toContain('Allison')
  expect(text).toContain('Carlo')
  expect(text.toLowerCase()).toContain('recorded')
  await until('the count is 1', async () => (await mimbar.publicSpace(spaceId)).listeners === 1, 10_000)
})

test('a listener who reloads the page hears the program again', async () => {
  // Nobody taps anything: who was listening goes on listening.
  await listener.reload()
  await listener.waitForSelector('html[data-state=live]', { timeout: 10_000 })
  await listenTo(listener, '#sound', 'again')
  await Bun.sleep(10_000)
  const heard = await heardBy(listener, 'again')
  for (const voice of voices) expect(recogniseIn(heard, voice).score).toBeGreaterThan(RECOGNISED)
})

test('a muted speaker is out of the program', async () => {
  await guest.click('#mute')
  // The page says so when it is heard, not before.
  await listener.locator('li.niche.muted', { hasText: 'Carlo' }).waitFor()
  await listenTo(listener, '#sound', 'muted')
  await Bun.sleep(10_000)
  const heard = await heardBy(listener, 'muted')
  expect(voices.map((voice) => isHeard(heard, voice))).toEqual([true, false])
})

test('when the host ends it, listeners are told and the same page is the replay', async () => {
  await host.click('#end')
  await host.click('#end-confirm')
  await until(
    'the space has ended',
    async () => (await mimbar.publicSpace(spaceId)).phase === 'ended',
    10_000,
  )
  await listener.waitForSelector('html[data-state=ended-replay]', { timeout: 15_000 })

  await listener.click('#play')
  await until('the replay plays', async () => (await positionOf(listener)) > 0.5, 15_000)
  await listener.evaluate(() => {
    const sound = document.querySelector('#sound') as HTMLAudioElement
    sound.currentTime = sound.seekable.start(0) + 6
  })
  await listenTo(listener, '#sound', 'replay')
  await Bun.sleep(6_000)
  const heard = await heardBy(listener, 'replay')
  for (const voice of voices) expect(recogniseIn(heard, voice).score).toBeGreaterThan(RECOGNISED)
}, 60_000)

async function positionOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const sound = document.querySelector('#sound') as HTMLAudioElement
    return sound.seekable.length > 0 ? sound.currentTime - sound.seekable.start(0) : 0
  })
}
