// A page at the far end of a slow network, as it really comes over it; with a record of every state that it showed on the
// way. WebRTC goes past what the browser can slow down, and comes at full speed. The page's thread is left as it is:
// Chromium slows one down by burning processor time, which here are the stage's two cores, and a stage that is late hands
// its space over. What a page costs a slow thread is computed instead (slow-phone.ts).

import type { Page } from 'playwright-core'

const BITS_PER_S = 400_000
const ROUND_TRIP_MS = 400

/** Before the page's first document: makes what it loads slow. */
export async function slowDown(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('Network.enable')
  await devTools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: ROUND_TRIP_MS,
    downloadThroughput: BITS_PER_S / 8,
    uploadThroughput: BITS_PER_S / 8,
  })
}

/** Before the page's first document: keeps every `<html data-state>` from then on. */
export async function recordStates(page: Page): Promise<void> {
  await page.addInitScript(`{
    globalThis.statesSeen = []
    new MutationObserver(() => {
      const { state } = document.documentElement.dataset
      if (state !== undefined && state !== statesSeen.at(-1)) statesSeen.push(state)
    }).observe(document, { attributeFilter: ['data-state'], subtree: true })
  }`)
}

/** What {@link recordStates} kept, of the document that is there now, in order. */
export function statesOf(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>('statesSeen')
}
