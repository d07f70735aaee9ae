// A space in a list of the home page: what it is called, who is expected, and one word about now or then.

import type { PublicSpace } from '../../core/api/api.ts'
import { joinNames, region } from '../parts/language.ts'
import { words } from './messages.en.ts'

/** The whole line leads to the space. */
export function spaceItem(space: PublicSpace): HTMLElement {
  const link = document.createElement('a')
  link.href = `/s/${space.id}`
  link.className = space.phase
  link.append(titleOf(space), noteOf(space))
  // Once it is over, who had been expected is not what one hears.
  if (space.people !== undefined && space.phase !== 'ended') {
    link.append(textIn('small', joinNames(space.people), 'people'))
  }
  const li = document.createElement('li')
  li.append(link)
  return li
}

function titleOf(space: PublicSpace): HTMLElement {
  const title = document.createElement('strong')
  // A direction of its own, in a list that keeps its side.
  const text = textIn('bdi', space.title)
  if (space.language !== undefined) text.lang = space.language
  title.append(text)
  return title
}

function noteOf({ phase, listeners, scheduledAtMs, endedAtMs }: PublicSpace): HTMLElement {
  switch (phase) {
    case 'live':
      return textIn('span', words.listening(listeners), 'pill live')
    case 'ended':
      return textIn('small', endedAtMs === undefined ? '' : momentIn(endedAtMs))
    case 'lobby':
    case 'scheduled':
      return textIn('small', scheduledAtMs === undefined ? words.soon : momentIn(scheduledAtMs))
  }
}

function textIn(tag: 'small' | 'span' | 'bdi', text: string, className = ''): HTMLElement {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  return element
}

function momentIn(atMs: number): string {
  return new Intl.DateTimeFormat(region, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  }).format(atMs)
}
