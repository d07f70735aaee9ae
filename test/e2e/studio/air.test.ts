// On air, off air and on hold, as the people on stage and those who listen see it: real pages, a whole Mimbar.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import budget from '../../../size-budget.json' with { type: 'json' }
import type { CreatedSpace } from '../../../src/core/api/api.ts'
import { slowPhone } from '../../harness/slow-phone.ts'
import { joinStage, type StudioBed, startStudioBed, untilHears, untilState } from './studio-bed.ts'

setDefaultTimeout(180_000)
let bed: StudioBed
let links: CreatedSpace['links']
let host: Page
let guest: Page

beforeAll(async () => {
  bed = await startStudioBed()
  links = (await bed.mimbar.createSpace({ title: 'Night radio', recorded: true })).links
  host = await bed.person()
  guest = await bed.person({ width: 390 })
})
afterAll(async () => {
  await bed.stop()
})

/** `?raw` keeps the browser's noise suppression from taking the tone for noise. */
const raw = (link: string) => link.replace('/stage#', '/stage?raw=1#')
const untilAir = (page: Page, air: string) => page.waitForSelector(`[data-air="${air}"]`)
const card = (name: string, air: 'on' | 'off') => `.person[data-person-air="${air}"] >> text=${name}`

test('who is taken off air sees it at once, is heard on stage all the same, and listeners do not see them', async () => {
  await joinStage(host, raw(links.host), 'Ana')
  await joinStage(guest, raw(links.speaker), 'Budi')
  await host.click('#start')
  await Promise.all([host, guest].map((page) => untilAir(page, 'live')))
  expect(await guest.locator('#hold').count()).toBe(0)

  await host.click('button[aria-label="Take Budi off air"]')
  await untilAir(guest, 'offAir')
  await host.waitForSelector(card('Budi', 'off'))
  expect(await guest.textContent('#mute')).not.toContain('You are on air')
  await untilHears(host, 'sound')
  const listener = await bed.person({ width: 390 })
  await listener.goto(links.listen)
  await listener.click('#play')
  await untilState(listener, 'live')
  await listener.waitForSelector('#people li >> text=Ana')
  expect(await listener.locator('#people li >> text=Budi').count()).toBe(0)

  await host.click('button[aria-label="Put Budi on air"]')
  await untilAir(guest, 'live')
  await listener.waitForSelector('#people li >> text=Budi')
  await guest.click('#step-back')
  await untilAir(guest, 'offAir')
  // Stepping forward again is not theirs to do.
  expect(await guest.locator('#go-on-air').count()).toBe(0)

  await host.click('#hold')
  await Promise.all([host, guest].map((page) => untilAir(page, 'held')))
  await untilState(listener, 'held')
  await untilHears(guest, 'sound')
  await host.click('#resume')
  await untilAir(host, 'live')
  await untilAir(guest, 'offAir')
  await untilState(listener, 'live')
  await listener.context().close()
})

test('on a slow phone and network the listening page can be pressed in time, and nothing on it moves by itself', async () => {
  const listener = await bed.person({ width: 390 })
  const phone = await slowPhone(listener)
  await phone.open(links.listen)
  const interactiveMs = await phone.interactiveMs()
  expect(phone.requests()).toBe(budget.requestsBeforeStream.listen)
  await listener.click('#play')
  await untilState(listener, 'live')
  await listener.waitForSelector('#people li >> text=Ana')
  const layoutShift = await phone.layoutShift()
  console.log(`   can be pressed after ${Math.round(interactiveMs)} ms; moved by ${layoutShift.toFixed(4)}`)
  expect(interactiveMs).toBeLessThanOrEqual(budget.interactiveMs.listen)
  expect(layoutShift).toBeLessThan(budget.layoutShift.listen)
  await listener.context().close()
})

test('newcomers wait backstage once the host wants them to, and the host goes off air and on again', async () => {
  await host.check('#arrivals-backstage')
  const late = await bed.person()
  await joinStage(late, raw(links.speaker), 'Citra')
  await untilAir(late, 'offAir')
  await host.click('#step-back')
  await untilAir(host, 'offAir')
  await host.click('#go-on-air')
  await untilAir(host, 'live')
  await host.click('button[aria-label="Put Citra on air"]')
  await untilAir(late, 'live')
  await late.context().close()
})
