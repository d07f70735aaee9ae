// The stage inside the listening page: the studio door's own page in a frame that may use the microphone, over
// everything else. The program's sound stops meanwhile: one would hear oneself a second late.

import { language } from '../../parts/language.ts'
import { type FrameScreen, GREETING, INSIDE_QUERY, readScreen } from '../../parts/stage-frame.ts'
import type { handMessages } from './messages.en.ts'

export interface InsideStageOptions {
  readonly space: string
  readonly studioUrl: string
  readonly title: string
  /** What opens the seat; absent when it is taken already. */
  readonly invitation?: { readonly token: string; readonly name: string }
  readonly words: typeof handMessages
  /** The page in the frame tells where it is. */
  readonly onScreen: (screen: FrameScreen) => void
  /** The listener wants back before being on stage. */
  readonly onBack: () => void
}

/** While on stage, its own dock is the way out; a stray press up here is not. */
const IN_EARNEST: readonly FrameScreen[] = ['on-stage', 'reconnecting']

/** The address of the stage page, with the invitation where no server and no log sees it. */
export function stageAddress(
  options: Pick<InsideStageOptions, 'space' | 'studioUrl' | 'invitation'>,
  query = '',
): string {
  const address = `${options.studioUrl}/s/${options.space}/stage${query}`
  if (options.invitation === undefined) return address
  const { token, name } = options.invitation
  return `${address}#${new URLSearchParams({ hand: token, name })}`
}

/** Shown from construction to {@link close}. */
export class InsideStage {
  readonly #options: InsideStageOptions
  readonly #box = document.createElement('div')
  readonly #frame = document.createElement('iframe')
  readonly #status = document.createElement('p')
  readonly #back = document.createElement('button')
  readonly #origin: string
  readonly #listening = new AbortController()

  constructor(options: InsideStageOptions) {
    this.#options = options
    const { words, title } = options
    this.#origin = new URL(options.studioUrl).origin
    this.#box.id = 'inside'
    this.#box.setAttribute('role', 'dialog')
    this.#box.setAttribute('aria-modal', 'true')
    this.#box.setAttribute('aria-label', `${words.inside}: ${title}`)
    const bar = document.createElement('div')
    bar.className = 'inside-bar'
    this.#status.setAttribute('role', 'status')
    this.#back.type = 'button'
    this.#back.id = 'inside-back'
    this.#back.textContent = words.back
    this.#back.addEventListener('click', () => options.onBack())
    bar.append(this.#status, this.#back)
    this.#frame.title = words.inside
    this.#frame.allow = 'microphone; autoplay; screen-wake-lock; clipboard-write'
    this.#frame.src = stageAddress(options, `${INSIDE_QUERY}&lang=${language}`)
    this.#frame.addEventListener('load', () => {
      this.#frame.contentWindow?.postMessage(GREETING, this.#origin)
    })
    const { signal } = this.#listening
    window.addEventListener('message', (event) => this.#hear(event), { signal })
    this.#box.append(bar, this.#frame)
    setBackground(true)
    document.body.append(this.#box)
    this.#frame.focus()
  }

  /** Closes the frame, and its microphone with it. Idempotent. */
  close(): void {
    this.#listening.abort()
    this.#box.remove()
    setBackground(false)
  }

  #hear(event: MessageEvent): void {
    if (event.source !== this.#frame.contentWindow || event.origin !== this.#origin) return
    const screen = readScreen(event.data)
    if (screen === undefined) return
    const isOn = IN_EARNEST.includes(screen)
    this.#back.hidden = isOn
    this.#status.textContent = isOn ? this.#options.words.onStage : ''
    this.#options.onScreen(screen)
  }
}

/** What lies behind the stage cannot be reached meanwhile. */
function setBackground(isBehind: boolean): void {
  for (const child of document.body.children) {
    if (child.id !== 'inside') child.toggleAttribute('inert', isBehind)
  }
  document.documentElement.toggleAttribute('data-inside', isBehind)
}
