// A WHIP client that is not ours: the npm package `whip-whep`, by an author of RFC 9725, as it is, in a real Chromium
// on a page of another site. It publishes a microphone into a seat; what listeners get is decoded by ffmpeg.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { parseSpaceId } from '../../src/base/ids.ts'
import type { StageView } from '../../src/core/api/api.ts'
import { toneAmplitude } from '../../src/media/pcm/goertzel.ts'
import { FrontDoor } from '../../src/rehearsal/front-door.ts'
import { watchStage } from '../../src/rehearsal/stage-views.ts'
import { startBrowser, temporaryFolder } from '../harness/browser.ts'
import { secretOf } from '../harness/on-air.ts'
import { randomPort } from '../harness/random-port.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { toneWav } from '../harness/tone-wav.ts'
import { until } from '../harness/until.ts'
import { decodeAudio } from '../harness/voices.ts'

const SPACE = parseSpaceId('whip-client')
const TONE_HZ = 440
/** Nobody says this: what the ear finds here is what it finds in anything. */
const OTHER_HZ = 1_250
const WITHIN_MS = 30_000
const RATE_HZ = 8_000
/** A seat without sound for 2.5 s is absent. */
const GONE_AFTER_MS = 3_500

const folder = temporaryFolder()
const watching = new AbortController()
/** What the page's own requests came to, as `POST 201`. */
const answers: string[] = []
const complaints: string[] = []
let mimbar: RunningMimbar
let site: ReturnType<typeof serveSite>
let browser: Browser
let page: Page
let view: StageView | undefined
/** What the client is given by whoever runs the encoder: an address and a token. */
let given: { readonly endpoint: string; readonly token: string }

beforeAll(async () => {
  await Bun.write(`${folder.path}/tone.wav`, toneWav())
  ;[mimbar, browser] = await Promise.all([startMimbar(), startBrowser(`${folder.path}/tone.wav`)])
  site = serveSite()
  const { links } = await mimbar.createSpace({ id: SPACE, title: 'A stranger', recorded: false })
  const endpoint = `${mimbar.studioUrl}/api/v1/spaces/${SPACE}/stage`
  given = { endpoint, token: secretOf(links.speaker) }
  const door = new FrontDoor(mimbar.studioUrl)
  const host = await door.takeSeat(SPACE, secretOf(links.host), 'Ana')
  const see = (next: StageView) => {
    view = next
  }
  void watchStage(door, SPACE, host, see, watching.signal)
  await door.start(SPACE, host)
  page = await browser.newPage()
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('response', (response) => {
    const { origin, pathname } = new URL(response.url())
    if (origin !== new URL(endpoint).origin) return
    const isSession = pathname !== new URL(endpoint).pathname
    answers.push(`${response.request().method()} ${isSession ? 'session' : 'endpoint'} ${response.status()}`)
  })
  await page.goto(`http://127.0.0.1:${site.port}/`)
}, 120_000)

afterAll(async () => {
  watching.abort()
  await browser?.close()
  await site?.stop(true)
  await mimbar?.stop()
  folder.remove()
}, 30_000)

const encoder = () => view?.seats.find(({ role }) => role === 'speaker')
const isConnected = () => encoder()?.observed?.connection === 'connected'

/** As a listener has it now: the tone stands far above everything else. */
const isOnAir = async () => {
  const sound = await decodeAudio(`${mimbar.publicUrl}/live/${SPACE}/opus.ogg`, RATE_HZ, 1)
  const half = sound.subarray(-RATE_HZ / 2)
  const tone = toneAmplitude(half, TONE_HZ, RATE_HZ)
  return tone > 0.02 && tone > 20 * toneAmplitude(half, OTHER_HZ, RATE_HZ)
}

/** In the page. As text, because these tests are checked without the types of the package. */
const inPage = (script: string) => page.evaluate<string>(`(async () => { ${script} })()`)

