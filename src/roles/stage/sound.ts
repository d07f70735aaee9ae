// From the frames of a tick to packets: one for listeners, and what each seat hears.

import type { SeatId } from '../../base/ids.ts'
import { FRAME_SAMPLES } from '../../base/units.ts'
import { type Mixed, Mixer, type MixInput } from '../../core/mix/mixer.ts'
import type { Air, SlateCue } from '../../core/program/opening.ts'
import { createEncoder, type EncoderOptions, type OpusEncoder } from './codec.ts'
import { PROGRAM_ENCODER, type Slates } from './slate.ts'

/** What seats hear travels over their networks: with in-band FEC, and less than the program needs. */
export const RETURN_ENCODER: EncoderOptions = {
  bitrateBps: 32_000,
  complexity: 5,
  fec: { expectedLossPercent: 5 },
}

/** After voices there is silence for five seconds, as someone may be about to go on; then the chime. */
export const SLATE_SILENCE_FRAMES = 250
/** How long the opening takes to fade under the first voice. */
const FADE_FRAMES = 40

/** One seat that hears the stage in this tick. */
export interface Ear {
  readonly seat: SeatId
  send(payload: Uint8Array, frame: number): void
}

/** What one tick of a space is made of. */
export interface Tick {
  readonly frame: number
  readonly inputs: readonly MixInput<SeatId>[]
  readonly air: Air
  /** The slate that is due, whether or not it is needed. */
  readonly cue: SlateCue
  readonly ears: readonly Ear[]
}

/** Mixes and encodes one space. */
export class Sound {
  readonly #slates: Slates
  readonly #mixer = new Mixer<SeatId>()
  /** By the frame that it encodes: the mixer gives those who hear the same thing the same array, tick after tick. */
  #returns = new Map<Float32Array, OpusEncoder>()
  #program: OpusEncoder | undefined
  /** The first frame that may be the chime's. */
  #chimeFrom = 0
  /** The opening under the voices: where it is, and how loud it still is, 1 to 0. */
  #under: { at: number; gain: number } | undefined
  readonly #withUnder = new Float32Array(FRAME_SAMPLES)

  constructor(slates: Slates) {
    this.#slates = slates
  }

  /** The listeners' packet of a frame, with every ear served. */
  make({ frame, inputs, air, cue, ears }: Tick): Uint8Array {
    const mixed = this.#mixer.mix(inputs)
    if (air === 'slate') {
      const packet = this.slate(frame, cue)
      this.#serve(frame, ears, mixed, this.#slates.silence.packetAt(frame))
      return packet
    }
    this.expectVoices(frame)
    if (air === 'opening') this.#under = { at: cue.at, gain: 1 }
    const isClean = this.#under === undefined
    const packet = this.#encodeProgram(this.#under ? this.#mixUnder(mixed.program, air) : mixed.program)
    // The opening is for listeners; in the room it would only find its way into the microphones.
    this.#serve(frame, ears, mixed, isClean ? packet : undefined)
    return packet
  }

  /** The slate's packet of `frame`. */
  slate(frame: number, cue: SlateCue): Uint8Array {
    this.#program?.close()
    this.#program = undefined
    this.#under = undefined
    const { chime, silence, lobby, opening } = this.#slates
    if (cue.kind === 'lobby') return lobby.packetAt(cue.at)
    if (cue.kind === 'opening') return opening.packetAt(cue.at)
    return frame < this.#chimeFrom ? silence.packetAt(frame) : chime.packetAt(frame - this.#chimeFrom)
  }

  /** People were just here, or will be in a moment: a pause from `frame` on begins with its silence. */
  expectVoices(frame: number): void {
    this.#chimeFrom = frame + SLATE_SILENCE_FRAMES
  }

  close(): void {
    this.#program?.close()
    for (const encoder of this.#returns.values()) encoder.close()
    this.#returns.clear()
  }

  #encodeProgram(sound: Float32Array): Uint8Array {
    this.#program ??= createEncoder(PROGRAM_ENCODER)
    return this.#program.encode(sound)
  }

  /** The program over the opening, which stays as it is until somebody speaks and then fades away. */
  #mixUnder(program: Float32Array, air: Air): Float32Array {
    const under = this.#under
    if (!under) return program
    const music = this.#slates.openingSound
    const from = (under.at * FRAME_SAMPLES) % music.length
    const next = air === 'opening' ? 1 : Math.max(0, under.gain - 1 / FADE_FRAMES)
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const gain = under.gain + ((next - under.gain) * i) / FRAME_SAMPLES
      this.#withUnder[i] = (program[i] as number) + gain * (music[from + i] as number)
    }
    this.#under = next > 0 ? { at: under.at + 1, gain: next } : undefined
    return this.#withUnder
  }

  /** `shared`: what listeners get, where the room hears the same. */
  #serve(frame: number, ears: readonly Ear[], mixed: Mixed<SeatId>, shared: Uint8Array | undefined): void {
    const encoded = new Map<Float32Array, Uint8Array>()
    const encoders = new Map<Float32Array, OpusEncoder>()
    for (const ear of ears) {
      const minus = mixed.minus(ear.seat)
      if (minus === 'program' && shared) {
        ear.send(shared, frame)
        continue
      }
      const heard = minus === 'program' ? mixed.program : minus
      let packet = encoded.get(heard)
      if (!packet) {
        const encoder = this.#returns.get(heard) ?? createEncoder(RETURN_ENCODER)
        encoders.set(heard, encoder)
        packet = encoder.encode(heard)
        encoded.set(heard, packet)
      }
      ear.send(packet, frame)
    }
    // An encoder that had nothing to do in this tick would go on from a stale state in the next.
    this.#returns = encoders
  }
}
