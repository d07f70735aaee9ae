// A page as a slow phone on a slow network has it: when it can be pressed, and how much it moves by itself. Both are
// computed from what the page costs (bytes, processor time of its thread) rather than waited for: a machine that is busy
// with other tests would be taken for a slow page.

import type { CDPSession, Page } from 'playwright-core'
import { until } from './until.ts'

/** A phone of the middle class against a desk of today, as Lighthouse has it. */
const CPU_SLOWDOWN = 4
/** "Slow 4G" of Lighthouse: a round trip of 150 ms, as it shows in the first request of a page… */
const FIRST_ANSWER_MS = 562.5
/** … and nine tenths of 1.6 Mbit/s. */
const BITS_PER_MS = 1_638.4 * 0.9
const REST_WITHIN_MS = 30_000

export interface SlowPhone {
  /** Opens `url`; resolves when the page says by `<html data-state>` what it is, and has painted. */
  open(url: string): Promise<void>
  /** What the page has asked for until now, itself included. */
  requests(): number
  /**
   * From the navigation until everything has come that the page asked for, and its thread has done all that it did until
   * now: at least as late as the moment in which it can be pressed.
   */
  interactiveMs(): Promise<number>
  /** What moved without a press just before, until now (Layout Instability, W3C: the sum of all scores). */
  layoutShift(): Promise<number>
}

/** `page` is empty yet. */
export async function slowPhone(page: Page): Promise<SlowPhone> {
  const devTools = await page.context().newCDPSession(page)
  let bytes = 0
  let requests = 0
  devTools.on('Network.requestWillBeSent', () => {
    requests += 1
  })
  devTools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await devTools.send('Network.enable')
  await devTools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.addInitScript(OBSERVE)
  return {
    open: async (url) => {
      await page.goto(url, { waitUntil: 'load' })
      await until(
        'the page has painted what it is',
        () => page.evaluate<boolean>('globalThis.slowPhone.hasPaint && globalThis.slowPhone.hasState()'),
        REST_WITHIN_MS,
      )
    },
    requests: () => requests,
    interactiveMs: async () =>
      requests * FIRST_ANSWER_MS + (bytes * 8) / BITS_PER_MS + CPU_SLOWDOWN * (await threadMs(devTools)),
    layoutShift: () => page.evaluate<number>('globalThis.slowPhone.layoutShift'),
  }
}

/** Processor time that the page's thread has spent in tasks. */
async function threadMs(devTools: CDPSession): Promise<number> {
  const { metrics } = await devTools.send('Performance.getMetrics')
  const spent = metrics.find(({ name }) => name === 'TaskDuration')
  if (spent === undefined) throw new Error('This Chromium does not tell the time of its tasks.')
  return spent.value * 1_000
}

/** Text because it runs in the page, before anything of its own. */
const OBSERVE = `{
  const seen = {
    layoutShift: 0,
    hasPaint: false,
    hasState: () => ![undefined, 'loading'].includes(document.documentElement.dataset.state),
  }
  const watch = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true })
  watch('paint', () => { seen.hasPaint = true })
  watch('layout-shift', ({ value, hadRecentInput }) => { if (!hadRecentInput) seen.layoutShift += value })
  globalThis.slowPhone = seen
}`
