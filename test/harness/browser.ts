// Real Chromium with a real microphone made of a WAV file, and ears: what a page plays, as PCM.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  // Three pages share two cores here, and none of them is in front.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
]

/** A browser of its own; `microphoneWav` is what its microphone hears, from the start, over and over. */
export async function startBrowser(
  microphoneWav?: string,
  moreFlags: readonly string[] = [],
): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [...browserFlags(microphoneWav), ...moreFlags],
  })
}

/** What Chromium is started with. */
export function browserFlags(microphoneWav?: string): readonly string[] {
  if (microphoneWav === undefined) return FLAGS
  return [
    ...FLAGS,
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${microphoneWav}`,
  ]
}

/** What was heard: mono PCM, and when, on the clock that all pages here share. */
export interface Heard {
  readonly sampleRate: number
  readonly pcm: Float32Array
  /**
   * When each {@link TAP_SAMPLES} samples were heard. Counting samples from the first would not do: a page that
   * is starved of processor time loses sound, and everything after it would seem to be heard too early.
   */
  readonly chunkAtMs: readonly number[]
}

/** How many samples a tap is given at a time. */
export const TAP_SAMPLES = 1_024

interface Tap {
  chunks: Float32Array[]
  chunkAtMs: number[]
  sampleRate: number
}

/** From now on keeps what the media element `selector` of the page plays; see {@link heardBy}. */
export async function listenTo(page: Page, selector: string, name: string): Promise<void> {
  await page.evaluate(
    ([where, key]) => {
      const element = document.querySelector(where as string) as HTMLAudioElement & {
        captureStream(): MediaStream
      }
      const source = element.srcObject instanceof MediaStream ? element.srcObject : element.captureStream()
      const context = new AudioContext({ sampleRate: 48_000 })
      const tap: Tap = { chunks: [], chunkAtMs: [], sampleRate: context.sampleRate }
      const node = context.createScriptProcessor(1024, 1, 1)
      node.onaudioprocess = (event) => {
        tap.chunkAtMs.push(performance.timeOrigin + performance.now())
        tap.chunks.push(event.inputBuffer.getChannelData(0).slice())
      }
      context.createMediaStreamSource(source).connect(node)
      node.connect(context.destination)
      ;(globalThis as unknown as Record<string, unknown>)[`tap-${key}`] = { tap, node, context }
    },
    [selector, name] as const,
  )
}

/** What was heard since {@link listenTo}; listening goes on. */
export async function heardBy(page: Page, name: string): Promise<Heard> {
  const raw = await page.evaluate((key) => {
    const { tap } = (globalThis as unknown as Record<string, { tap: Tap }>)[`tap-${key}`] as { tap: Tap }
    // 16 bits and base64: minutes of sound as JSON numbers would take longer to bring over than to hear.
    const bytes = tap.chunks.map((chunk) => {
      const pcm = Int16Array.from(chunk, (value) => Math.max(-1, Math.min(1, value)) * 32_767)
      return String.fromCharCode(...new Uint8Array(pcm.buffer))
    })
    return {
      base64: btoa(bytes.join('')),
      chunkAtMs: tap.chunkAtMs.slice(0, tap.chunks.length),
      sampleRate: tap.sampleRate,
    }
  }, name)
  const bytes = Buffer.from(raw.base64, 'base64')
  const pcm = new Float32Array(bytes.length / 2)
  for (let i = 0; i < pcm.length; i++) pcm[i] = bytes.readInt16LE(2 * i) / 32_767
  return { sampleRate: raw.sampleRate, pcm, chunkAtMs: raw.chunkAtMs }
}

/** Before a page loads: lets the test hear its microphone too (name `microphone`), just as the page gets it. */
export async function tapMicrophone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints)
      const context = new AudioContext({ sampleRate: 48_000 })
      const tap: Tap = { chunks: [], chunkAtMs: [], sampleRate: context.sampleRate }
      const node = context.createScriptProcessor(1024, 1, 1)
      node.onaudioprocess = (event) => {
        tap.chunkAtMs.push(performance.timeOrigin + performance.now())
        tap.chunks.push(event.inputBuffer.getChannelData(0).slice())
      }
      context.createMediaStreamSource(stream).connect(node)
      node.connect(context.destination)
      ;(globalThis as unknown as Record<string, unknown>)['tap-microphone'] = { tap, node, context }
      return stream
    }
  })
}

/** A folder that goes with the test. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'mimbar-sound-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
