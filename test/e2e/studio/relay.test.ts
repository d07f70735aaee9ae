// People whose network lets no UDP out. Chromium is told to send none of its own, and Debian's coturn takes TCP alone:
// the only way onto the stage is through the relay, with credentials that Mimbar issues.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { selfSigned } from '../../../src/host/self-signed.ts'
import { temporaryFolder } from '../../harness/browser.ts'
import { type Coturn, coturnIsMissing, startCoturn } from '../../harness/coturn.ts'
import { until } from '../../harness/until.ts'
import { decodeAudio } from '../../harness/voices.ts'
import { joinStage, type StudioBed, startStudioBed, untilHears, untilState } from './studio-bed.ts'

setDefaultTimeout(120_000)
const SECRET = 'north-wind-and-south-wind'
const NO_UDP = ['--force-webrtc-ip-handling-policy', '--webrtc-ip-handling-policy'].map(
  (flag) => `${flag}=disable_non_proxied_udp`,
)
const WITHIN_MS = 60_000
if (coturnIsMissing !== undefined) console.log(`   skipped: ${coturnIsMissing}`)

const folder = temporaryFolder()
let relay: Coturn
let bed: StudioBed

beforeAll(async () => {
  if (coturnIsMissing !== undefined) return
  relay = await startCoturn({ secret: SECRET, certificate: selfSigned(['localhost'], Date.now()) })
  const urls = `turn:127.0.0.1:${relay.port}?transport=tcp,turns:localhost:${relay.tlsPort}`
  bed = await startStudioBed({
    flags: ['--turn-url', urls, '--turn-secret', SECRET],
    // Nobody has vouched for the relay's certificate. What Chromium makes of that is not what is tested.
    switches: [...NO_UDP, '--ignore-certificate-errors'],
  })
})
afterAll(async () => {
  await bed?.stop()
  await relay?.stop()
  folder.remove()
})

test.skipIf(coturnIsMissing !== undefined)(
  'who cannot send UDP talks and hears through the relay, is in the program, and comes back through it',
  async () => {
    const { space, links } = await bed.mimbar.createSpace({ title: 'By way of the hills', recorded: false })
    const [ana, budi] = await Promise.all([bed.person(), bed.person()])
    await ana.addInitScript(keepConnections('turn:'))
    await budi.addInitScript(keepConnections('turns:'))
    const raw = (link: string) => link.replace('/stage#', '/stage?raw=1#')
    await Promise.all([
      joinStage(ana, raw(links.host), 'Ana'),
      joinStage(budi, raw(links.speaker), 'Budi', untilCheckConnects),
    ])
    await Promise.all([untilHears(budi, 'sound'), untilHears(ana, 'sound')])
    expect(await wayOf(ana)).toEqual({ local: 'relay', relayed: 'tcp' })
    expect(await wayOf(budi)).toEqual({ local: 'relay', relayed: 'tls' })
    expect(relay.output()).toMatch(/ALLOCATE processed, success/)

    await ana.click('#start')
    await untilInProgram(space.id)

    await budi.reload()
    await untilState(budi, 'on-stage')
    await untilHears(budi, 'sound')
    expect(await wayOf(budi)).toEqual({ local: 'relay', relayed: 'tls' })
    expect(bed.mimbar.output()).not.toContain(SECRET)
    await Promise.all([ana.context().close(), budi.context().close()])
  },
)

/**
 * The sound check, too, goes by the relay: it gets as far as to ask for a sentence. Joining does not wait for more. A
 * stage that has just started, or is late, has no time for it: then it is asked again.
 */
async function untilCheckConnects(page: Page): Promise<void> {
  const isAt = (...states: string[]) =>
    `#sound-check:is(${states.map((state) => `[data-check="${state}"]`).join(', ')})`
  await until(
    'the sound check connects',
    async () => {
      await page.click('#check-sound')
      await page.waitForSelector(isAt('speak', 'recording', 'playing', 'failed', 'judged'))
      return (await page.locator(isAt('failed', 'judged')).count()) === 0
    },
    WITHIN_MS,
  )
}

/**
 * So that a test can ask the page's connections how they go; and each page has one way to the relay, or chance would
 * decide which is tested. Text: it runs in the page.
 */
const keepConnections = (scheme: string) => `
  globalThis.connections = []
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor({ iceServers = [], ...more } = {}) {
      const way = ({ urls, ...login }) => ({ ...login, urls: urls.filter((url) => url.startsWith('${scheme}')) })
      super({ ...more, iceServers: iceServers.map(way) })
      globalThis.connections.push(this)
    }
  }`

/** The kind of candidate that sound leaves this page by, and how it gets to the relay. */
async function wayOf(page: Page): Promise<{ local?: string; relayed?: string }> {
  return await page.evaluate(`(async () => {
    const way = {}
    for (const connection of globalThis.connections) {
      if (connection.connectionState !== 'connected') continue
      const stats = await connection.getStats()
      const transport = [...stats.values()].find(({ type }) => type === 'transport')
      const local = stats.get(stats.get(transport.selectedCandidatePairId).localCandidateId)
      Object.assign(way, { local: local.candidateType, relayed: local.relayProtocol })
    }
    return way
  })()`)
}

/** Waits until what listeners get is the tone that the microphones hear. */
async function untilInProgram(space: string): Promise<void> {
  const url = `${bed.mimbar.publicUrl}/live/${space}/opus.ogg`
  const file = join(folder.path, 'program.ogg')
  await until(
    'the tone is in the program',
    async () => {
      const answer = await fetch(url)
      if (!answer.ok || answer.body === null) return false
      await Bun.write(file, await firstBytes(answer.body))
      return toneShare(await decodeAudio(file, 8_000).catch(() => new Float32Array())) > 0.5
    },
    WITHIN_MS,
  )
}

/** About two seconds of the program. */
async function firstBytes(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const end = performance.now() + 2_000
  for await (const bytes of body) {
    pieces.push(bytes)
    if (performance.now() > end) break
  }
  return Buffer.concat(pieces)
}

const WINDOW_SAMPLES = 2_000

/** How much of the energy of `pcm`, at 8 kHz, is at 440 Hz: by windows, since a busy machine breaks the tone's phase. */
function toneShare(pcm: Float32Array): number {
  let share = 0
  for (let from = 0; from + WINDOW_SAMPLES <= pcm.length; from += WINDOW_SAMPLES)
    share += toneShareOf(pcm.subarray(from, from + WINDOW_SAMPLES))
  return share / Math.max(1, Math.floor(pcm.length / WINDOW_SAMPLES))
}

function toneShareOf(pcm: Float32Array): number {
  let [cosine, sine, energy] = [0, 0, 1e-9]
  pcm.forEach((sample, at) => {
    cosine += sample * Math.cos((2 * Math.PI * 440 * at) / 8_000)
    sine += sample * Math.sin((2 * Math.PI * 440 * at) / 8_000)
    energy += sample * sample
  })
  return (2 * (cosine * cosine + sine * sine)) / (pcm.length * energy)
}
