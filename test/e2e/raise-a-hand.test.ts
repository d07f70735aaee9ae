// A listener becomes a speaker and a listener again, in one page that is never left: raises a hand, is called up, goes
// through the green room inside the page, is heard, and goes back. What is asserted of sound is what was heard.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { heardBy, listenTo, startBrowser, temporaryFolder } from '../harness/browser.ts'
import { openStage, RECOGNISED, recogniseIn } from '../harness/mouth-to-ear.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { twoVoices, type Voice } from '../harness/voices.ts'

/** A machine that does everything at once takes its time. */
const PATIENT = { timeout: 30_000 }
const folder = temporaryFolder()
let mimbar: RunningMimbar
let browsers: readonly Browser[] = []
let voices: readonly [Voice, Voice]
let host: Page
let listener: Page
let bornAt: number
/** What browsers say when a policy of a page forbids something. */
const violations: string[] = []

beforeAll(async () => {
  voices = await twoVoices(folder.path)
  mimbar = await startMimbar()
  browsers = await Promise.all([startBrowser(voices[0].wav), startBrowser(voices[1].wav)])
  const { links } = await mimbar.createSpace({ title: 'Questions, please', recorded: true })
  host = await openStage(browsers[0] as Browser, links.host, 'Allison')
  await host.click('#start')
  listener = await (browsers[1] as Browser).newPage({ viewport: { width: 390, height: 844 } })
  listener.on('console', (message) => {
    if (/content security policy|permissions policy|refused to/i.test(message.text())) {
      violations.push(message.text())
    }
  })
  await listener.goto(links.listen)
  await listener.click('#play')
  await listener.waitForSelector('html[data-state=live]', PATIENT)
  bornAt = await listener.evaluate(() => performance.timeOrigin)
}, 120_000)

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()))
  await mimbar?.stop()
  folder.remove()
}, 30_000)

const stage = () => listener.frameLocator('#inside iframe')
const sound = () =>
  listener.evaluate(() => {
    const { paused } = document.querySelector('#sound') as HTMLAudioElement
    return paused ? 'silent' : 'sounding'
  })

async function raiseHand(name: string): Promise<void> {
  await listener.click('#raise', PATIENT)
  await listener.fill('#hand-name', name, PATIENT)
  await listener.press('#hand-name', 'Enter')
  await listener.waitForSelector('[data-hand=raised]', PATIENT)
}

test('the button is there once the host has opened hands, and a hand is declined kindly', async () => {
  expect(await listener.isVisible('#raise')).toBe(false)
  await host.check('#hands-open', PATIENT)
  // It came with the sound: this page asks nobody while it listens.
  await listener.waitForSelector('#raise', PATIENT)
  await raiseHand('Carlo')
  await host.click('.hand button:has-text("Decline")', PATIENT)
  await listener.waitForSelector('[data-hand=down]', PATIENT)
  expect(await listener.textContent('.hand-status')).toContain('Not this time')
}, 120_000)

test('who is called up goes through the green room, inside the page, and is then heard by the host', async () => {
  await raiseHand('Carlo')
  expect(await listener.textContent('.hand-status')).toContain('You are next.')
  await host.click('.hand button:has-text("Accept")', PATIENT)
  await listener.click('#go-on-stage', PATIENT)
  await stage().locator('#microphone-on').click(PATIENT)
  await stage().locator('#verdict').waitFor(PATIENT)
  expect(await sound()).toBe('silent')
  expect(await stage().locator('#name').inputValue()).toBe('Carlo')
  // In the green room, nobody is on stage yet.
  expect(await host.locator('.people > li').count()).toBe(1)
  await stage().locator('#consent').check(PATIENT)
  await stage().locator('#join').click(PATIENT)
  await listener.waitForSelector('[data-hand=inside][data-screen=on-stage]', {
    ...PATIENT,
    state: 'attached',
  })
  expect(await listener.isVisible('#inside-back')).toBe(false)

  await until(
    'the host sees who came',
    async () => (await host.locator('.people > li').count()) === 2,
    30_000,
  )
  await listenTo(host, '#stage-sound', 'return')
  await until(
    'the host hears the listener',
    async () => {
      const { score } = recogniseIn(await heardBy(host, 'return'), voices[1])
      return score > RECOGNISED
    },
    60_000,
  )
  expect(await sound()).toBe('silent')
}, 180_000)

test('who leaves the stage hears the program again, in the same page', async () => {
  await stage().locator('#leave').click(PATIENT)
  await stage().locator('#leave-confirm').click(PATIENT)
  await listener.waitForSelector('#inside', { ...PATIENT, state: 'detached' })
  await listener.waitForSelector('html[data-state=live]', PATIENT)
  await listenTo(listener, '#sound', 'program')
  await until(
    'the listener hears the host',
    async () => recogniseIn(await heardBy(listener, 'program'), voices[0]).score > RECOGNISED,
    60_000,
  )
  expect(await listener.evaluate(() => performance.timeOrigin)).toBe(bornAt)
  expect(await listener.isVisible('#raise')).toBe(true)
  expect(violations).toEqual([])
}, 120_000)

test('who is removed from the stage is a listener again, too', async () => {
  await raiseHand('Carlo')
  await host.click('.hand button:has-text("Accept")', PATIENT)
  await listener.click('#go-on-stage', PATIENT)
  await stage().locator('#microphone-on').click(PATIENT)
  await stage().locator('#consent').check(PATIENT)
  await stage().locator('#join').click(PATIENT)
  await listener.waitForSelector('[data-hand=inside][data-screen=on-stage]', {
    ...PATIENT,
    state: 'attached',
  })
  const person = host.locator('.people > li', { hasText: 'Carlo' })
  await person.getByRole('button', { name: /remove/i }).click(PATIENT)
  await host.click('#remove-confirm', PATIENT)
  await listener.waitForSelector('#inside', { ...PATIENT, state: 'detached' })
  await listener.waitForSelector('html[data-state=live]', PATIENT)
  expect(await listener.evaluate(() => performance.timeOrigin)).toBe(bornAt)
}, 120_000)
