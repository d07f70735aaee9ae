// Draws link cards, in a thread of its own: loading the drawing library and filling three quarters of a million pixels
// take longer than control may be away from the people on stage. Ended by who started it.

import { fileURLToPath } from 'node:url'
import { initWasm, Resvg } from '@resvg/resvg-wasm'
import { type CardFonts, drawLinkCard } from '../../../core/card/link-card.ts'
import { FontMetrics } from '../../../media/opentype/font-metrics.ts'
import type { CardAnswer, CardOrder } from './card-order.ts'

/** As the font's own name table has it; both weights are of this family. */
const FAMILY = 'Inter'
const REGULAR = '@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'
const SEMI_BOLD = '@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'

interface Drawing {
  readonly fonts: CardFonts
  readonly fontBuffers: Uint8Array[]
}

declare const self: Worker

let preparing: Promise<Drawing> | undefined

self.onmessage = async ({ data }: MessageEvent<CardOrder>) => {
  let answer: CardAnswer
  try {
    preparing ??= prepare()
    answer = { kind: 'drawn', png: draw(data, await preparing) }
  } catch (error) {
    // Whatever it is, the one who asked must hear of it, and ends this worker then.
    answer = { kind: 'failed', reason: String(error) }
  }
  self.postMessage(answer)
}

async function prepare(): Promise<Drawing> {
  const [library, regular, semiBold] = await Promise.all(
    ['@resvg/resvg-wasm/index_bg.wasm', REGULAR, SEMI_BOLD].map((name) => readPackageFile(name)),
  )
  await initWasm(library as Uint8Array<ArrayBuffer>)
  return {
    fonts: {
      family: FAMILY,
      regular: new FontMetrics(regular as Uint8Array),
      semiBold: new FontMetrics(semiBold as Uint8Array),
    },
    fontBuffers: [regular as Uint8Array, semiBold as Uint8Array],
  }
}

function readPackageFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Bun.file(fileURLToPath(import.meta.resolve(name))).bytes()
}

function draw({ card }: CardOrder, { fonts, fontBuffers }: Drawing): Uint8Array<ArrayBuffer> {
  const picture = new Resvg(drawLinkCard(card, fonts), { font: { fontBuffers, defaultFontFamily: FAMILY } })
  try {
    const image = picture.render()
    try {
      return image.asPng() as Uint8Array<ArrayBuffer>
    } finally {
      image.free()
    }
  } finally {
    picture.free()
  }
}
