// Both sounds while the sentence comes back: what the page plays and what the microphone picks up, as levels. The
// samples are looked at and dropped.

import { OVERHEAR_EVERY_MS, type Overheard } from '../../../core/sound-check/echo.ts'
import { measure } from '../microphone/microphone-verdict.ts'

/** Ten seconds; a sentence is shorter. Later moments are left out. */
const MOMENTS_MAX = 10_000 / OVERHEAR_EVERY_MS
/** One look sees the newest 21 ms at 48 kHz: as long as the way to the next look. */
const WINDOW_SAMPLES = 1_024

/** Between `start` and `stop`. */
export class Overhearing {
  readonly moments: Overheard[] = []
  readonly #context = new AudioContext()
  #timer: ReturnType<typeof setInterval> | undefined

  /** `played` must be attached to a media element too, or Chromium gives no samples of it. */
  start(played: MediaStream, picked: MediaStream): void {
    if (this.#timer !== undefined) return
    const look = [played, picked].map((stream) => this.#lookAt(stream))
    this.#timer = setInterval(() => {
      if (this.#context.state !== 'running' || this.moments.length >= MOMENTS_MAX) return
      const [playedDb = -120, pickedDb = -120] = look.map((levelNow) => levelNow())
      this.moments.push({ playedDb, pickedDb })
    }, OVERHEAR_EVERY_MS)
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer)
    if (this.#context.state !== 'closed') void this.#context.close()
  }

  #lookAt(stream: MediaStream): () => number {
    const analyser = this.#context.createAnalyser()
    analyser.fftSize = WINDOW_SAMPLES
    this.#context.createMediaStreamSource(stream).connect(analyser)
    const pcm = new Float32Array(WINDOW_SAMPLES)
    return () => {
      analyser.getFloatTimeDomainData(pcm)
      return measure(pcm).rmsDb
    }
  }
}
