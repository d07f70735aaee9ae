// What link cards cost control: `bun bench/link-cards.ts` (a few seconds).
//
// Cards are drawn as control draws them, in its worker, while a timer of this thread is watched: how late it comes is
// what people on stage would notice. The same is measured before, with nothing drawn, and with the drawing on this
// thread, which is what the worker is for.

import { fileURLToPath } from 'node:url'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import { drawLinkCard, type LinkCard } from '../src/core/card/link-card.ts'
import { systemClock } from '../src/host/system-clock.ts'
import { FontMetrics } from '../src/media/opentype/font-metrics.ts'
import { LinkCards } from '../src/roles/control/cards/link-cards.ts'
import { median } from './harness/figure.ts'

const CARDS = 20
const TICK_MS = 5
const FONTS = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf']

const cardOf = (n: number): LinkCard => ({
  title: `What the river says to those who live on its banks, part ${n}`,
  people: ['Ana Wijaya', 'Budi Santoso', 'Citra Lestari'],
  scheduledAtMs: Date.UTC(2026, 10, 23, 11),
  timeZone: 'Asia/Jakarta',
  host: 'radio.example.org',
})

const memoryBefore = process.memoryUsage.rss()
const idle = await watched(() => Bun.sleep(500))
const cards = new LinkCards({ clock: systemClock, log: console.error })
const first = await watched(() => cards.get(cardOf(0)))
const drawn: number[] = []
let bytes = 0
const inWorker = await watched(async () => {
  for (let n = 1; n <= CARDS; n++) {
    const startedAt = performance.now()
    bytes += (await cards.get(cardOf(n))).length
    drawn.push(performance.now() - startedAt)
    // The rest between two cards is not part of one.
    await Bun.sleep(550)
  }
})
const memoryWith = process.memoryUsage.rss()
cards.stop()
const onThisThread = await watched(drawHere)

const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`
console.log(`first card, the worker started for it   ${ms(first.tookMs)}`)
console.log(
  `each further card (median of ${CARDS})        ${ms(median(drawn))}, ${Math.round(bytes / CARDS / 1000)} KB`,
)
console.log(
  `memory while the worker is there        ${Math.round((memoryWith - memoryBefore) / 1e6)} MB more`,
)
console.log(
  'latest tick of this thread              nothing drawn   first card   further cards   drawn on this thread',
)
console.log(
  `                                        ${[idle, first, inWorker, onThisThread].map(({ latestMs }) => ms(latestMs).padEnd(15)).join('')}`,
)

interface Watched {
  readonly tookMs: number
  /** How much later than it should a timer of this thread came, at worst. */
  readonly latestMs: number
}

async function watched(work: () => Promise<unknown>): Promise<Watched> {
  let latestMs = 0
  let dueAt = performance.now() + TICK_MS
  const timer = setInterval(() => {
    const now = performance.now()
    latestMs = Math.max(latestMs, now - dueAt)
    dueAt = now + TICK_MS
  }, TICK_MS)
  const startedAt = performance.now()
  await work()
  const tookMs = performance.now() - startedAt
  await Bun.sleep(2 * TICK_MS)
  clearInterval(timer)
  return { tookMs, latestMs }
}

async function drawHere(): Promise<void> {
  const read = (name: string) => Bun.file(fileURLToPath(import.meta.resolve(name))).bytes()
  await initWasm(await read('@resvg/resvg-wasm/index_bg.wasm'))
  const fontBuffers = await Promise.all(FONTS.map((name) => read(`@expo-google-fonts/inter/${name}`)))
  const [regular, semiBold] = fontBuffers.map((font) => new FontMetrics(font)) as [FontMetrics, FontMetrics]
  for (let n = 0; n < 3; n++) {
    const svg = drawLinkCard(cardOf(n), { family: 'Inter', regular, semiBold })
    new Resvg(svg, { font: { fontBuffers, defaultFontFamily: 'Inter' } }).render().asPng()
    await Bun.sleep(0)
  }
}
