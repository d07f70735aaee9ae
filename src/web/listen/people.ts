// Who is on stage: a niche each, with a ring while their voice is heard.

import type { SnapshotSeat } from '../../core/part/events.ts'
import { language } from '../parts/language.ts'
import type { messages } from './messages.en.ts'

type Words = typeof messages

/** Keeps `<ul>` as the seats are; elements stay with their seat, so that rings fade and nothing jumps. */
export class People {
  readonly #list: HTMLElement
  readonly #words: Words
  readonly #niches = new Map<string, HTMLElement>()

  constructor(list: HTMLElement, words: Words) {
    this.#list = list
    this.#words = words
  }

  show(seats: readonly SnapshotSeat[]): void {
    const ids = new Set<string>(seats.map(({ id }) => id))
    for (const [id, niche] of this.#niches) {
      if (ids.has(id)) continue
      niche.remove()
      this.#niches.delete(id)
    }
    seats.forEach((seat, index) => {
      this.#showSeat(seat, index)
    })
  }

  #showSeat(seat: SnapshotSeat, index: number): void {
    const niche = this.#niches.get(seat.id) ?? this.#add(seat.id)
    if (this.#list.children[index] !== niche)
      this.#list.insertBefore(niche, this.#list.children[index] ?? null)
    const classes = ['niche', ...(seat.speaking ? ['speaking'] : []), ...(seat.muted ? ['muted'] : [])].join(
      ' ',
    )
    if (niche.className !== classes) niche.className = classes
    const [arch, name, role] = niche.children
    setText(arch, initialsOf(seat.name))
    setText(name, seat.name)
    const words = this.#words
    setText(
      role,
      [seat.role === 'speaker' ? '' : words[seat.role], seat.muted ? words.muted : '']
        .filter(Boolean)
        .join(' · '),
    )
  }

  #add(id: string): HTMLElement {
    const niche = document.createElement('li')
    niche.dataset.seat = id
    for (const part of ['arch', 'name', 'role']) {
      const element = document.createElement('span')
      element.className = part
      if (part === 'arch') element.setAttribute('aria-hidden', 'true')
      niche.append(element)
    }
    this.#niches.set(id, niche)
    return niche
  }
}

/** First letters of the first and the last word; a letter may be more than one code unit. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  )
  return letters.join('').toLocaleUpperCase(language)
}

/** Sets text only where it differs: an unchanged node tells assistive technology nothing. */
export function setText(element: Element | undefined | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text
}
