// The highest level of the last moment. Jitter makes a buffer's level swing downwards from the delay it really
// has: the peak of the swing, just after the most punctual packet, is the delay.

import type { Millis } from '../../base/units.ts'

/** The peak is remembered for one to two of these: ten packets at least. */
const WINDOW_MS = 200

/** Peak of a value over the last 200 to 400 ms. */
export class LevelWindow {
  #start = Number.NEGATIVE_INFINITY
  #peak = 0
  #peakBefore = 0
  #full = false

  get peak(): number {
    return Math.max(this.#peak, this.#peakBefore)
  }

  /** False until a whole window has been seen since the last reset. */
  get isFull(): boolean {
    return this.#full
  }

  note(level: number, now: Millis): void {
    if (this.#start === Number.NEGATIVE_INFINITY) this.#start = now
    if (now - this.#start >= WINDOW_MS) {
      this.#peakBefore = this.#peak
      this.#peak = 0
      this.#start = now
      this.#full = true
    }
    this.#peak = Math.max(this.#peak, level)
  }

  /** Forgets: the level was changed on purpose. */
  reset(): void {
    this.#start = Number.NEGATIVE_INFINITY
    this.#peak = 0
    this.#peakBefore = 0
    this.#full = false
  }
}
