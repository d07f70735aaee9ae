// How the link of the new space will look in a message: the card by the code that draws it on the server, in the fonts
// of this device, and the words beside it.

import { drawable, type TextMeasure } from '../../../core/card/drawable-text.ts'
import { CARD_HEIGHT, CARD_WIDTH, drawLinkCard, linkCardOf } from '../../../core/card/link-card.ts'
import { inOneLine } from '../../../core/page/link-preview.ts'
import { words } from '../messages.en.ts'
import { cardFactsOf, type SpaceDraft } from './space-draft.ts'

/** The server has Inter; whoever has it here as well sees exactly what it will draw. */
const FAMILY = 'Inter, system-ui, sans-serif'
/** What Inter writes, near enough: a device's own fonts would write everything. */
const WRITTEN = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]/u
const PICTURE = /\p{Extended_Pictographic}/u

class CanvasMeasure implements TextMeasure {
  readonly #context = document.createElement('canvas').getContext('2d')
  readonly #weight: number

  constructor(weight: number) {
    this.#weight = weight
  }

  has(codePoint: number): boolean {
    const character = String.fromCodePoint(codePoint)
    return WRITTEN.test(character) && (codePoint < 0x80 || !PICTURE.test(character))
  }

  widthOf(text: string, size: number): number {
    if (this.#context === null) return 0
    this.#context.font = `${this.#weight} ${size}px ${FAMILY}`
    return this.#context.measureText(text).width
  }
}

const regular = new CanvasMeasure(400)
const semiBold = new CanvasMeasure(600)

/** `host`: what people read of the address of a link. */
export function CardPreview({ draft, host }: { readonly draft: SpaceDraft; readonly host: string }) {
  const text = words.make
  const { description } = draft
  const facts = cardFactsOf(draft)
  const card = linkCardOf({ ...facts, title: facts.title || text.name }, host)
  const svg = drawLinkCard(card, { family: FAMILY, regular, semiBold })
  return (
    <figure class="preview" id="preview">
      <figcaption>{text.preview}</figcaption>
      <div class="preview-card">
        <img
          src={`data:image/svg+xml,${encodeURIComponent(svg)}`}
          width={CARD_WIDTH}
          height={CARD_HEIGHT}
          alt={text.previewAlt}
        />
        <p class="preview-words">
          <span class="hint">{card.host}</span>
          <strong dir="auto">{card.title}</strong>
          {description.trim() !== '' && (
            <span class="hint" dir="auto">
              {inOneLine(description)}
            </span>
          )}
        </p>
      </div>
      {drawable(card.title, semiBold) === undefined && <p class="caution">{text.previewScript}</p>}
    </figure>
  )
}
