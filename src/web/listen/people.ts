// Who is on stage: a niche each, with a ring while their voice is heard.

import type { SnapshotSeat } from '../../core/part/events.ts'
import { language } from '../parts/language.ts'
import type { messages } from './messages.en.ts'

type Words = typeof messages

/** Somebody on stage, or expected there. */
export type Guest = Omit<SnapshotSeat, 'id'> & { readonly id: string; readonly expected?: boolean }

/** Those on stage, and of the announced who is not there by that name. */
export function withExpected(seats: readonly Guest[], announced: readonly string[]): readonly Guest[] {
  const here = new Set(seats.map(({ name }) => name.toLowerCase()))
  const missing = announced.filter((name) => !here.has(name.toLowerCase()))
  return [
    ...seats,
    ...missing.map((name) => ({
      id: `expected:${name}`,
      name,
      role: 'speaker' as const,
      muted: false,
      speaking: false,
      expected: true,
    })),
  ]
}

/** Keeps `<ul>` as the seats are; elements stay with their seat, so that rings fade and nothing jumps. */
export class People {
  readonly #list: HTMLElement
  readonly #words: Words
  readonly #niches = new Map<string, HTMLElement>()

  constructor(list: HTMLElement, words: Words) {
    this.#list = list
    this.#words = words
  }

  show(seats: readonly Guest[]): void {
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

  #showSeat(seat: Guest, index: number): void {
    const niche = this.#niches.get(seat.id) ?? this.#add(seat.id)
    if (this.#list.children[index] !== niche)
      this.#list.insertBefore(niche, this.#list.children[index] ?? null)
    const { speaking, muted, expected } = seat
    const state = { speaking, muted, expected }
    const classes = ['niche', ...Object.entries(state).flatMap(([name, is]) => (is ? [name] : []))].join(' ')
    if (niche.className !== classes) niche.className = classes
    const [arch, name, role] = niche.children
    setText(arch, initialsOf(seat.name))
    setText(name, seat.name)
    const words = this.#words
    setText(
      role,
      [
        seat.role === 'speaker' ? '' : words[seat.role],
        seat.muted ? words.muted : '',
        seat.expected ? words.expected : '',
      ]
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
