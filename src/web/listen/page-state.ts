// Which of its faces the page shows: one pure decision from what is known, so that no two parts of the page can
// disagree. The face is written to `<html data-state>`; styles and tests go by it.

import type { SpacePhase } from '../../core/space/facts.ts'
import type { PlaybackState } from '../player/playback.ts'

export type PageState =
  | 'scheduled' // not tapped yet, and too early
  | 'early' // tapped, and too early
  | 'waiting' // in the waiting room: there is no room yet
  | 'lobby' // open, not tapped
  | 'lobby-in' // open, and listening to the slate
  | 'ready' // live, not tapped
  | 'connecting'
  | 'live'
  | 'catching-up'
  | 'behind' // later than live, on the listener's own wish
  | 'opening' // begun a moment ago, and nobody has spoken
  | 'held' // everyone is off air for a moment, by the host's wish
  | 'slate' // nobody is on stage
  | 'reconnecting' // who is on stage has lost the connection, a moment ago
  | 'stalled'
  | 'lost'
  | 'busy'
  | 'paused'
  | 'refused'
  | 'ended'
  | 'withheld' // over, recorded, and not to be heard
  | 'ended-replay' // over, and not tapped again
  | 'replaying'
  | 'replay-loading'
  | 'replay-paused'
  | 'replay-over'
  | 'unsupported'
  | 'failed'
  | 'removed' // taken down while the page was open

export interface PageFacts {
  readonly phase: SpacePhase
  readonly slate: boolean
  readonly held?: boolean
  /** Somebody has a place on air, there or not, and is waited for. */
  readonly hasSpeakers?: boolean
  readonly recorded: boolean
  /** It was recorded, and there is nothing to be heard of it. */
  readonly withheld?: boolean
  /** There is no such space any more. */
  readonly removed?: boolean
  readonly canPlay: boolean
  /** `live` also before it; `replay` once the program is over and was recorded. */
  readonly mode: 'live' | 'replay'
  /** Absent before the first tap. */
  readonly playback?: PlaybackState
  /** How much later than live, in ms. */
  readonly behindMs: number
  /** What is heard lies this long after the program's start; absent before it. */
  readonly sinceStartMs?: number
}

/** Later than live by this much is worth a button. */
export const BEHIND_SHOWN_MS = 2_000
/** For this long after the start nobody's speaking is no news. */
const OPENING_MS = 60_000

export function pageState(facts: PageFacts): PageState {
  const { phase, playback, mode } = facts
  if (facts.removed === true) return 'removed'
  if (mode === 'replay') return facts.canPlay ? replayState(playback) : 'unsupported'
  if (playback === 'over' || (phase === 'ended' && playback === undefined)) {
    if (facts.withheld === true) return 'withheld'
    return facts.recorded ? 'ended-replay' : 'ended'
  }
  if (!facts.canPlay) return 'unsupported'
  if (playback === undefined) return phase === 'live' ? 'ready' : phase === 'lobby' ? 'lobby' : 'scheduled'
  return playingState(facts, playback)
}

const STOPPED: readonly PlaybackState[] = ['paused', 'refused', 'over', 'failed', 'lost', 'busy', 'waiting']

function playingState(facts: PageFacts, playback: PlaybackState): PageState {
  // An edge keeps the stream of a space that has not begun open, with nothing in it yet.
  if (facts.phase === 'scheduled' && !STOPPED.includes(playback)) return 'early'
  switch (playback) {
    case 'not-yet':
      return 'connecting'
    case 'playing':
    case 'catching-up':
      if (facts.phase === 'lobby') return 'lobby-in'
      if (facts.behindMs >= BEHIND_SHOWN_MS && playback === 'playing') return 'behind'
      if (facts.slate && facts.held === true) return 'held'
      if (facts.slate && (facts.sinceStartMs ?? OPENING_MS) < OPENING_MS) return 'opening'
      if (facts.slate) return facts.hasSpeakers === true ? 'reconnecting' : 'slate'
      return playback === 'playing' ? 'live' : 'catching-up'
    case 'over':
      return 'ended'
    default:
      return playback
  }
}

function replayState(playback: PlaybackState | undefined): PageState {
  switch (playback) {
    case undefined:
      return 'ended-replay'
    case 'playing':
    case 'catching-up':
      return 'replaying'
    case 'paused':
      return 'replay-paused'
    case 'over':
      return 'replay-over'
    case 'refused':
    case 'failed':
    case 'lost':
    case 'busy':
      return playback
    default:
      return 'replay-loading'
  }
}

/** What the big button would do. */
export function buttonOf(
  state: PageState,
  needsTap = false,
): 'listen' | 'pause' | 'replay' | 'again' | 'none' {
  switch (state) {
    case 'scheduled':
    case 'lobby':
    case 'ready':
    case 'paused':
    case 'refused':
    case 'replay-paused':
      return 'listen'
    case 'ended-replay':
    case 'replay-over':
      return 'replay'
    case 'failed':
      return 'again'
    case 'waiting':
      return needsTap ? 'listen' : 'none'
    case 'ended':
    case 'withheld':
    case 'removed':
    case 'unsupported':
      return 'none'
    default:
      return 'pause'
  }
}
