// The green room's sound check in a real Chromium, against a whole Mimbar: what was said into the microphone is what
// the page plays, by way of the stage.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { CreatedSpace } from '../../../src/core/api/api.ts'
import { writeWav } from '../../../src/media/pcm/wav.ts'
import { heardBy, listenTo, temporaryFolder } from '../../harness/browser.ts'
import { decimate, recognise } from '../../harness/recognise.ts'
import { until } from '../../harness/until.ts'
import { decodeAudio, RECOGNITION_RATE_HZ, twoVoices, type Voice } from '../../harness/voices.ts'
import { joinStage, type StudioBed, startStudioBed, untilState } from './studio-bed.ts'

setDefaultTimeout(180_000)
const RATE_HZ = 48_000
const SENTENCE_S = 3
/** Longer than a sentence takes to come back: nobody speaks over it. */
const PAUSE_S = 5
/** A busy machine loses packets, and the check says so, as it should: then it is made again. */
const PATIENCE_MS = 120_000

let bed: StudioBed
let voice: Voice
let links: CreatedSpace['links']
const folder = temporaryFolder()

beforeAll(async () => {
  const [first] = await twoVoices(folder.path)
  const said = await decodeAudio(first.wav, RATE_HZ, SENTENCE_S)
  const pcm = new Float32Array((SENTENCE_S + PAUSE_S) * RATE_HZ)
  pcm.set(said)
  voice = first
  bed = await startStudioBed({ microphone: writeWav({ sampleRateHz: RATE_HZ, samples: pcm }) })
  // Scheduled, and held by no stage: checks are for before.
  links = (await bed.mimbar.createSpace({ title: 'Night radio', recorded: false })).links
})
afterAll(async () => {
  await bed.stop()
  folder.remove()
})

/** `?raw`: the browser's processing would make a recording of a recording hard to recognise. */
const raw = (link: string) => link.replace('/stage#', '/stage?raw=1#')
const standingOf = (page: Page) => page.getAttribute('#sound-check', 'data-check')

async function openGreenRoom(page: Page, name: string): Promise<void> {
  await page.goto(raw(links.speaker))
  await untilState(page, 'green-room')
  await page.fill('#name', name)
  await page.click('#microphone-on')
}

/** False when it was refused: a stage that has just started, or is late, has no time for it. */
async function beginCheck(page: Page): Promise<boolean> {
  await page.click('#check-sound')
  await page.waitForSelector(
    '#sound-check:is([data-check="speak"], [data-check="recording"], [data-check="failed"])',
  )
  return (await standingOf(page)) !== 'failed'
}

/** Whether what the page plays from now to the end of the check is the sentence that its microphone was given. */
async function hearsItself(page: Page, name: string): Promise<boolean> {
  // A machine that is very busy may come to this when the check is over already, and there is nothing to tap.
  if (!(await page.evaluate<boolean>('document.getElementById("stage-sound").srcObject !== null')))
    return false
  await listenTo(page, '#stage-sound', name)
  await page.waitForSelector('#sound-check:is([data-check="judged"], [data-check="failed"])')
  const heard = decimate((await heardBy(page, name)).pcm, RATE_HZ / RECOGNITION_RATE_HZ)
  return recognise(heard, voice.pcm.slice(0, SENTENCE_S * RECOGNITION_RATE_HZ)).score > 10
}

/** Checks, again and again, until what was found is as `isWanted` says. */
async function checkUntil(page: Page, what: string, isWanted: (found: string) => boolean): Promise<void> {
  let found = ''
  await until(
    what,
    async () => {
      await page.click('#check-sound')
      await page.waitForSelector('#sound-check:is([data-check="judged"], [data-check="failed"])')
      found =
        (await page.getAttribute('#sound-check', 'data-found')) ?? (await page.innerText('#sound-check'))
      return (await standingOf(page)) === 'judged' && isWanted(found)
    },
    PATIENCE_MS,
  ).catch((cause) => {
    throw new Error(`found at last: ${found}`, { cause })
  })
}

test('a guest hears the own sentence come back, reads that it is fine, and the host sees that', async () => {
  const guest = await bed.person({ width: 390 })
  await openGreenRoom(guest, 'Budi')
  await until('the stage listens', () => beginCheck(guest), PATIENCE_MS)
  // Joining does not wait for it.
  expect(await guest.locator('#join').isDisabled()).toBe(false)
  let attempts = 0
  await until(
    'the own sentence is recognised in what the page plays',
    async () => {
      attempts += 1
      return (attempts === 1 || (await beginCheck(guest))) && (await hearsItself(guest, `check-${attempts}`))
    },
    PATIENCE_MS,
  )
  if ((await guest.getAttribute('#sound-check', 'data-found')) !== '')
    await checkUntil(guest, 'the sound is fine', (found) => found === '')

  await guest.click('#join')
  await untilState(guest, 'on-stage')
  const host = await bed.person()
  await joinStage(host, links.host, 'Ana')
  await host.waitForSelector('.person:has-text("Budi") [data-sound-check=""]')
  await guest.context().close()
  await host.context().close()
})

test('a microphone that picks up the loudspeaker is told to use headphones', async () => {
  const guest = await bed.person()
  await guest.addInitScript(throughTheRoom)
  await openGreenRoom(guest, 'Citra')
  await checkUntil(guest, 'the echo is found', (found) => found.split(' ').includes('echo'))
  expect(await guest.innerText('#sound-check')).toContain('Use headphones.')
  await guest.context().close()
})

test('a voice comes through the strong noise suppression, which a reload finds on again', async () => {
  const page = await bed.person()
  await page.goto(links.speaker)
  await untilState(page, 'green-room')
  await page.click('#microphone-on')
  await page.click('.processing > summary')
  await page.check('#strongSuppression')
  await page.waitForSelector('[data-strong-suppression=on]')
  await page.waitForSelector('#verdict[data-verdict=good]')
  await page.reload()
  await page.click('#microphone-on')
  await page.waitForSelector('[data-strong-suppression=on]', { state: 'attached' })
  await page.context().close()
})

/** Text because it runs in the page: what the page plays reaches its microphone 120 ms later and 10 dB quieter. */
const throughTheRoom = `{
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const context = new AudioContext()
    const room = context.createDelay(1)
    room.delayTime.value = 0.12
    const loss = context.createGain()
    loss.gain.value = 0.3
    const microphone = context.createMediaStreamDestination()
    context.createMediaStreamSource(await open(constraints)).connect(microphone)
    room.connect(loss).connect(microphone)
    let played = null
    setInterval(() => {
      const now = document.getElementById('stage-sound').srcObject
      if (now !== null && now !== played) context.createMediaStreamSource(now).connect(room)
      played = now
    }, 20)
    return microphone.stream
  }
}`
