// One guest sits in a studio, another holds a telephone at arm's length: listeners should not reach for the volume
// each time the word passes. Every seat is brought to the same loudness (BS.1770), by a gain that is learnt from its
// speech alone and moves only while it speaks, slowly enough not to be heard moving.
//
// What counts as speech: 400 ms that are louder than a room and not far below what this seat's speech was so far.
// The mean is learnt quickly at first, then over ten seconds of speech; a voice that becomes much louder is learnt
// anew at once, one that becomes quieter little by little, since a pause with noise in it looks the same at first.

import { FRAME_MS, FRAME_SAMPLES } from '../../base/units.ts'
import { gainOfDb } from '../../media/pcm/level.ts'
import { EarWeighting, energyOfLufs, lufsOfEnergy, MOMENTARY_FRAMES } from '../../media/pcm/loudness.ts'

/** How loud everybody's speech becomes. Mono speech on headphones is comfortable here, with room for a laugh. */
export const SPEECH_LUFS = -20
/** Nobody is raised by more: it would be the room that one hears. Nor lowered: nothing that loud is left to level. */
export const RAISE_DB_MAX = 20
export const LOWER_DB_MAX = 20

/** Below this, 400 ms are a room and not a voice. */
const ROOM_LUFS = -52
const ROOM_ENERGY = energyOfLufs(ROOM_LUFS)
/** Below the mean by more, it is a pause; above it by more, it is another voice, or nearer to the microphone. */
const PAUSE_RATIO = 10 ** (-10 / 10)
const LOUDER_RATIO = 10 ** (6 / 10)
/** The mean is over this much speech: 10 s; once the voice has changed, over 1 s at first. */
const MEMORY_FRAMES = 10_000 / FRAME_MS
const RELEARN_FRAMES = 1_000 / FRAME_MS
/** The mean sinks by half a decibel a second while something is there that is too quiet for it. */
const SINK_PER_FRAME = 10 ** ((-0.5 * FRAME_MS) / 1_000 / 10)
/** How fast the gain moves, per second of speech: who is too loud is turned down sooner. */
const RAISE_DB_PER_FRAME = (4 * FRAME_MS) / 1_000
const LOWER_DB_PER_FRAME = (10 * FRAME_MS) / 1_000

/** Levels one seat. */
export class Leveller {
  readonly #weighting = new EarWeighting()
  /** Weighted energy of the last 400 ms, frame by frame. */
  readonly #recent = new Float64Array(MOMENTARY_FRAMES)
  #at = 0
  /** Mean energy of this seat's speech, and how many frames it stands for. */
  #speech = 0
  #learntFrames = 0
  #gainDb = 0
  #gain = 1

  /** What the seat's sound is multiplied by now, in dB. */
  get gainDb(): number {
    return this.#gainDb
  }

  /** Loudness of this seat's speech so far, in LUFS; −∞ before it spoke. */
  get speechLufs(): number {
    return lufsOfEnergy(this.#speech)
  }

  /** Levels `frame` (960 samples) into `out`; they may be the same. The gain moves in a line across the frame. */
  level(frame: Float32Array, out: Float32Array): void {
    if (this.#isSpeech(frame)) this.#moveGain()
    const from = this.#gain
    this.#gain = gainOfDb(this.#gainDb)
    const step = (this.#gain - from) / FRAME_SAMPLES
    for (let i = 0; i < FRAME_SAMPLES; i++) out[i] = (frame[i] as number) * (from + step * (i + 1))
  }

  /** Learns from the frame. True when the last 400 ms were speech. */
  #isSpeech(frame: Float32Array): boolean {
    this.#recent[this.#at] = this.#weighting.energyOf(frame)
    this.#at = (this.#at + 1) % MOMENTARY_FRAMES
    let energy = 0
    for (let i = 0; i < MOMENTARY_FRAMES; i++) energy += this.#recent[i] as number
    energy /= MOMENTARY_FRAMES
    if (energy < ROOM_ENERGY) return false
    if (energy < this.#speech * PAUSE_RATIO) {
      this.#speech *= SINK_PER_FRAME
      return false
    }
    if (energy > this.#speech * LOUDER_RATIO)
      this.#learntFrames = Math.min(this.#learntFrames, RELEARN_FRAMES)
    this.#learntFrames = Math.min(MEMORY_FRAMES, this.#learntFrames + 1)
    this.#speech += (energy - this.#speech) / this.#learntFrames
    return true
  }

  #moveGain(): void {
    const wanted = Math.min(RAISE_DB_MAX, Math.max(-LOWER_DB_MAX, SPEECH_LUFS - this.speechLufs))
    const raised = Math.min(wanted, this.#gainDb + RAISE_DB_PER_FRAME)
    this.#gainDb = Math.max(raised, this.#gainDb - LOWER_DB_PER_FRAME)
  }
}
