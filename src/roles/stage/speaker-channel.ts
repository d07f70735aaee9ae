// One speaker from packets to frames: jitter buffer, decoder, and exactly 960 samples for every tick, whatever
// the length and fate of the packets. What is missing is concealed, then fades to silence within 160 ms rather
// than droning on; what comes back is faded in.

import { FRAME_SAMPLES, type Millis, millis, type Samples, samples } from '../../base/units.ts'
import {
  type ArrivedPacket,
  JitterBuffer,
  type JitterStats,
  type Lean,
  type Pulled,
} from '../../core/jitter/jitter-buffer.ts'
import { STRETCHABLE_MIN, shrink, stretch } from '../../core/jitter/pitch.ts'
import { createDecoder, type OpusDecoder } from './codec.ts'

/** Counts since the start; the delays are of now. */
export interface ChannelStats extends JitterStats {
  /** Share of the expected packets that were lost over the last five seconds, 0…1. */
  readonly loss: number
  /** Losses that in-band FEC was asked to recover. */
  readonly recovered: number
  /** Frames or parts of frames that had to be made up. */
  readonly concealed: number
  /** Packets that libopus refused. */
  readonly corrupt: number
}

/** Concealment is heard as it is for 60 ms, and is gone 100 ms later. */
const CONCEAL_FULL = samples(2_880)
const CONCEAL_FADE = samples(4_800)
/** Fade at the edge of silence, and across a jump: 5 ms. */
const EDGE = 240
/** Decoded sound that waits for its tick: the longest packet, one frame, and one pitch period. */
const HELD_MAX = 8_192
/** A decoder may answer hostile packets with anything: beyond twice full scale it is no voice. */
const SAMPLE_MAX = 2
const LOSS_WINDOW_MS = 5_000

/** The sound of one seat's WebRTC session. `close` frees its decoder. */
export class SpeakerChannel {
  readonly #buffer = new JitterBuffer()
  readonly #decoder: OpusDecoder = createDecoder()
  readonly #held = new Float32Array(HELD_MAX)
  #heldCount = 0
  /** What the buffer asked for, until there is enough sound to do it with. */
  #lean: Lean = 'hold'
  readonly #frame = new Float32Array(FRAME_SAMPLES)
  /** Samples concealed in a row. */
  #concealedRun = 0
  /** Gain at the end of what was made last: 0 in silence. */
  #gain = 0
  #recovered = 0
  #concealed = 0
  readonly #loss = new LossWindow()

  get stats(): ChannelStats {
    const stats = this.#buffer.stats
    return {
      ...stats,
      loss: this.#loss.share,
      recovered: this.#recovered,
      concealed: this.#concealed,
      corrupt: this.#decoder.corrupt,
    }
  }

  /** A packet arrived. Its payload is kept: pass a copy if the memory is not yours. Never throws. */
  push(packet: ArrivedPacket, now: Millis): void {
    this.#buffer.push(packet, now)
  }

  /** The frame of this tick: 960 samples in memory of the channel, overwritten by the next tick. */
  pull(now: Millis): Float32Array {
    while (this.#heldCount < FRAME_SAMPLES) {
      this.#append(this.#make(this.#buffer.pull(now, samples(this.#heldCount))))
    }
    this.#frame.set(this.#held.subarray(0, FRAME_SAMPLES))
    this.#held.copyWithin(0, FRAME_SAMPLES, this.#heldCount)
    this.#heldCount -= FRAME_SAMPLES
    const { expected, lost } = this.#buffer.stats
    this.#loss.note(expected, lost, now)
    return this.#frame
  }

  /** Frees the decoder. Idempotent; the channel must not be used again. */
  close(): void {
    this.#decoder.close()
  }

