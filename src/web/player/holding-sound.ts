// A soft sound for the waiting room, made in the page: the server has no room, so not a byte is asked of it. It plays
// through the one <audio> element, which so keeps its leave to play, and keeps the page awake behind a locked screen.

import { waitingMusic } from '../../core/slate/waiting-music.ts'
import { writeWav } from '../../media/pcm/wav.ts'
import { playElement } from './playback.ts'

/** Enough for soft low notes; half a minute is a megabyte of memory. */
const RATE_HZ = 16_000

/** Owns the element from `start` to `stop`. */
export class HoldingSound {
  readonly #audio: HTMLAudioElement
  #url: string | undefined

  constructor(audio: HTMLAudioElement) {
    this.#audio = audio
  }

  get isOn(): boolean {
    return this.#url !== undefined
  }

  async start(refused: () => void): Promise<void> {
    const wav = writeWav({ sampleRateHz: RATE_HZ, samples: waitingMusic(RATE_HZ) })
    this.#url = URL.createObjectURL(new Blob([wav as Uint8Array<ArrayBuffer>], { type: 'audio/wav' }))
    this.#audio.loop = true
    this.#audio.src = this.#url
    await playElement(this.#audio, refused)
  }

  /** Idempotent. What comes next on the element brings its own source. */
  stop(): void {
    if (this.#url === undefined) return
    this.#audio.loop = false
    URL.revokeObjectURL(this.#url)
    this.#url = undefined
  }
}
