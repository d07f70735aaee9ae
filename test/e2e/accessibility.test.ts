// Every page in every state that this suite can reach, read by axe as assistive technology would: no rule of WCAG 2.2
// A and AA is broken, nor one of its best practices, at the width of a phone and of a desk, light and dark.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { joinStage, type StudioBed, startStudioBed, untilState } from './studio/studio-bed.ts'

setDefaultTimeout(120_000)
const WIDTHS = [390, 1280] as const
const SCHEMES = ['light', 'dark'] as const

let bed: StudioBed
let live: SpaceOnAir

beforeAll(async () => {
  bed = await startStudioBed()
  live = await goOnAir(bed.mimbar, { id: 'live', recorded: true, voices: ['ana', 'budi'] })
})
afterAll(async () => {
  await live?.leave()
  await bed?.stop()
})

test('the home page', async () => {
  await check(`${bed.mimbar.publicUrl}/`)
})

test('the page that says there is nothing', async () => {
  await check(`${bed.mimbar.publicUrl}/s/no-such-space`)
})

test('the listening page: before the start, live, and while it plays', async () => {
  await bed.mimbar.createSpace({
    id: 'tomorrow',
    title: 'What the river says',
    recorded: true,
    scheduledAtMs: Date.now() + 86_400_000,
    description: 'Stories from both banks.\n\nBring tea.',
    language: 'id',
    people: ['Ana', 'عمر'],
    timeZone: 'Asia/Jakarta',
  })
  await check(`${bed.mimbar.publicUrl}/s/tomorrow`)
  await check(`${bed.mimbar.publicUrl}/s/live`)
  await check(`${bed.mimbar.publicUrl}/s/live`, async (page) => {
    await page.click('#play')
    await untilState(page, 'live')
    await page.waitForSelector('#reactions button')
    await page.click('#problem')
    await page.waitForSelector('#problem-told dl')
  })
})

test('the operator page: for a stranger, with the form filled in, and with spaces and their links', async () => {
  await check(`${bed.mimbar.studioUrl}/operator`, (page) => untilState(page, 'stranger'))
  await check(bed.operatorLink, async (page) => {
    await untilState(page, 'operator')
    await page.fill('#title', 'What the river says')
    await page.fill('#start-at', '2040-01-02T18:00')
  })
  await check(bed.operatorLink, async (page) => {
    await untilState(page, 'operator')
    await page.fill('#title', 'What the river says')
    await page.click('#make')
    await page.waitForSelector('#link-host')
  })
})

test('the stage page: the green room, on stage as host, and asked whether to end', async () => {
  const { links } = await bed.mimbar.createSpace({ id: 'studio', title: 'What the sea says', recorded: true })
  await check(links.speaker, async (page) => {
    await page.waitForSelector('#microphone-on')
  })
  await check(links.host, async (page) => {
    await joinStage(page, links.host, 'Allison')
  })
  await check(links.host, async (page) => {
    await joinStage(page, links.host, 'Allison')
    await page.click('#start')
    await page.waitForSelector('#end')
    await page.click('#end')
    await page.waitForSelector('dialog[open]')
  })
})

test('raising a hand: the call to the stage, and the queue that the host sees', async () => {
  const { links } = await bed.mimbar.createSpace({ id: 'asked', title: 'What the hills say', recorded: true })
  const operator = {
    authorization: `Bearer ${bed.mimbar.operatorSecret}`,
    'content-type': 'application/json',
  }
  const api = `${bed.mimbar.studioUrl}/api/v1/spaces/asked`
  await fetch(`${api}/start`, { method: 'POST', headers: operator })
  const open = { method: 'PATCH', headers: operator, body: JSON.stringify({ handsOpen: true }) }
  expect((await fetch(api, open)).status).toBe(200)
  await check(links.listen, async (page) => {
    await page.click('#raise')
    await page.fill('#hand-name', 'Rani')
    await page.click('#hand-up')
    await page.waitForSelector('[data-hand=raised]')
    const hand = await page.evaluate(() => {
      const kept = JSON.parse(sessionStorage.getItem('mimbar-hand:asked') ?? '{}') as { hand: string }
      return kept.hand
    })
    expect((await fetch(`${api}/hands/${hand}/accept`, { method: 'POST', headers: operator })).status).toBe(
      204,
    )
    await page.waitForSelector('#go-on-stage')
  })
  await check(links.host, async (page) => {
    await joinStage(page, links.host, 'Allison')
    await page.waitForSelector('li.hand')
  })
}, 240_000)

test('the operator page while an alarm is on', async () => {
  const edge = bed.mimbar.rolePids().get('edge-1') as number
  process.kill(edge, 'SIGSTOP')
  try {
    await check(bed.operatorLink, async (page) => {
      await untilState(page, 'operator')
      await page.waitForSelector('[data-space-now="live"]')
      await page.waitForSelector('[data-alarm="edge-lost"]')
    })
  } finally {
    process.kill(edge, 'SIGCONT')
  }
})

/** Opens `url`, brings the page into its state, and reads it at each width and in each scheme. */
async function check(url: string, reach?: (page: Page) => Promise<void>): Promise<void> {
  const page = await bed.person()
  await page.goto(url)
  await reach?.(page)
  // Not `addScriptTag`: the policy of our pages allows no script but their own.
  await page.evaluate(axe.source)
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(),
      )
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.target} ${node.html}`),
      )
      expect({ width, colorScheme, found }).toEqual({ width, colorScheme, found: [] })
    }
  }
  await page.context().close()
}
