// Looks at a page as it stands: takes its picture at the width of a phone and of a desk, light and dark, and checks what
// must be true of every state that a page can have. Nothing is reloaded: the window is made narrow and wide.

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Pictures are put here, one folder a page; not committed. */
export const PICTURES = resolve(import.meta.dir, '../../test-artefacts/states')
const PHONE = { width: 390, height: 844 }
const DESK = { width: 1280, height: 800 }
/** A desk and a phone at 200 % zoom have so many CSS pixels; 320 is also what WCAG 1.4.10 asks for. */
const ZOOMED = [
  { width: 640, height: 400 },
  { width: 320, height: 568 },
]
/** The order in which neither width nor scheme changes more often than it must. */
const FACES = [
  { size: PHONE, colorScheme: 'light' },
  { size: PHONE, colorScheme: 'dark' },
  { size: DESK, colorScheme: 'dark' },
  { size: DESK, colorScheme: 'light' },
] as const
/** axe takes its time: each width once, each scheme once. */
const READ_BY_AXE: ReadonlySet<(typeof FACES)[number]> = new Set([FACES[0], FACES[2]])

export interface Looks {
  /** What is to be found fault with, in words; empty when nothing is. `name`: of the picture, such as `listen/live`. */
  look(page: Page, name: string): Promise<void>
  /** Every name that was looked at, in order. */
  readonly names: readonly string[]
  /** Everything that was found, by name. */
  readonly faults: readonly string[]
}

/** Looks at many pages, and keeps what it finds: one fault does not hide the next. */
export function startLooking(): Looks {
  const names: string[] = []
  const faults: string[] = []
  return {
    names,
    faults,
    look: async (page, name) => {
      names.push(name)
      for (const fault of await faultsOf(page, name)) faults.push(`${name}: ${fault}`)
    },
  }
}

async function faultsOf(page: Page, name: string): Promise<readonly string[]> {
  const faults = new Set<string>()
  const add = (found: readonly string[]) => {
    for (const fault of found) faults.add(fault)
  }
  mkdirSync(join(PICTURES, name, '..'), { recursive: true })
  // Every picture first: some states are over in a moment.
  for (const face of FACES) {
    const { size, colorScheme } = face
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({
      path: join(PICTURES, `${name}-${size.width}-${colorScheme}.png`),
      fullPage: true,
    })
    if (READ_BY_AXE.has(face)) add(await axeFaults(page))
    add(await page.evaluate<string[]>(`(${LAYOUT_FAULTS})(${size.width === PHONE.width})`))
  }
  add(await page.evaluate<string[]>(MOVING))
  for (const size of ZOOMED) {
    await page.setViewportSize(size)
    add(await page.evaluate<string[]>(`(${LAYOUT_FAULTS})(false)`))
  }
  await page.screenshot({ path: join(PICTURES, `${name}-320-light.png`), fullPage: true })
  await page.setViewportSize(PHONE)
  return [...faults]
}

async function axeFaults(page: Page): Promise<readonly string[]> {
  // Not `addScriptTag`: the policy of our pages allows no script but their own.
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  )
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target} ${html}`))
}

/** Text, because it runs in the page. What is on its way somewhere although the reader wants nothing to move. */
const MOVING = `document.getAnimations()
  .filter(({ playState }) => playState === 'running')
  .map(({ effect, animationName, transitionProperty }) =>
    'moves: ' + (animationName ?? transitionProperty) + ' of ' + (effect?.target?.id || effect?.target?.className))`

/** What is too wide, cut off, or (where fingers are) too small to be pressed. */
const LAYOUT_FAULTS = `(isTouched) => {
  const faults = []
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide > 0) faults.push(wide + ' px too wide at ' + innerWidth)
  const named = (element) => element.localName + (element.id ? '#' + element.id : '.' + element.className)
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  // For those who hear the page only; or a picture of what is said elsewhere.
  const isAside = (element) => element.closest('.visually-hidden, [aria-hidden=true], noscript, svg') !== null
  // What lies outside of a box that clips or scrolls is looked for there.
  const isWithin = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== 'visible') return true
    }
    return false
  }
  for (const element of document.body.querySelectorAll('*')) {
    if (!isSeen(element) || isAside(element)) continue
    const style = getComputedStyle(element)
    const { left, right, width, height } = element.getBoundingClientRect()
    if (width === 0 || height === 0) continue
    if ((right > innerWidth + 1 || left < -1) && !isWithin(element)) {
      faults.push(named(element) + ' reaches out of the page at ' + innerWidth)
    }
    const isField = ['input', 'select', 'textarea'].includes(element.localName)
    const isClamped = style.webkitLineClamp !== 'none'
    const clips = (overflow) => ['hidden', 'clip'].includes(overflow)
    if (isField || isClamped) continue
    if (clips(style.overflowX) && element.scrollWidth > element.clientWidth + 1) {
      faults.push(named(element) + ' is cut off at ' + innerWidth)
    }
    if (clips(style.overflowY) && element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 0) {
      faults.push(named(element) + ' is cut off below at ' + innerWidth)
    }
  }
  if (!isTouched) return faults
  const pressed = 'a[href], button, input, select, textarea, summary, [role=button]'
  for (const element of document.body.querySelectorAll(pressed)) {
    if (!isSeen(element) || isAside(element) || element.type === 'hidden') continue
    // A link in a sentence is as high as its line (WCAG 2.5.8); a box is pressed by its words, too.
    const isInSentence = element.localName === 'a' && getComputedStyle(element).display === 'inline'
    if (isInSentence) continue
    const area = ['checkbox', 'radio'].includes(element.type) ? (element.closest('label') ?? element) : element
    const { width, height } = area.getBoundingClientRect()
    if (width < 43.5 || height < 43.5) {
      faults.push(named(element) + ' is ' + Math.round(width) + ' × ' + Math.round(height) + ' px, too small to press')
    }
  }
  return faults
}`
