// The audience in numbers, for who wants to know: a quiet table at the foot of the page.

import type { ProgramView } from '../player/program-view.ts'
import type { messages } from './messages.en.ts'
import { setText } from './people.ts'

type Words = typeof messages
type Row = keyof Words['audienceRows']

/** A table that touches only what changed. Nobody's failures are left out, and no row says zero for long. */
export class AudienceNumbers {
  readonly #root: HTMLElement
  readonly #words: Words
  readonly #cells = new Map<Row, HTMLElement>()

  constructor(root: HTMLElement, words: Words) {
    this.#root = root
    this.#words = words
    setText(root.querySelector('summary'), words.audience)
    setText(root.querySelector('a'), words.howWeCount)
    for (const row of Object.keys(words.audienceRows) as Row[]) {
      const term = document.createElement('dt')
      const value = document.createElement('dd')
      term.textContent = words.audienceRows[row]
      root.querySelector('dl')?.append(term, value)
      this.#cells.set(row, value)
    }
  }

  /** `isOn`: there is a number of this moment. */
  show({ listeners, audience }: ProgramView, isOn: boolean): void {
    this.#root.hidden = !isOn && audience === undefined
    for (const [row, cell] of this.#cells) {
      const value = row === 'listeners' ? (isOn ? listeners : undefined) : audience?.[row]
      const isShown = value !== undefined && (value > 0 || row === 'listeners')
      cell.hidden = !isShown
      ;(cell.previousElementSibling as HTMLElement).hidden = !isShown
      if (isShown) setText(cell, this.#words.number(value))
    }
  }
}
