// Raising a hand, loaded when the button is first pressed (`hand-button.ts`): puts the hand, its panel and the stage
// inside the page together.

import type { FrameScreen } from '../../parts/stage-frame.ts'
import { HandCalls } from './hand-calls.ts'
import { HandMemory } from './hand-memory.ts'
import { HandPanel } from './hand-panel.ts'
import { InsideStage, stageAddress } from './inside-stage.ts'
import { handMessages as words } from './messages.en.ts'
import { type HandState, RaisedHandVisit } from './raised-hand.ts'

export interface HandsOptions {
  readonly space: string
  readonly title: string
  /** The studio door, without a trailing slash. */
  readonly studioUrl: string
  /** Under which the tab's storage has the hand. */
  readonly memoryKey: string
  readonly button: HTMLButtonElement
  readonly panel: HTMLElement
  /** The program's sound stops, and goes on at the live edge. */
  readonly stopListening: () => void
  readonly goOnListening: () => void
}

/** What the page needs of it. */
export interface MountedHands {
  /** The page's button was pressed. */
  press(): void
  /** A hand is up, or somebody is on stage with it. */
  readonly isUp: boolean
  /** A hand is up, or an answer is on show: the panel stays though hands are closed. */
  readonly isBusy: boolean
}

export function mountHands(options: HandsOptions): MountedHands {
  const { space, studioUrl, title, button, panel: place } = options
  const memory = new HandMemory(options.memoryKey)
  const pageTitle = document.title
  let stage: InsideStage | undefined

  const visit = new RaisedHandVisit({
    calls: new HandCalls(space),
    memory,
    changed: () => show(visit.state),
  })
  const panel = new HandPanel({
    place,
    button,
    words,
    memory,
    act: {
      raise: (name) => void visit.raise(name),
      askName: () => visit.askName(),
      cancel: () => visit.cancel(),
      lower: () => visit.lower(),
      enter,
      leaveSeat: () => visit.lower('left'),
    },
  })
  visit.resume()

  function show(state: HandState): void {
    panel.show(state)
    document.title = state.kind === 'accepted' ? words.titleUp(pageTitle) : pageTitle
  }

  function enter(): void {
    const hand = visit.remembered
    const isSeated = visit.state.kind === 'seated'
    if (hand === undefined || stage !== undefined) return
    const invitation = isSeated ? {} : { invitation: { token: hand.token, name: hand.name } }
    visit.enter()
    options.stopListening()
    stage = new InsideStage({
      space,
      studioUrl,
      title,
      words,
      ...invitation,
      onScreen: (screen) => see(screen, stageAddress({ space, studioUrl, ...invitation })),
      onBack: () => {
        closeStage()
        visit.lower()
        takeFocus()
      },
    })
  }

  function see(screen: FrameScreen, address: string): void {
    switch (screen) {
      case 'over':
        closeStage()
        visit.backFromStage('left')
        takeFocus()
        break
      case 'too-late':
        closeStage()
        visit.backFromStage('expired')
        takeFocus()
        break
      case 'cookies-blocked':
        closeStage()
        offerTab(address)
        takeFocus()
        break
      default:
        place.dataset.screen = screen
    }
  }

  function closeStage(): void {
    stage?.close()
    stage = undefined
    delete place.dataset.screen
    options.goOnListening()
  }

  /** The frame is gone, and the focus with it: it goes to the first of what can be pressed here now. */
  function takeFocus(): void {
    const here = [button, ...place.querySelectorAll<HTMLElement>('button, a')]
    const next = here.find((element) => element.checkVisibility()) ?? document.getElementById('play')
    next?.focus()
  }

  /** Where the stage cannot be inside the page, it is one press away. */
  function offerTab(address: string): void {
    visit.cancel()
    const note = document.createElement('p')
    note.textContent = words.inTab
    const link = document.createElement('a')
    link.className = 'button primary'
    link.href = address
    link.target = '_blank'
    link.rel = 'noopener'
    link.textContent = words.openTab
    link.addEventListener('click', () => {
      options.stopListening()
      memory.hand = undefined
      note.remove()
      link.remove()
    })
    place.append(note, link)
  }

  return {
    press: () => visit.askName(),
    get isUp() {
      return visit.state.kind !== 'down'
    },
    get isBusy() {
      return visit.state.kind !== 'down' || visit.state.why !== undefined
    },
  }
}
