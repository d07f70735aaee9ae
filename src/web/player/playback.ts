// What a page can ask of whatever is playing, and what it is told. Three ways of playing share it: the pushed
// stream, the browser's own HLS, and hls.js.

import type { Outlook } from '../../core/door/outlook.ts'
import type { PartEvent } from '../../core/part/events.ts'

/**
 * - `connecting`: asked for, nothing to play yet.
 * - `not-yet`: the space has no stream yet; it begins by itself.
 * - `playing`: sound comes out, as near to live as it should be.
 * - `catching-up`: sound comes out, a little fast.
 * - `stalled`: nothing left to play; more is expected any moment.
 * - `lost`: the connection is gone and being made again, and nothing is left to play.
 * - `busy`: the server is there and cannot serve us now; it is asked again.
 * - `waiting`: in the waiting room, until it is our turn.
 * - `paused`: by the listener, or by the system.
 * - `refused`: the browser wants a tap first.
 * - `over`: the program, or the replay, was played to its end.
 * - `failed`: this way of playing does not work here.
 */
export type PlaybackState =
  | 'connecting'
  | 'not-yet'
  | 'playing'
  | 'catching-up'
  | 'stalled'
  | 'lost'
  | 'busy'
  | 'waiting'
  | 'paused'
  | 'refused'
  | 'over'
  | 'failed'

export interface PlaybackStatus {
  readonly state: PlaybackState
  /** From the stage's clock to the ear, where it can be told. */
  readonly latencyMs?: number
  /** How much further back than intended, in ms; 0 at the live edge. */
  readonly behindMs: number
  readonly reconnects: number
  readonly stalls: number
  /** True while the low-bitrate sound comes: the listener saves data, or the server spares its line. */
  readonly isLow?: boolean
  /** How one stands in the line, while `waiting`. */
  readonly outlook?: Outlook
  /** While `waiting`: the browser will want a tap before it plays. */
  readonly needsTap?: boolean
}

export interface PlaybackListener {
  changed(status: PlaybackStatus): void
  /** What happens in what is heard now. */
  events(events: readonly PartEvent[]): void
}

export interface Playback {
  /** Begins, or goes on after a pause. Call it from a tap: the first one gives the element its leave to play. */
  play(): void
  pause(): void
  /** To the live edge; nothing for a replay. */
  backToLive(): void
  /** While waiting in line: a soft sound, or none. Call it from a tap. */
  holdSound?(on: boolean): void
  /** Lets go of the element. Idempotent. */
  stop(): void
}

/** Starts the element; tells `refused` when the browser wants a tap. */
export async function playElement(audio: HTMLAudioElement, refused: () => void): Promise<void> {
  try {
    await audio.play()
  } catch (error) {
    // `AbortError` is our own doing (a new source, a pause); only the autoplay policy needs the listener.
    if (error instanceof DOMException && error.name === 'NotAllowedError') refused()
  }
}
