// The lock screen, the headphones' buttons, the car: they show what is playing and who is on stage, and may pause it.
// Live, there is nowhere to seek: whoever presses play there again is back at the live edge. The replay can be sought.

import { joinNames, language } from '../../parts/language.ts'
import type { Listening } from '../listening.ts'
import { systemStateOf } from './system-state.ts'

/** Names beyond these would not be read on a lock screen. */
const NAMES_MAX = 4
/** Where the system does not say how far a jump goes. */
const JUMP_SECONDS = 15

export interface MediaSessionOptions {
  readonly title: string
  readonly audio: HTMLAudioElement
  readonly listening: Listening
  readonly act: MediaSessionActions
}

export interface MediaSessionActions {
  /** Live, at the live edge. */
  readonly play: () => void
  readonly pause: () => void
  /** Lets go of the stream; a replay is paused. */
  readonly stop: () => void
  /** Within the replay. */
  readonly jump: (seconds: number) => void
}

/** Keeps what the system shows as the page is. */
export class SystemControls {
  readonly #options: MediaSessionOptions
  #artwork: string | undefined
  #shown = ''
  #mode: 'live' | 'replay' | undefined

  constructor(options: MediaSessionOptions) {
    this.#options = options
    // iOS: this page is for listening, and sounds with the switch on silent.
    const audioSession = (navigator as { audioSession?: { type: string } }).audioSession
    if (audioSession) audioSession.type = 'playback'
    for (const event of ['durationchange', 'seeked', 'ratechange', 'play', 'pause']) {
      options.audio.addEventListener(event, () => this.#showPosition())
    }
  }

  /** The page has changed; what the system knows already it is not told again. */
  show(): void {
    const { listening } = this.#options
    const session: MediaSession | undefined = navigator.mediaSession
    if (session === undefined) return
    const state = systemStateOf(listening.state, listening.holdsSound)
    if (session.playbackState !== state) session.playbackState = state
    if (this.#mode !== listening.mode) this.#offerActions()
    this.#showMetadata(session)
  }

  /** A picture to go with it, as an address. */
  setArtwork(address: string): void {
    this.#artwork = address
    this.#shown = ''
    this.show()
  }

  #showMetadata(session: MediaSession): void {
    const { title, listening } = this.#options
    const names = listening.program.seats.map(({ name }) => name)
    const artist = names.length === 0 ? location.host : joinNames(names.slice(0, NAMES_MAX), language)
    const shown = `${artist} ${this.#artwork ?? ''}`
    if (shown === this.#shown) return
    this.#shown = shown
    const artwork =
      this.#artwork === undefined ? [] : [{ src: this.#artwork, sizes: '512x512', type: 'image/png' }]
    session.metadata = new MediaMetadata({ title, artist, album: 'Mimbar', artwork })
  }

  #offerActions(): void {
    const { act, audio, listening } = this.#options
    this.#mode = listening.mode
    const isReplay = this.#mode === 'replay'
    on('play', act.play)
    on('pause', act.pause)
    on('stop', act.stop)
    on('seekbackward', isReplay && (({ seekOffset }) => act.jump(-(seekOffset ?? JUMP_SECONDS))))
    on('seekforward', isReplay && (({ seekOffset }) => act.jump(seekOffset ?? JUMP_SECONDS)))
    on('seekto', isReplay && (({ seekTime }) => act.jump((seekTime ?? 0) - audio.currentTime)))
    this.#showPosition()
  }

  /** The system moves on by itself: it is told only where something jumps. */
  #showPosition(): void {
    const { audio, listening } = this.#options
    const { duration, currentTime, playbackRate } = audio
    const isKnown = listening.mode === 'replay' && Number.isFinite(duration) && duration > 0
    try {
      if (!isKnown) navigator.mediaSession?.setPositionState?.()
      else {
        const position = Math.min(duration, currentTime)
        navigator.mediaSession?.setPositionState?.({ duration, position, playbackRate })
      }
    } catch {
      // A browser that finds the numbers wanting shows none.
    }
  }
}

function on(action: MediaSessionAction, handler: MediaSessionActionHandler | false): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler || null)
  } catch {
    // A browser that does not know the action throws; its button is just not there.
  }
}
