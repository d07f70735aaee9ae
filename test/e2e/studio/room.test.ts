// Running a room in a real Chromium: who holds it when the host vanishes, and what can be done and taken back.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { CreatedSpace } from '../../../src/core/api/api.ts'
import { joinStage, type StudioBed, startStudioBed, untilState } from './studio-bed.ts'

setDefaultTimeout(300_000)
let bed: StudioBed
let links: CreatedSpace['links']

beforeAll(async () => {
  bed = await startStudioBed({ flags: ['--host-away-s', '5'] })
  links = (await bed.mimbar.createSpace({ title: 'Night radio', recorded: true })).links
})
afterAll(async () => {
  await bed.stop()
})

const seatOf = (page: Page) => page.getAttribute('html', 'data-seat')
const gone = (page: Page, selector: string) => page.locator(selector).waitFor({ state: 'detached' })

test('when the host vanishes the co-host is told and has the room; the host who returns has it again', async () => {
  const [host, cohost, guest] = [await bed.person(), await bed.person(), await bed.person({ width: 390 })]
  await joinStage(host, links.host, 'Ana')
  await joinStage(cohost, links.cohost, 'Citra')
  await joinStage(guest, links.speaker, 'Budi')
  await cohost.waitForSelector('.person:not(.absent):not(.connecting) >> text=Ana')
  expect(await cohost.locator('[aria-label="Remove Ana"]').count()).toBe(0)
  expect(await guest.locator('#mute-all').count()).toBe(0)

  await host.context().close()
  const holder = (await seatOf(cohost)) as string
  await Promise.all([cohost, guest].map((page) => page.waitForSelector(`#holder[data-holder="${holder}"]`)))
  expect(await cohost.textContent('#holder')).toContain('you hold the room')
  expect(await guest.textContent('#holder')).toContain('Citra holds the room')
  await cohost.click('[aria-label="Mute Budi"]')
  await guest.waitForSelector('#mute[data-microphone="muted"]')

  const back = await bed.person()
  await joinStage(back, links.host, 'Ana')
  await Promise.all([cohost, guest, back].map((page) => gone(page, '#holder')))
  await back.waitForSelector('[aria-label="Make Budi a co-host"]')

  // The guest leads with the co-host from now on, and both may be sent away by the host, who thinks better of it.
  await back.click('[aria-label="Make Budi a co-host"]')
  await back.click('#promote-confirm')
  await guest.waitForSelector('#mute-all')
  const seat = await seatOf(guest)
  await back.click('[aria-label="Remove Budi"]')
  await back.click('#remove-confirm')
  await untilState(guest, 'removed')
  await back.click(`[data-undo="${seat}"]`)
  await untilState(guest, 'returning')
  await guest.click('#return')
  await untilState(guest, 'on-stage')
  expect(await seatOf(guest)).toBe(seat)
  expect(await guest.getAttribute('#mute', 'data-microphone')).toBe('muted')
  for (const page of [cohost, guest, back]) await page.context().close()
})

test('a locked stage says so to who comes; who is blocked stays out, and the new invitation is shown', async () => {
  const [host, guest] = [await bed.person(), await bed.person()]
  await joinStage(host, links.host, 'Ana')
  await host.click('#lock[data-locked="false"]')
  await host.waitForSelector('#lock[data-locked="true"]')
  await guest.goto(links.speaker)
  await guest.fill('#name', 'Dewi')
  await guest.click('#microphone-on')
  await guest.check('#consent')
  await guest.click('#join')
  await guest.waitForSelector('.problem >> text=The stage is locked')
  await host.click('#lock')
  await host.waitForSelector('#lock[data-locked="false"]')
  await guest.click('#join')
  await untilState(guest, 'on-stage')

  await host.click('[aria-label="Remove Dewi"]')
  await host.check('#block')
  await host.click('#remove-confirm')
  await untilState(guest, 'removed')
  const invitation = await host.inputValue('#invitation-link')
  expect(invitation).not.toBe(links.speaker)
  await guest.goto('about:blank')
  await guest.goto(invitation)
  await guest.click('#microphone-on')
  await guest.check('#consent')
  await guest.click('#join')
  await guest.waitForSelector('.problem >> text=cannot come back')
  for (const page of [host, guest]) await page.context().close()
})
