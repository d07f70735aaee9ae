// What the tests of the studio's pages stand on: a whole Mimbar as it runs, and a Chromium whose microphone plays a
// tone of ours.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Running } from '../../../src/base/lifetime.ts'
import { startBrowser } from '../../harness/browser.ts'
import { type RunningMimbar, startMimbar } from '../../harness/running-mimbar.ts'
import { toneWav } from '../../harness/tone-wav.ts'
import { until } from '../../harness/until.ts'

/** A name that is neither localhost nor HTTPS, so that browsers call its pages insecure. */
export const INSECURE_HOST = 'studio.test'
/** Pages ask nobody else for anything. */
const OUR_HOSTS = ['localhost', '127.0.0.1', INSECURE_HOST]
/** On a machine that is busy with other tests a stage may refuse new spaces for a while, as it should. */
const PATIENCE_MS = 60_000

export interface StudioBed extends Running {
  readonly mimbar: RunningMimbar
  readonly operatorLink: string
  /** A page of its own browser context, as of another person; its errors, and requests to anybody but us, fail the test at `stop`. */
  person(options?: { readonly width?: number; readonly locale?: string }): Promise<Page>
  /** Sends everybody away whom a test that failed left behind; resolves to how many there were. */
  clear(): Promise<number>
}

export interface StudioBedOptions {
  /** For Mimbar, besides those of every test. */
  readonly flags?: readonly string[]
  /** More switches for Chromium. */
  readonly switches?: readonly string[]
  /** A WAV file for every microphone, over and over; a tone without it. */
  readonly microphone?: Uint8Array
}

export async function startStudioBed(options: StudioBedOptions = {}): Promise<StudioBed> {
  const { flags = [], switches = [], microphone = toneWav() } = options
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-studio-'))
  const errors: string[] = []
  await Bun.write(join(folder, 'microphone.wav'), microphone)
  const mimbar = await startMimbar({ flags })
  const browser = await startBrowser(join(folder, 'microphone.wav'), [
    `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
    ...switches,
  ])
  return {
    mimbar,
    operatorLink: `${mimbar.studioUrl}/operator#operator=${mimbar.operatorSecret}`,
    person: async ({ width = 1280, locale = 'en-US' } = {}) => {
      const context = await browser.newContext({ locale, viewport: { width, height: 800 } })
      context.setDefaultTimeout(PATIENCE_MS)
      context.on('page', (page) => {
        page.on('pageerror', (error) => errors.push(error.message))
        page.on('console', (message) => {
          if (message.text().includes('Content Security Policy')) errors.push(message.text())
        })
        page.on('request', (request) => {
          const { protocol, hostname } = new URL(request.url())
          const isOurs = OUR_HOSTS.includes(hostname) || !protocol.startsWith('http')
          if (!isOurs) errors.push(`a request to somebody else: ${request.url()}`)
        })
      })
      return await context.newPage()
    },
    clear: async () => {
      const left = browser.contexts()
      await Promise.all(left.map((context) => context.close()))
      return left.length
    },
    stop: async () => {
      await browser.close()
      await mimbar.stop()
      rmSync(folder, { recursive: true, force: true })
      if (errors.length > 0) throw new Error(`pages reported errors:\n${errors.join('\n')}`)
    },
  }
}

/** Goes through the green room as a person would, and waits until the stage is heard. */
export async function joinStage(
  page: Page,
  link: string,
  name: string,
  beforeJoining: (page: Page) => Promise<void> = async () => {},
): Promise<void> {
  await page.goto(link)
  await page.fill('#name', name)
  await page.click('#microphone-on')
  await beforeJoining(page)
  if (await page.locator('#consent').isVisible()) await page.check('#consent')
  await page.click('#join')
  await untilState(page, 'on-stage')
}

/** Waits for `<html data-state>`. */
export async function untilState(page: Page, state: string): Promise<void> {
  await page.waitForSelector(`html[data-state="${state}"]`)
}

/**
 * Watches for a state that may be over within a moment. Resolves, once the page is being watched, to what waits for it:
 *
 *     const fell = await watchForState(page, 'reconnecting')
 *     // … what makes it fall …
 *     await fell()
 */
export async function watchForState(page: Page, state: string): Promise<() => Promise<void>> {
  await page.evaluate(`(() => {
    const root = document.documentElement
    const observer = new MutationObserver(() => {
      if (root.dataset.state !== ${JSON.stringify(state)}) return
      observer.disconnect()
      globalThis.stateSeen = true
    })
    globalThis.stateSeen = false
    observer.observe(root, { attributeFilter: ['data-state'] })
  })()`)
  return async () => {
    await until(`the page is ${state}`, () => page.evaluate<boolean>('globalThis.stateSeen'), PATIENCE_MS)
  }
}

/** Waits until what the page plays is sound, or is silence, for half a second on end. */
export async function untilHears(page: Page, what: 'sound' | 'silence'): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; ) {
    const loudness = await hear(page, 500)
    if (what === 'sound' ? loudness > 0.01 : loudness < 0.002) return
  }
  throw new Error(`the page never played ${what}`)
}

/**
 * Loudness of what the page plays, as RMS over `durationMs`, measured beside the playing element. The code is text
 * because it runs in the page, whose types these tests are not checked with.
 */
export async function hear(page: Page, durationMs: number): Promise<number> {
  return await page.evaluate<number>(`(async () => {
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    context.createMediaStreamSource(document.getElementById('stage-sound').srcObject).connect(analyser)
    const pcm = new Float32Array(analyser.fftSize)
    let sum = 0
    let count = 0
    for (const end = performance.now() + ${durationMs}; performance.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      analyser.getFloatTimeDomainData(pcm)
      for (const sample of pcm) sum += sample * sample
      count += pcm.length
    }
    await context.close()
    return Math.sqrt(sum / count)
  })()`)
}
