// What the people in a room say: recorded voices, all at once, when it is to cost as much as it can; or short bursts of
// tone out of silence, when the way from one to the other is timed.

import { dbov, FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../../src/base/units.ts'
import { toneAmplitude } from '../../src/media/pcm/goertzel.ts'
import { loadVoice } from '../../src/rehearsal/voice.ts'
import { createDecoder, createEncoder } from '../../src/roles/stage/codec.ts'
import { VOICE_FILES } from '../../test/harness/on-air.ts'
import type { Said, TalkersOptions } from './talkers.ts'

/** Both voices that come with Mimbar, each person elsewhere in them: all of them talk, none says the same. */
export async function everybodyTalks(): Promise<TalkersOptions['speech']> {
  const voices = [await loadVoice(VOICE_FILES.ana), await loadVoice(VOICE_FILES.budi)]
  return (talker, frame) => {
    const { packets, levels } = voices[talker % voices.length] as (typeof voices)[number]
    const at = (frame + talker * 331) % packets.length
    return { payload: packets[at] as Uint8Array, level: levels[at] as Said['level'] }
  }
}

const TONE_HZ = 1_000
const BURST_FRAMES = 5
/** From one burst to the next: longer than any delay, and no multiple of what mixers count in. */
const CYCLE_FRAMES = 57
/** The tone is there; silence through any codec is far below. */
const HEARD_AMPLITUDE = 0.03
/** Frames without it before it can begin again. */
const QUIET_FRAMES = 10
const SAYS = 0
const HEARS = 1

/** The first says them, the second hears; all others are silent. */
export class ToneBursts {
  /** From handing over the packet in which a burst begins to the packet in which it is heard. */
  readonly delaysMs: number[] = []
  readonly #cycle = encoded(CYCLE_FRAMES, (frame) => frame < BURST_FRAMES)
  readonly #silence = encoded(1, () => false)[0] as Said
  readonly #decoder = createDecoder()
  #isTiming = false
  #saidAtMs: number | undefined
  #quiet = 0

  /** From here on delays count. */
  begin(): void {
    this.#isTiming = true
    this.#saidAtMs = undefined
  }

  readonly speech: TalkersOptions['speech'] = (talker, frame) => {
    if (talker !== SAYS) return this.#silence
    const at = frame % CYCLE_FRAMES
    if (at === 0 && this.#isTiming) this.#saidAtMs = performance.now()
    return this.#cycle[at] as Said
  }

  readonly heard: NonNullable<TalkersOptions['heard']> = (talker, payload) => {
    if (talker !== HEARS) return
    if (toneAmplitude(this.#decoder.decode(payload), TONE_HZ) < HEARD_AMPLITUDE) {
      this.#quiet += 1
      return
    }
    if (this.#quiet >= QUIET_FRAMES && this.#saidAtMs !== undefined) {
      this.delaysMs.push(performance.now() - this.#saidAtMs)
      this.#saidAtMs = undefined
    }
    this.#quiet = 0
  }
}

/** `frames` packets that can be repeated: of the second time round, when the encoder is in its stride. */
function encoded(frames: number, isTone: (frame: number) => boolean): readonly Said[] {
  const encoder = createEncoder({ bitrateBps: 48_000, complexity: 5 })
  const tone = Float32Array.from(
    { length: FRAME_SAMPLES },
    (_, i) => 0.25 * Math.sin((2 * Math.PI * TONE_HZ * i) / SAMPLE_RATE_HZ),
  )
  const silence = new Float32Array(FRAME_SAMPLES)
  const said: Said[] = []
  for (let i = 0; i < 2 * frames; i++) {
    const sounds = isTone(i % frames)
    said.push({ payload: encoder.encode(sounds ? tone : silence), level: dbov(sounds ? -15 : -127) })
  }
  encoder.close()
  return said.slice(frames)
}
