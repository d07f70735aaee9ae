// What the lock screen, the headphones and the car should believe, for every face that the page can have.

import type { PageState } from '../page-state.ts'

/**
 * `playing`: a press there pauses. That holds while the page is getting sound back by itself, too: otherwise one would
 * have to press twice to stop it. `paused`: a press there plays. `none`: there is nothing to control.
 */
export function systemStateOf(state: PageState, holdsSound: boolean): MediaSessionPlaybackState {
  switch (state) {
    case 'early':
    case 'lobby-in':
    case 'connecting':
    case 'live':
    case 'catching-up':
    case 'behind':
    case 'opening':
    case 'held':
    case 'slate':
    case 'reconnecting':
    case 'stalled':
    case 'lost':
    case 'busy':
    case 'replaying':
    case 'replay-loading':
      return 'playing'
    case 'paused':
    case 'refused':
    case 'replay-paused':
      return 'paused'
    // In the line one hears soft music, or nothing that could be paused.
    case 'waiting':
      return holdsSound ? 'playing' : 'none'
    default:
      return 'none'
  }
}
