// The whole way of a talk through the pages: planned, announced, invited to, begun, listened to on a phone, spoken in by
// a listener, ended, and heard again. One width, language and scheme in `npm test`; every one, and the way over a slow
// network, with
//
//   JOURNEYS=all bun test --timeout=480000 test/e2e/journey.test.ts     # or JOURNEYS=slow for the slow network alone
//
// What the pages looked like is in `test-artefacts/journey/`, to be looked at.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { recordStates, slowDown, statesOf } from '../harness/slow-network.ts'
import { joinStage, type StudioBed, startStudioBed, untilState } from './studio/studio-bed.ts'

setDefaultTimeout(480_000)
const ARTEFACTS = resolve(import.meta.dir, '../../test-artefacts/journey')

interface Journey {
  readonly width: number
  readonly locale: 'en-US' | 'id-ID'
  readonly colorScheme: 'light' | 'dark'
  readonly isSlow?: true
}

const ALL: readonly Journey[] = [360, 390, 768, 1280].flatMap((width) =>
  (['en-US', 'id-ID'] as const).flatMap((locale) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ width, locale, colorScheme })),
  ),
)
const SLOW: Journey = { width: 390, locale: 'en-US', colorScheme: 'light', isSlow: true }
const ONE: Journey = { width: 360, locale: 'id-ID', colorScheme: 'dark' }
const CHOICES: Readonly<Record<string, readonly Journey[]>> = { all: [...ALL, SLOW], slow: [SLOW] }
const CHOSEN = CHOICES[process.env.JOURNEYS ?? ''] ?? [ONE]
/** What nobody may be told whose network is only slow. */
const UNTRUE = [
  'lost',
  'busy',
  'failed',
  'refused',
  'unsupported',
  'unreachable',
  'needs-link',
  'reconnecting',
]

let bed: StudioBed

beforeAll(async () => {
  bed = await startStudioBed()
})
afterAll(async () => {
  await bed.stop()
})

for (const journey of CHOSEN) {
  const { width, locale, colorScheme, isSlow } = journey
  const how = isSlow ? ', over a slow network' : ''
  test(`planned, announced, spoken, heard, and heard again: ${width} px, ${locale}, ${colorScheme}${how}`, async () => {
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
    await listener.click('#play')
    await untilState(listener, 'replaying')
    await look(listener, 'replaying')
    for (const page of [host, guest, listener]) {
      const states = await statesOf(page)
      expect({ states, untrue: states.filter((state) => UNTRUE.includes(state)) }).toEqual({
        states,
        untrue: [],
      })
    }
    for (const page of [operator, host, guest, listener]) await page.context().close()
  })
}

async function openAs({ width, locale, colorScheme, isSlow }: Journey): Promise<Page> {
  const page = await bed.person({ width, locale })
  await recordStates(page)
  if (isSlow) await slowDown(page)
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  return page
}

/** Takes pictures, in order; and what is photographed has to fit into the width. */
function photographer({ width, locale, colorScheme, isSlow }: Journey) {
  const folder = join(ARTEFACTS, `${width}-${locale}-${colorScheme}${isSlow ? '-slow' : ''}`)
  mkdirSync(folder, { recursive: true })
  let taken = 0
  let since = performance.now()
  return async (page: Page, name: string): Promise<void> => {
    taken += 1
    if (isSlow) console.log(`   ${name}: ${((performance.now() - since) / 1_000).toFixed(1)} s`)
    await page.screenshot({
      path: join(folder, `${String(taken).padStart(2, '0')}-${name}.png`),
      fullPage: true,
    })
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    expect(`${name}: ${Math.max(0, overflow)} px too wide`).toBe(`${name}: 0 px too wide`)
    since = performance.now()
  }
}
