// How a hand looks: a few words, and what can be pressed, below the player. Built anew only when its kind changes, so
// that nobody's focus is lost to a number.

import type { HandMemory } from './hand-memory.ts'
import type { handMessages } from './messages.en.ts'
import type { HandState } from './raised-hand.ts'

const NAME_LENGTH_MAX = 40

export interface HandPanelOptions {
  /** Where it is shown; empty until then. */
  readonly place: HTMLElement
  /** The page's own button, which opens the panel. */
  readonly button: HTMLButtonElement
  readonly words: typeof handMessages
  readonly memory: HandMemory
  readonly act: {
    raise(name: string): void
    askName(): void
    cancel(): void
    lower(): void
    enter(): void
    leaveSeat(): void
  }
}

export class HandPanel {
  readonly #options: HandPanelOptions
  readonly #status = document.createElement('p')
  readonly #body = document.createElement('div')
  #shown = ''

  constructor(options: HandPanelOptions) {
    this.#options = options
    this.#status.className = 'hand-status'
    this.#body.className = 'hand-body'
    this.#status.setAttribute('role', 'status')
    options.place.append(this.#status, this.#body)
  }

  show(state: HandState): void {
    const { button, place, words } = this.#options
    // Asked first: what is hidden has no focus any more.
    const hadFocus = place.contains(document.activeElement) || document.activeElement === button
    place.dataset.hand = state.kind
    const text = this.#statusOf(state)
    if (this.#status.textContent !== text) this.#status.textContent = text
    this.#status.hidden = text === ''
    button.hidden = state.kind !== 'down'
    const label = state.kind === 'down' && state.why !== undefined ? words.again : words.raise
    const face = button.querySelector('span')
    if (face !== null && face.textContent !== label) face.textContent = label
    const isNew = this.#shown !== state.kind
    if (!isNew) return
    this.#shown = state.kind
    this.#body.replaceChildren(...this.#bodyOf(state))
    if (!hadFocus) return
    const next = this.#body.querySelector<HTMLElement>('input, button')
    if (next !== null) next.focus()
    else if (!button.hidden) button.focus()
  }

  #statusOf(state: HandState): string {
    const { words } = this.#options
    switch (state.kind) {
      case 'down':
        if (state.why === undefined) return ''
        return typeof state.why === 'string' ? words.down[state.why] : words.down.refused(state.why.refused)
      case 'raising':
        return words.raising
      case 'raised':
        if (state.lost) return words.lost
        return state.place === undefined ? words.up : `${words.up} ${words.place(state.place)}`
      case 'accepted':
        return words.accepted
      case 'seated':
        return words.seated
      default:
        return ''
    }
  }

  #bodyOf(state: HandState): readonly HTMLElement[] {
    const { words, act } = this.#options
    switch (state.kind) {
      case 'naming':
        return [this.#form()]
      case 'raised':
        return [hint(words.upHint), row(press('lower-hand', words.lower, () => act.lower()))]
      case 'accepted':
        return [
          hint(words.acceptedHint),
          row(
            press('go-on-stage', words.go, () => act.enter(), 'primary big'),
            press('not-now', words.notNow, () => act.lower(), 'quiet'),
          ),
        ]
      case 'seated':
        return [
          row(
            press('go-on-stage', words.goBack, () => act.enter(), 'primary big'),
            press('leave-seat', words.leave, () => act.leaveSeat(), 'quiet'),
          ),
        ]
      default:
        return []
    }
  }

  #form(): HTMLElement {
    const { words, memory, act } = this.#options
    const form = document.createElement('form')
    const label = document.createElement('label')
    const input = document.createElement('input')
    input.id = 'hand-name'
    input.required = true
    input.maxLength = NAME_LENGTH_MAX
    input.setAttribute('autocomplete', 'nickname')
    input.value = memory.name
    const text = document.createElement('span')
    text.textContent = words.name
    label.append(text, input)
    const raise = press('hand-up', words.raise, () => {}, 'primary')
    raise.type = 'submit'
    form.append(
      label,
      row(
        raise,
        press('hand-cancel', words.cancel, () => act.cancel(), 'quiet'),
      ),
    )
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const name = input.value.trim()
      if (name !== '') act.raise(name)
    })
    return form
  }
}

function press(id: string, text: string, onPress: () => void, style = ''): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.id = id
  button.className = style
  button.textContent = text
  button.addEventListener('click', onPress)
  return button
}

function row(...children: readonly HTMLElement[]): HTMLElement {
  const element = document.createElement('div')
  element.className = 'hand-row'
  element.append(...children)
  return element
}

function hint(text: string): HTMLElement {
  const element = document.createElement('p')
  element.className = 'soft'
  element.textContent = text
  return element
}
