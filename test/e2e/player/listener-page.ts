// A listener in real Chromium: opens the page, taps, and hears what the <audio> element plays.

import { type Browser, chromium, type Page } from 'playwright-core'
import { toneHz } from './tones.ts'

/** As measured to be needed for media in headless Chromium. */
const FLAGS = [
  '--autoplay-policy=no-user-gesture-required',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.MIMBAR_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
}

/** What the page says of its sound. */
export interface Sound {
  readonly page: string
  readonly state: string
  readonly latencyMs: number
  readonly reconnects: number
  readonly stalls: number
  readonly behindMs: number
  readonly playhead: number
  readonly rate: number
}

// Scripts for the page are text: the tests' own types know no DOM.
const SOUND = `(() => {
  const audio = document.getElementById('sound')
  const { state, latencyMs, reconnects, stalls, behindMs } = audio.dataset
  return {
    page: document.documentElement.dataset.state,
    state,
    latencyMs: Number(latencyMs || NaN),
    reconnects: Number(reconnects),
    stalls: Number(stalls),
    behindMs: Number(behindMs),
    playhead: audio.currentTime,
    rate: audio.playbackRate,
  }
})()`

export function soundOf(page: Page): Promise<Sound> {
  return page.evaluate<Sound>(SOUND)
}

/** Resolves once the page's sound is as wanted; fails with what it was instead. */
export async function untilSound(
  page: Page,
  what: string,
  wanted: (sound: Sound) => boolean,
  withinMs = 8_000,
): Promise<Sound> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const sound = await soundOf(page)
    if (wanted(sound)) return sound
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}. ${JSON.stringify(sound)}`)
    await Bun.sleep(50)
  }
}

/** What was heard at one moment: the strongest frequency, its level, and where the playhead stood. */
export interface Heard {
  readonly hz: number
  readonly db: number
  readonly playhead: number
}

/**
 * Listens for `forMs` to a copy of what the element plays (`captureStream`), 20 times a second. The element itself
 * stays out of WebAudio.
 */
export function hear(page: Page, forMs: number): Promise<readonly Heard[]> {
  return page.evaluate<readonly Heard[]>(`(async () => {
    const audio = document.getElementById('sound')
    const context = new AudioContext({ sampleRate: 48000 })
    const analyser = context.createAnalyser()
    analyser.fftSize = 8192
    analyser.smoothingTimeConstant = 0
    context.createMediaStreamSource(audio.captureStream()).connect(analyser)
    const bins = new Float32Array(analyser.frequencyBinCount)
    const heard = []
    const end = performance.now() + ${forMs}
    while (performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      analyser.getFloatFrequencyData(bins)
      let best = 0
      for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i
      heard.push({ hz: (best * 48000) / analyser.fftSize, db: bins[best], playhead: audio.currentTime })
    }
    await context.close()
    return heard
  })()`)
}

/** FFT bins of the ear are 5.9 Hz wide; tones are 60 Hz apart. */
const NEAR_HZ = 12
/** A tone fills the ear's window only this long after it began. */
const EAR_SECONDS = 0.2
/** The first of what is heard is the ear waking up. */
const WAKING = 6
const CLEAR_MIN = 10

/**
 * How much of what was heard, away from the seconds' borders, was the right tone for the playhead: 0…1. `firstSecond`
 * is the media time at which the element's own time begins. Throws when too little was clear to tell.
 */
export function rightShare(heard: readonly Heard[], firstSecond = 0): number {
  const timed = heard.slice(WAKING).map(({ hz, playhead }) => ({ hz, second: firstSecond + playhead }))
  const clear = timed.filter(({ second }) => second % 1 > EAR_SECONDS)
  if (clear.length < CLEAR_MIN) throw new Error(`Only ${clear.length} clear moments of ${heard.length}.`)
  return clear.filter(({ hz, second }) => Math.abs(hz - toneHz(second)) < NEAR_HZ).length / clear.length
}
