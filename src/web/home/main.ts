// The home page: which spaces can be heard now, soon, and again.

import type { PublicSpace, SpaceList } from '../../core/api/api.ts'
import { settleLanguage } from '../parts/language-switch.ts'
import { spaceItem } from './space-item.ts'

/** What the edge writes into the page. */
interface HomePageData {
  readonly spaces: SpaceList
  readonly studioUrl: string
}

/** A list is to be read, not scrolled. */
const SHOWN_MAX = 20
/** So old may a list be that somebody looks at. */
const REFRESH_MS = 30_000
const REFRESH_WITHIN_MS = 8_000

await settleLanguage()

const data = dataIn(document)
document.getElementById('start')?.setAttribute('href', `${data?.studioUrl ?? ''}/operator`)
let shownAt = performance.now()
if (data !== undefined) show(data.spaces)
setInterval(() => void refresh(), REFRESH_MS)
document.addEventListener('visibilitychange', () => void refresh())

/** Puts a newer list into the page, where somebody looks at an old one. Without an answer what is there stays. */
async function refresh(): Promise<void> {
  if (document.hidden || performance.now() - shownAt < REFRESH_MS / 2) return
  shownAt = performance.now()
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(REFRESH_WITHIN_MS) })
    if (!response.ok) return
    // The page itself is its own list: it is small, and edges and caches have it ready.
    const spaces = dataIn(new DOMParser().parseFromString(await response.text(), 'text/html'))?.spaces
    if (spaces !== undefined) show(spaces)
  } catch {
    // Asked again at the next look.
  }
}

function dataIn(page: Document): HomePageData | undefined {
  const text = page.getElementById('mimbar-data')?.textContent
  return text ? (JSON.parse(text) as HomePageData) : undefined
}

function show({ live, upcoming, recent }: SpaceList): void {
  const replays = recent.filter(({ replay }) => replay)
  showList('live', live)
  showList('upcoming', upcoming)
  showList('recent', replays)
  const empty = document.getElementById('empty')
  if (empty) empty.hidden = live.length + upcoming.length + replays.length > 0
}

/** Nothing is touched while it says the same: whoever has the focus in it keeps it. */
function showList(id: string, spaces: readonly PublicSpace[]): void {
  const section = document.getElementById(id)
  const list = section?.querySelector('ul')
  if (!section || !list) return
  section.hidden = spaces.length === 0
  const items = spaces.slice(0, SHOWN_MAX).map(spaceItem)
  const isSame =
    items.length === list.children.length &&
    items.every((item, i) => item.isEqualNode(list.children[i] ?? null))
  if (!isSame) list.replaceChildren(...items)
}