/** Resolves with the session's address. A stage may be too busy for a moment; then it says so, and a client asks again. */
const publish = () =>
  until(
    'the client has published',
    () =>
      inPage(`
        const { WHIPClient } = await import('/whip.js')
        globalThis.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' })
        pc.addTransceiver(await globalThis.microphone, { direction: 'sendonly' })
        globalThis.client = new WHIPClient()
        try {
          await client.publish(pc, ${JSON.stringify(given.endpoint)}, ${JSON.stringify(given.token)})
          return client.resourceURL.href
        } catch (error) {
          pc.close()
          if (error.message.includes('503')) return ''
          throw error
        }
      `),
    WITHIN_MS,
  )

test('a foreign client on a foreign page publishes into a seat, and listeners hear it', async () => {
  const session = await publish()
  expect(session).toStartWith(`${given.endpoint}/`)
  await until('the stage has its connection', isConnected, WITHIN_MS)
  await until('the program carries its tone', isOnAir, WITHIN_MS)
  expect(answers).toContain('POST endpoint 201')
}, 90_000)

test('it is told with 405 that nothing restarts, and its sound goes on', async () => {
  const before = answers.length
  await inPage('await client.restart()')
  await until('it has asked', () => answers.slice(before).includes('PATCH session 405'), WITHIN_MS)
  const askedAtMs = Date.now()
  // By then a stage that gets no sound calls it absent, and what listeners get was said afterwards.
  const isLater = () => (view?.nowMs ?? 0) > askedAtMs + GONE_AFTER_MS
  await until('its sound goes on', () => isLater() && isConnected(), WITHIN_MS)
  await until('the browser agrees', async () => (await inPage('return pc.connectionState')) === 'connected')
  await until('the program still carries its tone', isOnAir, WITHIN_MS)
}, 60_000)

test('when it stops, the connection is freed at once and the seat is kept', async () => {
  const seat = encoder()?.id
  await inPage('await client.stop()')
  await until('the stage has let go of it', () => encoder()?.observed?.connection === 'absent', WITHIN_MS)
  expect(encoder()?.id).toBe(seat as NonNullable<typeof seat>)
  expect(answers.at(-1)).toBe('DELETE session 200')
  await until('the program is without its tone', async () => !(await isOnAir()), WITHIN_MS)
}, 60_000)

test('started again, it is in the same seat and heard again', async () => {
  const seat = encoder()?.id
  const session = await publish()
  expect(new URL(session).searchParams.get('seat')).toBe(seat as NonNullable<typeof seat>)
  await until('the stage has its connection', isConnected, WITHIN_MS)
  await until('the program carries its tone', isOnAir, WITHIN_MS)
  expect(view?.seats).toHaveLength(2)
  await inPage('await client.stop()')
  // What is answered with 405 or 503 a browser reports as a failed load; anything else would be a fault of ours.
  expect(complaints.filter((line) => !/status of (?:405|503)/.test(line))).toEqual([])
}, 90_000)

/** The other site: a page that opens the microphone, and the package's own module. */
function serveSite() {
  const whip = Bun.file(new URL(import.meta.resolve('whip-whep/whip.js')))
  // Cancelling echo and noise would take a steady tone for noise.
  const microphone = `{ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } }`
  const html = `<!doctype html><link rel="icon" href="data:,"><script>
    globalThis.microphone = navigator.mediaDevices.getUserMedia(${microphone}).then((stream) => stream.getTracks()[0])
  </script>`
  for (let attempt = 0; ; attempt++) {
    try {
      return Bun.serve({
        hostname: '127.0.0.1',
        port: randomPort(),
        fetch: (request) =>
          new URL(request.url).pathname === '/whip.js'
            ? new Response(whip, { headers: { 'content-type': 'text/javascript' } })
            : new Response(html, { headers: { 'content-type': 'text/html' } }),
      })
    } catch (error) {
      if (attempt === 20) throw error
    }
  }
}
