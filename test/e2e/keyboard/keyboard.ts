// A person with nothing but a keyboard. Reaches things by Tab, presses keys, types; and looks each time at what such a
// person depends on: the focus is somewhere, on screen and not behind something, ringed, and has a name.

import type { Frame, Page } from 'playwright-core'
import { until } from '../../harness/until.ts'

/** The pages have fewer stops than this, so whoever presses more often goes round in circles. */
const TABS_MAX = 80
const PATIENCE_MS = 30_000
/** Pages scroll what gets the focus into view, some of them smoothly. */
const SETTLED_WITHIN_MS = 5_000

type Key = 'Tab' | 'Shift+Tab' | 'Space' | 'Enter' | 'Escape' | `Arrow${'Up' | 'Down' | 'Left' | 'Right'}`

/** What has the focus; the element of a frame inside the page, if the focus is there. */
interface Focused {
  readonly path: string
  readonly isNowhere: boolean
  /** An element of the page, and not a part that the browser has put into one. */
  readonly isOurs: boolean
  /** What a person would not see of it, or not be told; empty when all is well. */
  readonly faults: readonly string[]
}

/** As text, because it runs in the page. `matches` tells whether the selector's element has the focus. */
const FOCUSED = `(() => {
  const element = document.activeElement
  const isNowhere = element === null || element === document.body || element === document.documentElement
  if (isNowhere) return { path: 'nothing', isNowhere, isOurs: false, faults: [] }
  const path = element.localName + (element.id ? '#' + element.id : '') +
    (element.id ? '' : ' “' + (element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40) + '”')
  // The button of a date's field is the browser's own, with a ring and a name of its own.
  if (!element.matches(':focus')) return { path: path + ', its button', isNowhere, isOurs: false, faults: [] }
  const faults = []
  const { left, top, right, bottom } = [...element.getClientRects()][0] ?? element.getBoundingClientRect()
  const [x, y] = [(left + right) / 2, (top + bottom) / 2]
  for (const [where, at] of Object.entries({
    middle: [x, y], start: [left + 5, y], end: [right - 5, y], head: [x, top + 5], foot: [x, bottom - 5],
  })) {
    const seen = document.elementFromPoint(at[0], at[1])
    if (seen === null) faults.push('its ' + where + ' is off the screen')
    else if (!element.contains(seen) && !seen.contains(element)) {
      faults.push('its ' + where + ' is behind ' + seen.localName + '.' + seen.className)
    }
  }
  const style = getComputedStyle(element)
  const hasRing = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && style.outlineColor !== 'transparent'
  if (!hasRing) faults.push('it has no ring')
  return { path, isNowhere, isOurs: true, faults }
})()`

export class Keyboard {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  /**
   * Presses Tab, or Shift+Tab to go back, until `selector` has the focus. Every stop on the way has to be seen, ringed
   * and named; throws with the way it took when it does not get there.
   */
  async tabTo(selector: string, backwards = false): Promise<void> {
    const way: string[] = []
    for (let tabs = 0; tabs <= TABS_MAX; tabs++) {
      const frame = await this.#focusedFrame()
      const isThere = await frame
        .locator(selector)
        .evaluateAll((elements) =>
          elements.some((element) => element === element.ownerDocument.activeElement),
        )
      if (isThere) return
      if (tabs > 0 || way.length === 0) way.push((await this.#focused()).path)
      await this.#page.keyboard.press(backwards ? 'Shift+Tab' : 'Tab')
      await this.#expectStopIsWell()
    }
    throw new Error(`Tab does not lead to ${selector}, but to ${way.join(' → ')}`)
  }

  /** Presses a key where the focus is. */
  async press(key: Key): Promise<void> {
    await this.#page.keyboard.press(key)
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text)
  }

  /** Goes to `selector`, and presses `key` there. */
  async use(selector: string, key: Key = 'Enter'): Promise<void> {
    await this.tabTo(selector)
    await this.press(key)
  }

  /** After something that changed the page: the focus is still somewhere, and not lost to the whole page. */
  async expectFocusKept(after: string): Promise<void> {
    // What a person presses next comes later than the page's own answer to what was pressed before.
    await until(
      `the focus is somewhere after ${after}`,
      async () => !(await this.#focused()).isNowhere,
      PATIENCE_MS,
    )
  }

  async #expectStopIsWell(): Promise<void> {
    const deadline = performance.now() + SETTLED_WITHIN_MS
    for (;;) {
      const focused = await this.#focused()
      // Beyond the last stop is the browser's own frame; the next Tab comes in again.
      if (!focused.isOurs) return
      const faults = [...focused.faults, ...(await this.#nameFaults())]
      if (faults.length === 0) return
      if (performance.now() > deadline)
        throw new Error(`The focus is on ${focused.path}, but ${faults.join(', ')}.`)
      await Bun.sleep(50)
    }
  }

  async #nameFaults(): Promise<readonly string[]> {
    const frame = await this.#focusedFrame()
    const seen = await frame.locator(':focus').ariaSnapshot({ timeout: SETTLED_WITHIN_MS })
    const [first = ''] = seen.split('\n')
    // `- button "Mute"`; a summary has no role of its own, and is its text.
    return /^- (text: .|'?[a-z]+ ["/])/.test(first) ? [] : [`it has no name: ${first}`]
  }

  async #focused(): Promise<Focused> {
    const frame = await this.#focusedFrame()
    return await frame.evaluate<Focused>(FOCUSED)
  }

  /** The page itself, or the frame in it that has the focus. */
  async #focusedFrame(): Promise<Frame> {
    const main = this.#page.mainFrame()
    const isInside = await main.evaluate<boolean>("document.activeElement?.localName === 'iframe'")
    return isInside ? (main.childFrames()[0] ?? main) : main
  }
}
