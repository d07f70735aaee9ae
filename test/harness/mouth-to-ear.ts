// Mouth to ear as people have it: what a browser's microphone heard against what another browser played, on the one
// clock that all browsers of a machine share.

import type { Browser, Page } from 'playwright-core'
import { type Heard, TAP_SAMPLES, tapMicrophone } from './browser.ts'
import { decimate, type Recognition, recognise } from './recognise.ts'
import { RECOGNITION_RATE_HZ, type Voice } from './voices.ts'

/** A voice that is there scores 16 to 150 here, and one that is not 7 to 10: the best of a million chances. */
export const RECOGNISED = 12

/** Opens a stage link in a browser with a microphone, and takes the seat. What the microphone hears is tapped. */
export async function openStage(browser: Browser, link: string, name: string): Promise<Page> {
  const page = await browser.newPage()
  await tapMicrophone(page)
  // `raw`: without echo cancellation and its friends, which would bend what we recognise voices by.
  const [address, fragment] = link.split('#') as [string, string]
  await page.goto(`${address}?raw=1#${fragment}`)
  await page.click('#microphone-on')
  await page.waitForSelector('#verdict')
  await page.fill('#name', name)
  const consent = await page.$('#consent')
  if (consent !== null) await consent.check()
  await page.click('#join')
  await page.waitForSelector('html[data-state=on-stage]', { timeout: 45_000 })
  return page
}

/** How clearly `voice` stands out of what was heard. */
export function recogniseIn(heard: Heard, voice: Voice): Recognition {
  return recognise(decimate(heard.pcm, heard.sampleRate / RECOGNITION_RATE_HZ), voice.pcm)
}

/** Moments of this length are looked for one by one, ... */
const MOMENT_S = 2
/** ... of which one that is there scores 45 to 250, and one that is not 10 to 30: so little is found in many places. */
const MOMENT_RECOGNISED = 35
/** ... and belong together when their places in the voice differ by no more than the time between them, and this. */
const TOGETHER_S = 0.1

/**
 * True when two moments of `voice` are in what was heard, one after the other as in the voice itself. Of a voice that
 * is not there chance may find one, the more easily in pauses, but not two in their order.
 */
export function isHeard(heard: Heard, voice: Voice): boolean {
  const voiceS = voice.pcm.length / RECOGNITION_RATE_HZ
  const starts: number[] = []
  for (let from = 0; (from + MOMENT_S) * heard.sampleRate <= heard.pcm.length; from += MOMENT_S) {
    const pcm = heard.pcm.subarray(from * heard.sampleRate, (from + MOMENT_S) * heard.sampleRate)
    const { score, lag } = recogniseIn({ ...heard, pcm }, voice)
    if (score > MOMENT_RECOGNISED) starts.push(lag / RECOGNITION_RATE_HZ - from)
  }
  // The voice is played over and over: its end is next to its beginning.
  const apart = (a: number, b: number) =>
    Math.abs(((((a - b) % voiceS) + 1.5 * voiceS) % voiceS) - voiceS / 2)
  return starts.some((a, i) => starts.some((b, k) => k > i && apart(a, b) < TOGETHER_S))
}

/** One window begins each second. */
const WINDOW_S = 3
/** How much of what was said before a window is searched for it. */
const SEARCHED_S = 6

/**
 * For each window of what was heard: how much earlier it was said, in ms. Windows in which nothing was said or heard
 * clearly are left out. Sorted; throws when there is none.
 */
export function mouthToEarMs(said: Heard, heard: Heard): number[] {
  const latencies: number[] = []
  const seconds = Math.floor(heard.pcm.length / heard.sampleRate)
  for (let from = 0; from + WINDOW_S <= seconds; from += 1) {
    const window = cut(heard, from, from + WINDOW_S)
    const at = secondsAt(said, window.atMs)
    const mouth = cut(said, Math.max(0, at - SEARCHED_S), at + WINDOW_S)
    if (window.pcm.length === 0 || mouth.pcm.length < window.pcm.length) continue
    const { score, lag } = recognise(window.pcm, mouth.pcm)
    if (score < RECOGNISED) continue
    const latencyMs = window.atMs - (mouth.atMs + (lag / RECOGNITION_RATE_HZ) * 1_000)
    // Nothing is heard before it is said: that was another moment, which sounds alike.
    if (latencyMs > 0) latencies.push(latencyMs)
  }
  if (latencies.length === 0) throw new Error('no window of what was heard was recognised')
  return latencies.sort((a, b) => a - b)
}

interface Cut {
  readonly pcm: Float32Array
  /** When its first sample was heard. */
  readonly atMs: number
}

/** From `from` to `to`, in seconds of the recording, rounded down to what a tap takes at a time. */
function cut({ pcm, sampleRate, chunkAtMs }: Heard, from: number, to: number): Cut {
  const first = Math.floor((from * sampleRate) / TAP_SAMPLES)
  const last = Math.min(chunkAtMs.length, Math.floor((to * sampleRate) / TAP_SAMPLES))
  const chunkMs = (TAP_SAMPLES / sampleRate) * 1_000
  // A busy page hands chunks over late, never early: the earliest one tells the time for all.
  let atMs = Number.POSITIVE_INFINITY
  for (let i = first; i < last; i++) atMs = Math.min(atMs, (chunkAtMs[i] as number) - (i - first) * chunkMs)
  const samples = pcm.subarray(first * TAP_SAMPLES, last * TAP_SAMPLES)
  return { pcm: decimate(samples, sampleRate / RECOGNITION_RATE_HZ), atMs }
}

/** How far into the recording that moment is, in seconds. */
function secondsAt({ chunkAtMs, sampleRate }: Heard, atMs: number): number {
  const index = chunkAtMs.findIndex((at) => at >= atMs)
  return ((index < 0 ? chunkAtMs.length : index) * TAP_SAMPLES) / sampleRate
}
