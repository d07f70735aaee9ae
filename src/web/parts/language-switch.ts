// The languages at the foot of the page. They are links, so they work without a script; with one, the choice is kept
// in this browser and followed on every page of this door. It is not a cookie: pages stay cacheable, and media requests
// carry nothing.

import { language } from './language.ts'

const LANGUAGE_KEY = 'mimbar.language'

/**
 * Goes to the language that was chosen here before, unless the address asks for one; then it never resolves, since
 * another page is on its way. To be awaited before anything else is begun.
 */
export async function settleLanguage(): Promise<void> {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.languages a')]
  // Inside another page of ours, that page's language is the one.
  if (window.parent !== window) links[0]?.parentElement?.setAttribute('hidden', '')
  for (const link of links) {
    link.addEventListener('click', (event) => {
      event.preventDefault()
      remember(link.lang)
      location.replace(addressIn(link.lang))
    })
  }
  const chosen = recall()
  const isAsked = new URLSearchParams(location.search).has('lang')
  if (isAsked) stayIn(language)
  if (isAsked || chosen === language || !links.some(({ lang }) => lang === chosen)) return
  location.replace(addressIn(chosen as string))
  await new Promise<never>(() => {})
}

/** This page in another language. The fragment comes along: it may hold a link's secret that is not exchanged yet. */
function addressIn(tag: string): string {
  const url = new URL(location.href)
  url.searchParams.set('lang', tag)
  return url.href
}

/** The ways on to pages without a script carry the language along, since nothing there could remember it. */
function stayIn(tag: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href="/"], a[href^="/about/"]')) {
    link.search = `?lang=${tag}`
  }
}

function recall(): string | null {
  try {
    return localStorage.getItem(LANGUAGE_KEY)
  } catch {
    // Storage may be forbidden; then the browser's own languages count.
    return null
  }
}

function remember(tag: string): void {
  try {
    localStorage.setItem(LANGUAGE_KEY, tag)
  } catch {
    // As above: the address carries it for this page.
  }
}
