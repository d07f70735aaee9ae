// Mouth to ear, with real browsers: what a speaker's microphone heard against what a listener's page played, at the
// shortest and at a long flush interval. Beside it the floor of the same run and machine: what another speaker's
// page played, which is the same way without the log, the edge and the player's buffer (WebRTC alone).
//
//   bun bench/mouth-to-ear.ts [seconds=35]        about three minutes; needs Chromium and ffmpeg

import type { Browser, Page } from 'playwright-core'
import { heardBy, listenTo, startBrowser, temporaryFolder } from '../test/harness/browser.ts'
import { mouthToEarMs, openStage } from '../test/harness/mouth-to-ear.ts'
import { startMimbar } from '../test/harness/running-mimbar.ts'
import { twoVoices, type Voice } from '../test/harness/voices.ts'

/** One window of three seconds begins each second. */
const SECONDS = Number(process.argv[2] ?? 35)
const FLUSH_MS = [200, 1_000] as const

interface Latencies {
  readonly windows: number
  readonly medianMs: number
  readonly p95Ms: number
}

const folder = temporaryFolder()
const voices = await twoVoices(folder.path)
try {
  console.log('flush    path        windows   median ms   p95 ms   ratio of medians')
  for (const flushMs of FLUSH_MS) {
    const { floor, listener } = await measure(flushMs, voices)
    const row = (path: string, { windows, medianMs, p95Ms }: Latencies) =>
      `${String(flushMs).padStart(5)}    ${path.padEnd(10)}${String(windows).padStart(9)}${medianMs.toFixed(0).padStart(12)}` +
      `${p95Ms.toFixed(0).padStart(9)}${(medianMs / floor.medianMs).toFixed(2).padStart(19)}`
    console.log(row('speaker', floor))
    console.log(row('listener', listener))
  }
} finally {
  folder.remove()
}

async function measure(
  flushMs: number,
  [first, second]: readonly [Voice, Voice],
): Promise<{ floor: Latencies; listener: Latencies }> {
  const mimbar = await startMimbar({ flags: ['--flush-ms', String(flushMs)] })
  const browsers: Browser[] = []
  try {
    const { links } = await mimbar.createSpace({ id: 'bench', title: 'Mouth to ear', recorded: false })
    for (const wav of [first.wav, second.wav, undefined]) browsers.push(await startBrowser(wav))
    const [hostBrowser, guestBrowser, listenerBrowser] = browsers as [Browser, Browser, Browser]
    const host = await openStage(hostBrowser, links.host, 'Host')
    const guest = await openStage(guestBrowser, links.speaker, 'Guest')
    await host.click('#start')
    const page = await listenerBrowser.newPage()
    await page.goto(links.listen)
    await page.click('#play')
    await page.waitForSelector('html[data-state=live]', { timeout: 20_000 })
    return await hear(host, guest, page)
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()))
    await mimbar.stop()
  }
}

/** The guest is muted for none of it: two voices at once are what the way is for. */
async function hear(host: Page, guest: Page, listener: Page) {
  await listenTo(guest, '#stage-sound', 'return')
  await listenTo(listener, '#sound', 'program')
  await Bun.sleep(SECONDS * 1_000)
  const [said, returned, program] = await Promise.all([
    heardBy(host, 'microphone'),
    heardBy(guest, 'return'),
    heardBy(listener, 'program'),
  ])
  return {
    floor: summary(mouthToEarMs(said, returned)),
    listener: summary(mouthToEarMs(said, program)),
  }
}

function summary(sorted: readonly number[]): Latencies {
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
  return { windows: sorted.length, medianMs: at(0.5), p95Ms: at(0.95) }
}
