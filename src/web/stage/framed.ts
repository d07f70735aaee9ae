// The stage page inside the listening page of somebody who was called up: tells that page where it is, so that the
// frame can be closed when it is over. Only the listening page can frame this one (`frame-ancestors`); the greeting
// says by which of its names it was opened.

import { effect, type ReadonlySignal } from '@preact/signals'
import type { StagePageData } from '../../core/api/api.ts'
import { type FrameScreen, isGreeting, screenMessage } from '../parts/stage-frame.ts'

/** True when this page is shown inside another. */
export const isFramed = (): boolean => window.parent !== window

/** Tells the page around this one each `state`, from its greeting on. */
export function tellPageAround(data: Partial<StagePageData>, state: ReadonlySignal<string>): void {
  let origin: string | undefined
  const tell = (screen: FrameScreen) => {
    if (origin !== undefined) window.parent.postMessage(screenMessage(screen), origin)
  }
  window.addEventListener('message', (event) => {
    if (event.source !== window.parent || !isGreeting(event.data)) return
    if (data.framedBy?.includes(event.origin) !== true) return
    origin = event.origin
    tell(screenOf(data, state.value))
  })
  effect(() => tell(screenOf(data, state.value)))
}

function screenOf(data: Partial<StagePageData>, state: string): FrameScreen {
  if (data.cookiesBlocked === true) return 'cookies-blocked'
  switch (state) {
    case 'loading':
    case 'unreachable':
    case 'green-room':
    case 'joining':
    case 'returning':
    case 'on-stage':
    case 'reconnecting':
      return state
    case 'needs-link':
      return 'too-late'
    default:
      return 'over'
  }
}
