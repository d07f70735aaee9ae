// The whole way of a talk through the pages: planned, announced, invited to, begun, listened to on a phone, spoken in by
// a listener, ended, and heard again. One width, language and scheme in `npm test`; every one with
//
//   JOURNEYS=all bun test --timeout=300000 test/e2e/journey.test.ts
//
// What the pages looked like is in `test-artefacts/journey/`, to be looked at.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { joinStage, type StudioBed, startStudioBed, untilState } from './studio/studio-bed.ts'

setDefaultTimeout(240_000)
const ARTEFACTS = resolve(import.meta.dir, '../../test-artefacts/journey')

interface Journey {
  readonly width: number
  readonly locale: 'en-US' | 'id-ID'
  readonly colorScheme: 'light' | 'dark'
}

const ALL: readonly Journey[] = [360, 390, 768, 1280].flatMap((width) => [
  { width, locale: 'en-US' as const, colorScheme: 'light' as const },
  { width, locale: 'id-ID' as const, colorScheme: 'dark' as const },
])
const CHOSEN =
  process.env.JOURNEYS === 'all'
    ? ALL
    : ALL.filter(({ width, locale }) => width === 360 && locale === 'id-ID')

let bed: StudioBed

beforeAll(async () => {
  bed = await startStudioBed()
})
afterAll(async () => {
  await bed.stop()
})

for (const journey of CHOSEN) {
  const { width, locale, colorScheme } = journey
  test(`planned, announced, spoken, heard, and heard again: ${width} px, ${locale}, ${colorScheme}`, async () => {
    const person = () => openAs(journey)
    const look = photographer(journey)

    const operator = await person()
    await operator.goto(bed.operatorLink)
    await untilState(operator, 'operator')
    await operator.fill('#title', 'What the river says')
    await operator.fill('#start-at', new Date(Date.now() + 7_200_000).toISOString().slice(0, 16))
    await operator.click('#announce > summary')
    await operator.fill('#description', 'Stories from both banks.\n\nBring tea, and your questions.')
    await operator.fill('#people', 'Ana, Budi')
    await operator.selectOption('#language', 'en')
    await look(operator, 'plan')
    await operator.click('#make')
    const link = (kind: string) => operator.inputValue(`#link-${kind}`)
    const [hostLink, invitation, listen] = [await link('host'), await link('speaker'), await link('listen')]
    await look(operator, 'links')

    const listener = await person()
    await listener.goto(listen)
    await listener.locator('#countdown:not(:empty)').waitFor()
    await look(listener, 'announced')

    const host = await person()
    await host.goto(hostLink)
    await host.click('#microphone-on')
    await host.waitForSelector('#verdict')
    await look(host, 'green-room')
    await host.fill('#name', 'Ana')
    await host.check('#consent')
    await host.click('#join')
    await untilState(host, 'on-stage')
    const guest = await person()
    await joinStage(guest, invitation, 'Budi')
    await host.waitForSelector('.person >> text=Budi')
    await host.waitForSelector('[data-check=here][data-done=true]')
    await look(host, 'before-the-start')
    await host.click('#start')
    await host.waitForSelector('[data-air="live"]')

    await listener.click('#play')
    await untilState(listener, 'live')
    await listener.waitForSelector('#people li >> text=Ana')
    await look(listener, 'live')
    await listener.locator('#reactions button').first().click()
    // It is in the program, and comes back with it.
    await listener.locator('#reactions button > span:not(:empty)').first().waitFor()
    await look(listener, 'reacted')
    await look(host, 'on-air')

    await host.check('#hands-open')
    await listener.click('#raise')
    await listener.fill('#hand-name', 'Citra')
    await listener.press('#hand-name', 'Enter')
    await host.click('.hand button.primary')
    await listener.click('#go-on-stage')
    const inside = listener.frameLocator('#inside iframe')
    await inside.locator('#microphone-on').click()
    await inside.locator('#consent').check()
    await look(listener, 'called-up')
    await inside.locator('#join').click()
    await host.waitForSelector('.person >> text=Citra')
    await look(listener, 'speaking')
    await inside.locator('#leave').click()
    await inside.locator('#leave-confirm').click()
    await listener.waitForSelector('#inside', { state: 'detached' })
    await untilState(listener, 'live')

    await host.click('#end')
    await look(host, 'about-to-end')
    await host.click('#end-confirm')
    await untilState(listener, 'ended-replay')
    await listener.waitForSelector('#raise', { state: 'hidden' })
    await look(listener, 'replay')
    await look(host, 'over')
    for (const page of [operator, host, guest, listener]) await page.context().close()
  })
}

async function openAs({ width, locale, colorScheme }: Journey): Promise<Page> {
  const page = await bed.person({ width, locale })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  return page
}

/** Takes pictures, in order; and what is photographed has to fit into the width. */
function photographer({ width, locale, colorScheme }: Journey) {
  const folder = join(ARTEFACTS, `${width}-${locale}-${colorScheme}`)
  mkdirSync(folder, { recursive: true })
  let taken = 0
  return async (page: Page, name: string): Promise<void> => {
    taken += 1
    await page.screenshot({
      path: join(folder, `${String(taken).padStart(2, '0')}-${name}.png`),
      fullPage: true,
    })
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    expect(`${name}: ${Math.max(0, overflow)} px too wide`).toBe(`${name}: 0 px too wide`)
  }
}