  /** Sound for what the buffer said, of any length. */
  #make(pulled: Pulled): Float32Array {
    switch (pulled.kind) {
      case 'packet':
        return this.#hear(pulled)
      case 'recover':
        this.#recovered += 1
        return this.#returning(sane(this.#decoder.recover(pulled.next, pulled.duration)))
      case 'conceal':
        this.#concealed += 1
        return this.#fadingAway(sane(this.#decoder.conceal(pulled.duration)))
      case 'silence':
        return this.#fallSilent(pulled.duration)
    }
  }

  #hear(pulled: Extract<Pulled, { kind: 'packet' }>): Float32Array {
    // Across a jump, what would have followed is faded into what does, so that no step is heard.
    const onward = pulled.jumped && this.#gain > 0 ? sane(this.#decoder.conceal(FRAME_SAMPLES)) : undefined
    const sound = sane(this.#decoder.decode(pulled.payload))
    if (onward !== undefined) {
      const count = Math.min(EDGE, sound.length)
      for (let i = 0; i < count; i++) {
        const weight = (i + 1) / count
        sound[i] = (sound[i] as number) * weight + (onward[i] as number) * this.#gain * (1 - weight)
      }
      this.#gain = 1
    }
    this.#lean = pulled.lean
    return this.#returning(sound)
  }

  /** Real sound again: at once when there was sound, faded in from concealment or silence. */
  #returning(sound: Float32Array): Float32Array {
    this.#concealedRun = 0
    if (this.#gain < 1) rampGain(sound, this.#gain, 1, EDGE)
    this.#gain = 1
    return sound
  }

  #fadingAway(sound: Float32Array): Float32Array {
    if (this.#gain === 0) return sound.fill(0)
    for (let i = 0; i < sound.length; i++) {
      const beyond = this.#concealedRun + i + 1 - CONCEAL_FULL
      if (beyond > 0) this.#gain = Math.min(this.#gain, Math.max(0, 1 - beyond / CONCEAL_FADE))
      sound[i] = (sound[i] as number) * this.#gain
    }
    this.#concealedRun += sound.length
    return sound
  }

  /** Silence, and before it the few milliseconds in which the wave comes to rest. */
  #fallSilent(duration: Samples): Float32Array {
    this.#concealedRun = 0
    if (this.#gain === 0) return new Float32Array(duration)
    const sound = sane(this.#decoder.conceal(FRAME_SAMPLES)).subarray(0, duration)
    rampGain(sound, this.#gain, 0, EDGE)
    if (sound.length > EDGE) sound.fill(0, EDGE)
    this.#gain = 0
    return sound
  }

  #append(sound: Float32Array): void {
    this.#held.set(sound, this.#heldCount)
    this.#heldCount += sound.length
    if (this.#lean === 'hold' || this.#heldCount < STRETCHABLE_MIN) return
    const held = this.#held.slice(0, this.#heldCount)
    const changed = this.#lean === 'shrink' ? shrink(held) : stretch(held)
    this.#held.set(changed)
    this.#heldCount = changed.length
    this.#lean = 'hold'
  }
}

/** Lost and expected over the last five seconds, in steps of one. */
class LossWindow {
  #marks: { readonly at: Millis; readonly expected: number; readonly lost: number }[] = []
  #expected = 0
  #lost = 0

  note(expected: number, lost: number, now: Millis): void {
    this.#expected = expected
    this.#lost = lost
    const newest = this.#marks.at(-1)
    if (newest !== undefined && now - newest.at < 1_000) return
    this.#marks = this.#marks.filter((mark) => mark.at > millis(now - LOSS_WINDOW_MS))
    this.#marks.push({ at: now, expected, lost })
  }

  get share(): number {
    const oldest = this.#marks[0]
    if (oldest === undefined) return 0
    const expected = this.#expected - oldest.expected
    return expected <= 0 ? 0 : Math.min(1, Math.max(0, (this.#lost - oldest.lost) / expected))
  }
}

/** Multiplies by a gain that goes from `from` to `to` within `count` samples and stays there. */
function rampGain(sound: Float32Array, from: number, to: number, count: number): void {
  const length = Math.min(count, sound.length)
  for (let i = 0; i < length; i++) sound[i] = (sound[i] as number) * (from + ((to - from) * (i + 1)) / length)
}

/** One voice must not be able to spoil the mix of all: not-a-number is silence, giants are limited. In place. */
function sane(sound: Float32Array): Float32Array {
  for (let i = 0; i < sound.length; i++) {
    const value = sound[i] as number
    if (!(value <= SAMPLE_MAX && value >= -SAMPLE_MAX))
      sound[i] = value > SAMPLE_MAX ? SAMPLE_MAX : value < -SAMPLE_MAX ? -SAMPLE_MAX : 0
  }
  return sound
}
