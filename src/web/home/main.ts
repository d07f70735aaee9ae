// The home page: which spaces can be heard now, soon, and again.

import type { PublicSpace, SpaceList } from '../../core/api/api.ts'
import { joinNames, region } from '../parts/language.ts'
import { settleLanguage } from '../parts/language-switch.ts'
import { words } from './messages.en.ts'

/** What the edge writes into the page. */
interface HomePageData {
  readonly spaces: SpaceList
  readonly studioUrl: string
  readonly nowMs: number
}

/** A list is to be read, not scrolled. */
const SHOWN_MAX = 20

await settleLanguage()

const data = JSON.parse(document.getElementById('mimbar-data')?.textContent ?? '') as HomePageData
const { live, upcoming, recent } = data.spaces
const replays = recent.filter(({ replay }) => replay)

document.getElementById('start')?.setAttribute('href', `${data.studioUrl}/operator`)
show('live', live, (space) => pill('live', words.listening(space.listeners)))
show('upcoming', upcoming, (space) =>
  small(space.scheduledAtMs === undefined ? words.soon : when(space.scheduledAtMs)),
)
show('recent', replays, (space) => small(space.endedAtMs === undefined ? '' : when(space.endedAtMs)))
const empty = document.getElementById('empty')
if (empty) empty.hidden = live.length + upcoming.length + replays.length > 0

function show(id: string, spaces: readonly PublicSpace[], note: (space: PublicSpace) => HTMLElement): void {
  const section = document.getElementById(id)
  const list = section?.querySelector('ul')
  if (!section || !list) return
  section.hidden = spaces.length === 0
  list.replaceChildren(...spaces.slice(0, SHOWN_MAX).map((space) => item(space, note(space))))
}

function item(space: PublicSpace, note: HTMLElement): HTMLElement {
  const li = document.createElement('li')
  const link = document.createElement('a')
  link.href = `/s/${space.id}`
  const title = document.createElement('strong')
  // A direction of its own, in a list that keeps its side.
  const text = document.createElement('bdi')
  text.textContent = space.title
  if (space.language !== undefined) text.lang = space.language
  title.append(text)
  link.append(title, note)
  // Once it is over, who had been expected is not what one hears.
  if (space.people !== undefined && space.phase !== 'ended') link.append(small(joinNames(space.people)))
  li.append(link)
  return li
}

function pill(kind: string, text: string): HTMLElement {
  const element = document.createElement('span')
  element.className = `pill ${kind}`
  element.textContent = text
  return element
}

function small(text: string): HTMLElement {
  const element = document.createElement('small')
  element.textContent = text
  return element
}

function when(atMs: number): string {
  const fields: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  }
  return new Intl.DateTimeFormat(region, fields).format(atMs)
}
