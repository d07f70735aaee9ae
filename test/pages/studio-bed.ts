// What the tests of the studio's pages stand on: control and two stages as they run, on the embedded engine in a
// temporary folder, and a real Chromium whose microphone plays a file of ours.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { SpaceId, StageId } from '../../src/base/ids.ts'
import type { Running } from '../../src/base/lifetime.ts'
import type { CreatedSpace } from '../../src/core/api/api.ts'
import { openEmbeddedEngine } from '../../src/engine/embedded/engine.ts'
import { bundlePages, readPages } from '../../src/pages.ts'
import { type ControlRole, startControlRole } from '../../src/roles/control/control-role.ts'
import { startStageRole } from '../../src/roles/stage/stage-role.ts'

/** A name that is neither localhost nor HTTPS, so that browsers call its pages insecure. */
export const INSECURE_HOST = 'studio.test'
/** What the fake microphone plays, over and over: half a second of tone, half a second of nothing. */
export const TONE_HZ = 440
const CHROMIUM = process.env.MIMBAR_CHROMIUM ?? '/usr/bin/chromium'

export interface StudioBed extends Running {
  readonly browser: Browser
  readonly url: string
  /** The first operator link. */
  readonly operatorLink: string
  createSpace(fields?: Record<string, unknown>): Promise<CreatedSpace>
  /** A page of its own browser context, as of another person; its errors fail the test at `stop`. */
  person(options?: { readonly width?: number }): Promise<Page>
  stopControl(): Promise<void>
  startControl(): Promise<void>
  /** Ends the stage that holds the space, as an orderly restart does. */
  stopStageOf(space: SpaceId): Promise<void>
}

export async function startStudioBed(): Promise<StudioBed> {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-studio-'))
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const url = `http://localhost:${port}`
  const errors: string[] = []
  await bundlePages(join(folder, 'pages'))
  const pages = await readPages(join(folder, 'pages'))
  await Bun.write(join(folder, 'tone.wav'), toneWav())
  const engine = await openEmbeddedEngine({ dataFolder: join(folder, 'engine') })
  const openControl = () =>
    startControlRole({
      engine,
      pages,
      host: '127.0.0.1',
      studioPort: port,
      socketPath: join(folder, 'control.sock'),
      databasePath: join(folder, 'control.db'),
      publicUrl: 'http://listen.example',
      studioUrl: url,
      runFolder: join(folder, 'run'),
    })
  let control: ControlRole = await openControl()
  const operatorLink = control.operatorLink as string
  const stages = new Map<string, Running>()
  for (const index of [0, 1]) {
    const id = `stage-${index}` as StageId
    const stage = await startStageRole({
      stageId: id,
      engine,
      socketPath: join(folder, `${id}.sock`),
      udpPort: port + 100 + index,
      bindAddress: '127.0.0.1',
    })
    stages.set(id, stage)
  }
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: browserFlags(folder) })

  return {
    browser,
    url,
    operatorLink,
    createSpace: async (fields = {}) => {
      const response = await fetch(`${url}/api/v1/spaces`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${operatorLink.split('=')[1]}`,
        },
        body: JSON.stringify({ title: 'Night radio', recorded: false, ...fields }),
      })
      if (response.status !== 201) throw new Error(`no space: ${await response.text()}`)
      return (await response.json()) as CreatedSpace
    },
    person: async ({ width = 1280 } = {}) => {
      const context = await browser.newContext({ viewport: { width, height: 800 } })
      context.on('page', (page) => {
        if (process.env.DEBUG_BED) page.on('response', async (r) => { if (r.status() >= 400) console.log(r.status(), r.url(), await r.text().catch(() => '')) })
        page.on('pageerror', (error) => errors.push(error.message))
        page.on('console', (message) => {
          if (message.text().includes('Content Security Policy')) errors.push(message.text())
        })
      })
      return await context.newPage()
    },
    stopControl: () => control.stop(),
    startControl: async () => {
      control = await openControl()
    },
    stopStageOf: async (space) => {
      const holder = await engine.lease.holder(space)
      if (holder === undefined) throw new Error('no stage holds the space')
      await stages.get(holder.holder)?.stop()
      stages.delete(holder.holder)
    },
    stop: async () => {
      await browser.close()
      await Promise.all([...stages.values()].map((stage) => stage.stop()))
      await control.stop()
      await engine.stop()
      rmSync(folder, { recursive: true, force: true })
      if (errors.length > 0) throw new Error(`pages reported errors:\n${errors.join('\n')}`)
    },
  }
}

/** Goes through the green room as a person would, and waits until the stage is heard. */
export async function joinStage(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link)
  await page.fill('#name', name)
  await page.click('#microphone-on')
  if (await page.locator('#consent').isVisible()) await page.check('#consent')
  await page.click('#join')
  await untilState(page, 'on-stage')
}

/** Waits for `<html data-state>`. */
export async function untilState(page: Page, state: string): Promise<void> {
  await page.waitForSelector(`html[data-state="${state}"]`, { timeout: 15_000 })
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

function browserFlags(folder: string): string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${join(folder, 'tone.wav')}`,
    '--autoplay-policy=no-user-gesture-required',
    '--allow-loopback-in-peer-connection',
    `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
}

/** One second of 16-bit mono PCM at 48 kHz in a RIFF file. */
function toneWav(): Uint8Array {
  const rate = 48_000
  const view = new DataView(new ArrayBuffer(44 + rate * 2))
  const text = (at: number, word: string) => {
    for (let i = 0; i < word.length; i++) view.setUint8(at + i, word.charCodeAt(i))
  }
  text(0, 'RIFF')
  view.setUint32(4, 36 + rate * 2, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, rate * 2, true)
  for (let i = 0; i < rate / 2; i++) {
    view.setInt16(44 + i * 2, 8_000 * Math.sin((2 * Math.PI * TONE_HZ * i) / rate), true)
  }
  return new Uint8Array(view.buffer)
}
