// Somebody whose browser asks for Indonesian hears and reads Indonesian, may choose otherwise, and keeps the choice.
// And no page is wider than a phone, also when it is written from right to left.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { heardBy, listenTo } from '../harness/browser.ts'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { until } from '../harness/until.ts'
import { joinStage, type StudioBed, startStudioBed, untilState } from './studio/studio-bed.ts'

setDefaultTimeout(180_000)
/** A sample that is louder is no noise of coding. */
const AUDIBLE = 0.02
/** Far enough for a countdown in hours and minutes. */
const AHEAD_MS = 9_000_000

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

test('a browser that asks for Indonesian hears the program and reads Indonesian, until its person chooses', async () => {
  const page = await bed.person({ width: 390, locale: 'id-ID' })
  const response = await page.goto(`${bed.mimbar.publicUrl}/s/live`)
  expect(response?.headers()).toMatchObject({
    'content-language': 'id',
    vary: 'Accept-Encoding, Accept-Language',
  })
  expect(response?.headers()['set-cookie']).toBeUndefined()
  expect(await directionAndLanguage(page)).toEqual(['ltr', 'id'])
  await page.click('#play')
  await page.getByText('Anda sedang mendengarkan langsung.').waitFor()
  await page.getByRole('button', { name: 'Jeda' }).waitFor()
  await listenTo(page, '#sound', 'program')
  const isHeard = async () =>
    (await heardBy(page, 'program')).pcm.some((sample) => Math.abs(sample) > AUDIBLE)
  await until('the program is heard', isHeard, 30_000)
  expect(await violations(page)).toEqual([])

  // The page comes again in English, and goes on listening.
  await page.getByRole('link', { name: 'English' }).click()
  await page.waitForURL(/[?&]lang=en/)
  await page.getByText('You are listening live.').waitFor()

  // Other pages of this door follow, without being asked for it.
  await page.goto(`${bed.mimbar.publicUrl}/`)
  await page.waitForURL(/[?&]lang=en/)
  await page.getByRole('heading', { name: 'On air now' }).waitFor()
  await page.getByRole('link', { name: 'Bahasa Indonesia' }).click()
  await page.getByRole('heading', { name: 'Sedang mengudara' }).waitFor()
  await page.goto(`${bed.mimbar.publicUrl}/s/no-such-space`)
  await page.getByRole('heading', { name: 'Ruang ini tidak ada' }).waitFor()
  await page.context().close()
})

test('an invitation is still one after the language was changed', async () => {
  const { links } = await bed.mimbar.createSpace({ id: 'studio', title: 'What the sea says', recorded: true })
  const page = await bed.person({ locale: 'en-US' })
  await page.goto(links.host)
  await page.waitForSelector('#microphone-on')
  await page.getByRole('link', { name: 'Bahasa Indonesia' }).click()
  await page.waitForURL(/[?&]lang=id/)
  await page.getByRole('button', { name: 'Nyalakan mikrofon saya' }).waitFor()
  expect(await violations(page)).toEqual([])
  await joinStage(page, page.url(), 'Sari')
  await page.getByText('Mikrofon menyala').waitFor()
  expect(await page.locator('.languages').isVisible()).toBe(false)
  expect(await violations(page)).toEqual([])
  await noneIsWide(page)
  await page.context().close()
})

test('no page is wider than a phone in Indonesian, in either direction', async () => {
  const page = await bed.person({ width: 390, locale: 'id' })
  await bed.mimbar.createSpace({
    id: 'besok',
    title: 'Apa kata sungai',
    recorded: true,
    scheduledAtMs: Date.now() + AHEAD_MS,
  })
  for (const path of ['/', '/s/besok', '/s/nobody-here', '/about/count']) {
    await page.goto(bed.mimbar.publicUrl + path)
    await noneIsWide(page)
    expect(await violations(page)).toEqual([])
  }
  await page.goto(bed.operatorLink)
  await untilState(page, 'operator')
  await page.fill('#title', 'Apa kata gunung')
  await page.click('#make')
  await page.waitForSelector('#link-host')
  await noneIsWide(page)
  expect(await violations(page)).toEqual([])
  await page.context().close()
})

function directionAndLanguage(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => [document.documentElement.dir, document.documentElement.lang])
}

async function noneIsWide(page: Page): Promise<void> {
  await page.setViewportSize({ width: 390, height: 800 })
  for (const direction of ['rtl', 'ltr']) {
    const beyond = await page.evaluate((dir) => {
      const root = document.documentElement
      root.dir = dir
      return root.scrollWidth - root.clientWidth
    }, direction)
    expect([page.url(), direction, beyond]).toEqual([page.url(), direction, 0])
  }
}

async function violations(page: Page): Promise<readonly string[]> {
  // Not `addScriptTag`: the policy of our pages allows no script but their own.
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target} ${node.html}`),
  )
}
