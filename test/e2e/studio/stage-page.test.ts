// The stage page in a real Chromium, against a whole Mimbar as it runs.

import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { CreatedSpace } from '../../../src/core/api/api.ts'
import {
  INSECURE_HOST,
  joinStage,
  type StudioBed,
  startStudioBed,
  untilHears,
  untilState,
  watchForState,
} from './studio-bed.ts'

setDefaultTimeout(120_000)
let bed: StudioBed
/** One space for nearly all of it: a stage that is late, as on a busy machine, takes no further space. */
let links: CreatedSpace['links']

beforeAll(async () => {
  bed = await startStudioBed()
  links = await createSpace()
  const first = await bed.person()
  await joinStage(first, links.host, 'Ana')
  await leaveAll(first)
})
afterEach(async () => {
  // Seats that a failed test leaves taken would fail the next one too.
  if ((await bed.clear()) > 0) links = await createSpace()
})
afterAll(async () => {
  await bed.stop()
})

const createSpace = async () => (await bed.mimbar.createSpace({ title: 'Night radio', recorded: true })).links
const seatOf = (page: Page) => page.getAttribute('html', 'data-seat')
const microphoneOf = (page: Page) => page.getAttribute('#mute', 'data-microphone')
/** `?raw` keeps the browser's noise suppression from taking the tone for noise. */
const raw = (link: string) => link.replace('/stage#', '/stage?raw=1#')

/** Gives the seats up where there are any, so that the next test finds an empty stage. */
async function leaveAll(...people: readonly Page[]): Promise<void> {
  for (const page of people) {
    if ((await seatOf(page)) !== null) {
      await page.click('#leave')
      await page.click('#leave-confirm')
      await untilState(page, 'left')
    }
    await page.context().close()
  }
}

test('the secret stays in the address until it is exchanged, and is gone from it then', async () => {
  const host = await bed.person()
  await host.goto(links.host)
  await untilState(host, 'green-room')
  expect(new URL(host.url()).hash).toStartWith('#host=')
  // Nothing is opened unasked, and nothing was exchanged by looking.
  expect(await host.locator('#microphone-on').isVisible()).toBe(true)
  expect(await host.context().cookies()).toEqual([])
  await host.reload()
  await joinStage(host, host.url(), 'Ana')
  expect(new URL(host.url()).hash).toBe('')
  const kept = await host.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')
  expect(kept).toContain((await seatOf(host)) as string)
  expect(kept).not.toContain(links.host.split('=')[1] as string)
  await leaveAll(host)
})

test('a reload returns to the same seat with the same mute state, without being asked', async () => {
  const host = await bed.person()
  await joinStage(host, links.host, 'Ana')
  const seat = await seatOf(host)
  expect(await microphoneOf(host)).toBe('open')
  await host.click('#mute')
  await host.waitForSelector('.person.muted')
  await host.reload()
  await untilState(host, 'on-stage')
  expect(await seatOf(host)).toBe(seat)
  expect(await microphoneOf(host)).toBe('muted')
  await host.click('#mute')
  await host.waitForSelector('.person:not(.muted)')
  await host.reload()
  await untilState(host, 'on-stage')
  expect(await microphoneOf(host)).toBe('open')
  await leaveAll(host)
})

test('two people hear each other, nobody hears who is muted, and the host mutes but cannot unmute', async () => {
  const [host, guest] = [await bed.person(), await bed.person({ width: 390 })]
  await joinStage(host, raw(links.host), 'Ana')
  // Alone, and the mix is without oneself: there is nothing to hear.
  await untilHears(host, 'silence')
  await joinStage(guest, raw(links.speaker), 'Budi')
  await host.waitForSelector('.person.speaking >> text=Budi')
  await untilHears(host, 'sound')
  await untilHears(guest, 'sound')
  // A page that stood still, as on a slow phone, has not lost anything by that.
  await watchForState(guest, 'reconnecting')
  await guest.evaluate('{ const until = performance.now() + 4_000; while (performance.now() < until); }')
  await untilHears(guest, 'sound')
  expect(await guest.evaluate<boolean>('globalThis.stateSeen')).toBe(false)

  await host.click('button[aria-label="Mute Budi"]')
  await guest.waitForSelector('#mute[data-microphone="muted"]')
  await host.waitForSelector('.person.muted >> text=Budi')
  expect(await host.locator('button[aria-label="Mute Budi"]').isDisabled()).toBe(true)
  await untilHears(host, 'silence')
  await guest.click('#mute')
  await host.waitForSelector('.person:not(.muted) >> text=Budi')
  await leaveAll(host, guest)
})

test('who is removed is told so and is off the stage', async () => {
  const [host, guest] = [await bed.person(), await bed.person()]
  await joinStage(host, links.host, 'Ana')
  await joinStage(guest, links.speaker, 'Budi')
  await host.click('button[aria-label="Remove Budi"]')
  await host.click('#remove-confirm')
  await untilState(guest, 'removed')
  await guest.reload()
  await untilState(guest, 'needs-link')
  await leaveAll(host, guest)
})

test('a second tab takes the seat, and the first says so instead of fighting for it', async () => {
  const first = await bed.person()
  await joinStage(first, links.host, 'Ana')
  const seat = await seatOf(first)
  const second = await first.context().newPage()
  await second.goto(first.url())
  await second.click('#microphone-on')
  await second.check('#consent')
  await second.click('#join')
  await untilState(first, 'replaced')
  await untilState(second, 'on-stage')
  expect(await seatOf(second)).toBe(seat)
  await first.click('#back')
  await untilState(first, 'on-stage')
  await untilState(second, 'replaced')
  await leaveAll(first)
})

