// The one button for a raised hand. Everything behind it is loaded when it is first pressed, or when this tab had a
// hand up before it was reloaded: most listeners never need it.

import type { HandsOptions, MountedHands } from './hands/main.ts'
import { LaterModule } from './later-module.ts'

/** Where the script is; put in by the bundler (`src/pages.ts`). */
declare const MIMBAR_HANDS_PATH: string

export interface HandButtonOptions extends Omit<HandsOptions, 'memoryKey' | 'button' | 'panel'> {
  readonly section: HTMLElement
  readonly words: { readonly raise: string; readonly raiseFailed: string }
}

export class HandButton {
  readonly #options: HandButtonOptions
  readonly #button: HTMLButtonElement
  readonly #face: HTMLElement
  readonly #memoryKey: string
  #mounted: MountedHands | undefined
  readonly #script = new LaterModule<typeof import('./hands/main.ts')>(MIMBAR_HANDS_PATH)

  constructor(options: HandButtonOptions) {
    this.#options = options
    const { section, words } = options
    this.#button = section.querySelector('button') as HTMLButtonElement
    this.#face = this.#button.lastElementChild as HTMLElement
    this.#face.textContent = words.raise
    this.#memoryKey = `mimbar-hand:${options.space}`
    this.#button.addEventListener('click', () => void this.#press())
    if (hasHand(this.#memoryKey)) void this.#load()
  }

  /** Called often: shows the button while hands are open, and whatever goes on behind it, until the space is over. */
  show(isOpen: boolean, isOver: boolean): void {
    const { section } = this.#options
    const isNeeded = isOver ? this.#mounted?.isUp : this.#mounted?.isBusy
    const hidden = !isOpen && isNeeded !== true
    if (section.hidden !== hidden) section.hidden = hidden
  }

  async #press(): Promise<void> {
    await this.#load()
    this.#mounted?.press()
  }

  async #load(): Promise<void> {
    if (this.#mounted !== undefined) return
    const { section, words } = this.#options
    try {
      const { mountHands } = await this.#script.load()
      this.#mounted ??= mountHands({
        ...this.#options,
        memoryKey: this.#memoryKey,
        button: this.#button,
        panel: section.lastElementChild as HTMLElement,
      })
    } catch {
      this.#face.textContent = words.raiseFailed
    }
  }
}

function hasHand(key: string): boolean {
  try {
    return sessionStorage.getItem(key) !== null
  } catch {
    return false
  }
}
