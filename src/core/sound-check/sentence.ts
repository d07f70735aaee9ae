// Takes one sentence out of what a microphone sends: from a moment before its first syllable to the pause after it.
//
//     waiting ── speech ──▶ recording ── a pause after enough speech, or the end of the memory ──▶ whole
//        └──── nothing for `WAIT_FRAMES_MAX` ──▶ whole, and empty
//
// A transform of frames; it knows no clock, so the stage's catching up after a late tick changes nothing.

import { FRAME_MS, FRAME_SAMPLES } from '../../base/units.ts'
import { levelOf, peakOf, SILENCE_DBOV } from '../../media/pcm/level.ts'
import type { SoundMeasures } from './sound-check.ts'

/** The longest sentence: 6 s, about 1.2 MB. Nothing else of it is ever kept. */
export const SENTENCE_FRAMES_MAX = 6_000 / FRAME_MS
/** Who says nothing for so long is told. */
export const WAIT_FRAMES_MAX = 6_000 / FRAME_MS
/** Kept from before the first loud frame: consonants are quiet. */
const LEAD_FRAMES = 10
/** Far below what counts as too quiet, so that who is too quiet hears that, too. */
const SPEECH_LEVEL = -55
/** So many loud frames in a row begin a sentence: a click has fewer. */
const ONSET_FRAMES = 4
/** So much quiet after so much speech ends it. */
const PAUSE_FRAMES = 40
const SPEECH_FRAMES_MIN = 40
/** Speech in noise has no absolute silence: a pause is so far below the loudest that was heard. */
const PAUSE_BELOW_DB = 25
/** Opus rounds the corners of cut tops, so look a little below full scale. */
const CLIPPED_PEAK = 0.955

/** Owner: one check. `push` until {@link isWhole}. */
export class SentenceRecorder {
  /** While waiting the newest frames, then the sentence. */
  readonly #frames: Float32Array[] = []
  readonly #levels: number[] = []
  #state: 'waiting' | 'recording' | 'whole' = 'waiting'
  #waited = 0
  #loudRun = 0
  #quietRun = 0
  #speech = 0
  #loudest: number = SILENCE_DBOV
  #clipped = 0
  #peak = 0

  get isRecording(): boolean {
    return this.#state === 'recording'
  }

  get isWhole(): boolean {
    return this.#state === 'whole'
  }

  /** The sentence's frames; empty when nothing was said. */
  get sentence(): readonly Float32Array[] {
    return this.#state === 'waiting' ? [] : this.#frames
  }

  /** One frame of 960 samples; copied. Without effect once whole. */
  push(frame: Float32Array): void {
    if (this.#state === 'whole') return
    const level = levelOf(frame)
    const peak = peakOf(frame)
    this.#peak = Math.max(this.#peak, peak)
    this.#frames.push(frame.slice(0, FRAME_SAMPLES))
    this.#levels.push(level)
    if (this.#state === 'waiting') this.#wait(level)
    else this.#record(level, peak)
  }

  /** Ends it as it is: the check has no more time. */
  finish(): void {
    if (this.#state === 'waiting') this.#frames.length = 0
    this.#state = 'whole'
  }

  /** What the sound itself tells; the way that it came by is the caller's knowledge. */
  measure(): Pick<SoundMeasures, 'sentenceMs' | 'speechLevel' | 'peakDb' | 'clipped'> {
    const count = this.sentence.length
    const levels = this.#levels.slice(-count).sort((a, b) => a - b)
    const speechLevel = count === 0 ? SILENCE_DBOV : levels[Math.floor(count * 0.8)]
    return {
      sentenceMs: count * FRAME_MS,
      speechLevel: (speechLevel ?? SILENCE_DBOV) as typeof SILENCE_DBOV,
      peakDb: this.#peak > 0 ? Math.max(SILENCE_DBOV, 20 * Math.log10(this.#peak)) : SILENCE_DBOV,
      clipped: count === 0 ? 0 : this.#clipped / count,
    }
  }

  /** Lets go of the sound; the measures stay. */
  forgetSound(): void {
    this.#frames.length = 0
    this.#state = 'whole'
  }

  #wait(level: number): void {
    this.#waited += 1
    this.#loudRun = level > SPEECH_LEVEL ? this.#loudRun + 1 : 0
    if (this.#loudRun >= ONSET_FRAMES) {
      this.#state = 'recording'
      this.#speech = this.#loudRun
      this.#loudest = Math.max(...this.#levels.slice(-ONSET_FRAMES))
      return
    }
    if (this.#waited >= WAIT_FRAMES_MAX) this.finish()
    else if (this.#frames.length > LEAD_FRAMES) {
      this.#frames.shift()
      this.#levels.shift()
    }
  }

  #record(level: number, peak: number): void {
    if (peak >= CLIPPED_PEAK) this.#clipped += 1
    this.#loudest = Math.max(this.#loudest, level)
    const isSpeech = level > Math.max(SPEECH_LEVEL, this.#loudest - PAUSE_BELOW_DB)
    this.#speech += isSpeech ? 1 : 0
    this.#quietRun = isSpeech ? 0 : this.#quietRun + 1
    const isFull = this.#frames.length >= SENTENCE_FRAMES_MAX
    if (isFull || (this.#quietRun >= PAUSE_FRAMES && this.#speech >= SPEECH_FRAMES_MIN)) this.#state = 'whole'
  }
}