test('a host who opens the link on another device has the seat there, and the first device says so', async () => {
  const [phone, desk] = [await bed.person({ width: 390 }), await bed.person()]
  await joinStage(phone, links.host, 'Ana')
  await joinStage(desk, links.host, 'Ana')
  await untilState(phone, 'replaced')
  expect(await phone.locator('#back').count()).toBe(0)
  await untilState(desk, 'on-stage')
  await leaveAll(phone, desk)
})

test('when the stage dies, the page comes back to the other one by itself, still muted if it was', async () => {
  const [host, guest] = [await bed.person(), await bed.person()]
  await joinStage(host, raw(links.host), 'Ana')
  await joinStage(guest, raw(links.speaker), 'Budi')
  await guest.click('#mute')
  await untilHears(guest, 'sound')
  const stage = (await host.getAttribute('html[data-stage]', 'data-stage')) as string
  const fell = await watchForState(guest, 'reconnecting')
  process.kill(bed.mimbar.rolePids().get(stage) as number, 'SIGKILL')
  await fell()
  await Promise.all([host, guest].map((page) => untilState(page, 'on-stage')))
  await untilHears(guest, 'sound')
  expect(await microphoneOf(host)).toBe('open')
  expect(await microphoneOf(guest)).toBe('muted')
  await leaveAll(host, guest)
})

test('while control does not answer people talk on, and muting takes effect at once all the same', async () => {
  const [host, guest] = [await bed.person(), await bed.person()]
  await joinStage(host, raw(links.host), 'Ana')
  await joinStage(guest, raw(links.speaker), 'Budi')
  await untilHears(host, 'sound')
  const control = bed.mimbar.rolePids().get('control') as number
  process.kill(control, 'SIGSTOP')
  await guest.click('#mute')
  expect(await microphoneOf(guest)).toBe('muted')
  await untilHears(host, 'silence')
  await untilHears(guest, 'sound')
  // And now it dies altogether; its successor learns what was pressed while nobody listened.
  process.kill(control, 'SIGKILL')
  await host.waitForSelector('.person.muted >> text=Budi')
  expect(await host.getAttribute('html', 'data-state')).toBe('on-stage')
  await untilHears(guest, 'sound')
  await leaveAll(host, guest)
})

test('a page that is not secure says why the microphone cannot open', async () => {
  const page = await bed.person()
  await page.goto(links.speaker.replace('localhost', INSECURE_HOST))
  await page.click('#microphone-on')
  await page.waitForSelector('[data-failure="insecure"]')
  expect(await page.textContent('.trouble')).toContain('HTTPS')
  await leaveAll(page)
})

test('a link that opens nothing leads to a plain word, and a pasted one is tried without a reload', async () => {
  const page = await bed.person()
  await page.goto(links.speaker.replace(/=.*/, '=nonsense'))
  await page.fill('#name', 'Budi')
  await page.click('#microphone-on')
  await page.check('#consent')
  await page.click('#join')
  await untilState(page, 'needs-link')
  await page.evaluate(`location.hash = ${JSON.stringify(new URL(links.speaker).hash)}`)
  await untilState(page, 'green-room')
  await page.check('#consent')
  await page.click('#join')
  await untilState(page, 'on-stage')
  await leaveAll(page)
})

test('who leaves gives up the seat, and the others see it', async () => {
  const [host, guest] = [await bed.person(), await bed.person()]
  await joinStage(host, links.host, 'Ana')
  await joinStage(guest, links.speaker, 'Budi')
  await guest.click('#leave')
  await guest.click('#leave-confirm')
  await untilState(guest, 'left')
  await host.locator('.person >> text=Budi').waitFor({ state: 'detached' })
  await leaveAll(host, guest)
})

test('a program that begins by itself is counted down to, for who is on stage to hear', async () => {
  const { links: own } = await bed.mimbar.createSpace({
    title: 'On the second',
    recorded: false,
    scheduledAtMs: Date.now() + 15_000,
    start: 'automatic',
  })
  const host = await bed.person()
  await host.addInitScript(`{
    const { start } = OscillatorNode.prototype
    globalThis.beeps = []
    OscillatorNode.prototype.start = function (at) {
      beeps.push(this.frequency.value)
      return start.call(this, at)
    }
  }`)
  await joinStage(host, own.host, 'Ana')
  await host.waitForSelector('[data-air="opening"], [data-air="live"]')
  const beeps = await host.evaluate<number[]>('beeps')
  expect(beeps.length).toBeGreaterThan(0)
  // The last one is the higher: that of the start itself.
  expect(beeps.at(-1)).toBe(Math.max(...beeps))
  await leaveAll(host)
})

test('start puts the stage on air; ending takes two presses with time between, and everybody is told', async () => {
  const [host, guest] = [await bed.person(), await bed.person()]
  await joinStage(host, links.host, 'Ana')
  await joinStage(guest, links.speaker, 'Budi')
  await host.waitForSelector('[data-air="backstage"]')
  expect(await guest.locator('#start').count()).toBe(0)
  await host.click('#start')
  await Promise.all([host, guest].map((page) => page.waitForSelector('[data-air="live"]')))
  expect(await host.textContent('#mute')).toContain('You are on air')
  await host.click('#end')
  await host.waitForSelector('dialog[open]')
  expect(await host.locator('#end-confirm').isDisabled()).toBe(true)
  await host.keyboard.press('Enter')
  await host.waitForSelector('dialog', { state: 'detached' })
  expect(await host.getAttribute('html', 'data-state')).toBe('on-stage')
  await host.click('#end')
  await host.click('#end-confirm')
  await Promise.all([host, guest].map((page) => untilState(page, 'ended')))
  const replay = await host.getAttribute('#replay', 'href')
  expect(replay).toBe(links.listen)
  await leaveAll(host, guest)
})
