// Reactions on the page: five buttons, and what everybody pressed, floating up when it is heard. However many there
// were, a few float; where the system asks for less motion, a number stands beside the button instead.

import { parseRetryAfter } from '../../../core/door/waiting-answers.ts'
import { REACTION_KINDS, type ReactionCounts, type ReactionKind } from '../../../core/reaction/reactions.ts'
import { setText } from '../people.ts'
import type { besideMessages } from './messages.en.ts'
import { drawReaction } from './reaction-icons.ts'
import { ReactionSender, type ReactionsSent } from './reaction-sender.ts'

/** In the air at once; more are not drawn. */
const FLOATING_MAX = 24
/** Of each kind, for one part of the program. */
const FLOATS_PER_PART_MAX = 5
/** Edges tell the stage twice a second: what comes in one part was pressed within that long. */
const SPREAD_MS = 500
const FLOAT_MS = 2_600
/** The number beside a button is of this long. */
const COUNTED_MS = 4_000
const ANSWER_WITHIN_MS = 5_000

export interface ReactionBarOptions {
  /** `/live/:space/reactions` */
  readonly url: string
  readonly buttons: HTMLElement
  readonly sky: HTMLElement
  readonly words: typeof besideMessages
  readonly ticket: () => string | undefined
}

export class ReactionBar {
  readonly #options: ReactionBarOptions
  readonly #numbers = new Map<ReactionKind, HTMLElement>()
  readonly #counted = new Map<ReactionKind, number>()
  readonly #lessMotion = matchMedia('(prefers-reduced-motion: reduce)')
  readonly #sender: ReactionSender
  #floating = 0

  constructor(options: ReactionBarOptions) {
    this.#options = options
    const { buttons, words } = options
    this.#sender = new ReactionSender({
      send: (counts) => this.#send(counts),
      now: () => performance.now(),
      random: Math.random,
      later: (work, ms) => void setTimeout(work, ms),
    })
    buttons.setAttribute('role', 'group')
    buttons.setAttribute('aria-label', words.react)
    buttons.replaceChildren(...REACTION_KINDS.map((kind) => this.#button(kind)))
  }

  /** Whether one may react now: to what is live. */
  open(isOpen: boolean): void {
    for (const button of this.#options.buttons.children) {
      if (button instanceof HTMLButtonElement && button.disabled === isOpen) button.disabled = !isOpen
    }
  }

  /** What was pressed, in the part that is heard now. */
  show(counts: ReactionCounts): void {
    for (const kind of REACTION_KINDS) {
      const count = counts[kind] ?? 0
      if (count <= 0) continue
      if (this.#lessMotion.matches) this.#count(kind, count)
      else for (let n = Math.min(count, FLOATS_PER_PART_MAX); n > 0; n--) this.#float(kind)
    }
  }

  #button(kind: ReactionKind): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'quiet'
    button.dataset.reaction = kind
    button.setAttribute('aria-label', this.#options.words.reactions[kind])
    button.title = this.#options.words.reactions[kind]
    const number = document.createElement('span')
    number.setAttribute('aria-hidden', 'true')
    this.#numbers.set(kind, number)
    button.append(drawReaction(kind), number)
    button.addEventListener('click', () => {
      const isSent = this.#sender.press(kind)
      // The press is felt at once; what everybody sees comes with the sound.
      if (isSent && !this.#lessMotion.matches) pop(button.firstElementChild as Element)
    })
    return button
  }

  #count(kind: ReactionKind, more: number): void {
    this.#say(kind, more)
    setTimeout(() => this.#say(kind, -more), COUNTED_MS)
  }

  #say(kind: ReactionKind, more: number): void {
    const count = (this.#counted.get(kind) ?? 0) + more
    this.#counted.set(kind, count)
    setText(this.#numbers.get(kind), count > 0 ? this.#options.words.counted(count) : '')
  }

  #float(kind: ReactionKind): void {
    const { sky } = this.#options
    if (this.#floating >= FLOATING_MAX || document.hidden) return
    this.#floating += 1
    const drawing = drawReaction(kind)
    sky.append(drawing)
    const across = 8 + 84 * Math.random()
    const sway = 16 * (Math.random() - 0.5)
    drawing.style.insetInlineStart = `${across}%`
    const flight = drawing.animate(
      [
        { transform: 'translate(0, 0) scale(0.6)', opacity: 0 },
        { transform: `translate(${sway}px, -2rem) scale(1)`, opacity: 1, offset: 0.15 },
        { transform: `translate(${-sway}px, -9rem) scale(1)`, opacity: 0 },
      ],
      { duration: FLOAT_MS * (0.85 + 0.3 * Math.random()), delay: SPREAD_MS * Math.random(), fill: 'both' },
    )
    flight.onfinish = () => {
      this.#floating -= 1
      drawing.remove()
    }
  }

  async #send(counts: ReactionCounts): Promise<ReactionsSent> {
    const { url, ticket } = this.#options
    try {
      const answer = await fetch(`${url}?${new URLSearchParams({ ticket: ticket() ?? '' })}`, {
        method: 'POST',
        body: JSON.stringify(counts),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      })
      if (answer.ok) return { kind: 'taken' }
      return { kind: 'refused', retryAfterMs: parseRetryAfter(answer.headers.get('retry-after')) ?? 0 }
    } catch {
      // Without a connection there is nobody to show it to.
      return { kind: 'refused', retryAfterMs: 0 }
    }
  }
}

function pop(drawing: Element): void {
  drawing.animate([{ transform: 'scale(1)' }, { transform: 'scale(1.35)' }, { transform: 'scale(1)' }], {
    duration: 240,
    easing: 'ease-out',
  })
}
