// One person in the green room, heard by nobody: what a sentence sounds like after microphone, network, jitter buffer
// and decoder goes back to who said it, through the encoder and the way by which they will hear the others. It is in
// no program and in no mix, is held in memory alone, and is gone when the check is.

import { FRAME_MS, FRAME_SAMPLES, type Millis } from '../../base/units.ts'
import { SentenceRecorder } from '../../core/sound-check/sentence.ts'
import {
  CHECK_MAX_MS,
  CHECK_OPENING_MAX_MS,
  type SoundCheckReport,
  type SoundMeasures,
} from '../../core/sound-check/sound-check.ts'
import { createEncoder, type OpusEncoder } from './codec.ts'
import type { Line } from './line.ts'
import { RETURN_ENCODER } from './sound.ts'

/** Between the end of the sentence and its return, so that nobody takes it for their own voice in the room. */
const GAP_FRAMES = 20
/** After it, so that the last of it is out of the browser's jitter buffer, and its echo in the microphone. */
const TAIL_FRAMES = 25
/** A tick that was late makes up for at most this many; the rest is skipped. */
const CATCH_UP_FRAMES = 10
const SILENCE = new Float32Array(FRAME_SAMPLES)

/** Owned by the stage's checks; `close` frees encoder and line. */
export class SoundCheck {
  readonly #line: Line
  readonly #encoder: OpusEncoder = createEncoder(RETURN_ENCODER)
  readonly #recorder = new SentenceRecorder()
  #frame = 0
  #startedAt: Millis | undefined
  #measured: SoundMeasures | undefined
  /** Counts from the end of the sentence. */
  #played = 0
  #isDone = false

  constructor(line: Line) {
    this.#line = line
  }

  get report(): SoundCheckReport {
    const measured = this.#measured === undefined ? {} : { measured: this.#measured }
    if (this.#isDone) return { phase: 'done', ...measured }
    if (this.#measured !== undefined) return { phase: 'playing', ...measured }
    return { phase: this.#recorder.isRecording ? 'recording' : 'waiting' }
  }

  /** True when its time is up, or it never began; whoever owns it closes it then. */
  isOver(now: Millis): boolean {
    if (this.#startedAt === undefined) return now - this.#line.openedAt > CHECK_OPENING_MAX_MS
    return now - this.#startedAt > CHECK_MAX_MS
  }

  /** Every 20 ms, or as soon after it as the stage comes to it. */
  tick(now: Millis): void {
    if (this.#isDone || this.#line.heardAt === undefined) return
    this.#startedAt ??= now
    const due = Math.floor((now - this.#startedAt) / FRAME_MS)
    this.#frame = Math.max(this.#frame, due - CATCH_UP_FRAMES)
    for (; this.#frame <= due && !this.#isDone; this.#frame++) this.#step(now, this.#frame)
  }

  /** What was heard until then is measured all the same. Idempotent. */
  close(): void {
    if (this.#startedAt !== undefined && this.#measured === undefined) {
      this.#recorder.finish()
      this.#measure()
    }
    this.#finish()
    this.#encoder.close()
    this.#line.close()
  }

  #step(now: Millis, frame: number): void {
    // Pulled to the end, as on stage: the buffer's measures are of the whole time.
    const heard = this.#line.pull(now)
    if (this.#measured === undefined) {
      this.#recorder.push(heard)
      if (this.#recorder.isWhole) this.#measure()
    }
    this.#line.send(this.#encoder.encode(this.#next()), frame)
  }

  /** Silence until the sentence is whole, so that the browser's jitter buffer has settled; then the sentence. */
  #next(): Float32Array {
    if (this.#measured === undefined) return SILENCE
    const { sentence } = this.#recorder
    const at = this.#played - GAP_FRAMES
    this.#played += 1
    if (sentence.length === 0 || at >= sentence.length + TAIL_FRAMES) this.#finish()
    return sentence[at] ?? SILENCE
  }

  #measure(): void {
    const { expected, lost, delayMs } = this.#line.stats
    this.#measured = {
      ...this.#recorder.measure(),
      loss: expected <= 0 ? 0 : Math.min(1, Math.max(0, lost / expected)),
      jitterBufferMs: delayMs,
    }
  }

  #finish(): void {
    this.#isDone = true
    this.#recorder.forgetSound()
  }
}
