// From the frames of a tick to packets: those for listeners, and what each seat hears.

import type { SeatId } from '../../base/ids.ts'
import { FRAME_SAMPLES } from '../../base/units.ts'
import { type Mixed, Mixer, type MixInput } from '../../core/mix/mixer.ts'
import type { Air, SlateCue } from '../../core/program/opening.ts'
import { createEncoder, type EncoderOptions, type OpusEncoder } from './codec.ts'
import { LOW_ENCODER, PROGRAM_ENCODER, type ProgramPacket, type Slate, type Slates } from './slate.ts'

/** What seats hear travels over their networks: with in-band FEC, and less than the program needs. */
export const RETURN_ENCODER: EncoderOptions = {
  bitrateBps: 32_000,
  complexity: 5,
  fec: { expectedLossPercent: 5 },
}

/** After voices there is silence for five seconds, as someone may be about to go on; then the chime. */
export const SLATE_SILENCE_FRAMES = 250
/** How long a slate takes to fade under the voices that end it. */
const FADE_FRAMES = 40

/** One seat that hears the stage in this tick. */
export interface Ear {
  readonly seat: SeatId
  send(payload: Uint8Array, frame: number): void
}

/** What listeners hear in one frame. */
export interface ProgramFrame {
  readonly packet: ProgramPacket
  /** The 960 samples that were encoded; overwritten by the next tick. */
  readonly sound: Float32Array
}

interface ProgramEncoders {
  readonly opus: OpusEncoder
  readonly low: OpusEncoder
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
  #program: ProgramEncoders | undefined
  /** The first frame that may be the chime's. */
  #chimeFrom = 0
  /** The slate under the voices: where it is, and how loud it still is, 1 to 0. */
  #under: { readonly slate: Slate; at: number; gain: number } | undefined
  /** What the next frame would be of a slate that may be cut off at any moment; undefined while there is none. */
  #next: { readonly slate: Slate; readonly at: number } | undefined
  readonly #withUnder = new Float32Array(FRAME_SAMPLES)

  constructor(slates: Slates) {
    this.#slates = slates
  }

  /** What listeners get of a frame, with every ear served. */
  make({ frame, inputs, air, cue, ears }: Tick): ProgramFrame {
    const mixed = this.#mixer.mix(inputs)
    if (air === 'slate' && !this.#isFadingOut(mixed)) {
      const made = this.slate(frame, cue)
      this.#serve(frame, ears, mixed, this.#slates.silence.packetAt(frame).opus)
      return made
    }
    this.expectVoices(frame)
    if (air === 'opening') this.#under = { slate: this.#slates.opening, at: cue.at, gain: 1 }
    else if (this.#next) this.#under = { ...this.#next, gain: 1 }
    this.#next = undefined
    const isClean = this.#under === undefined
    const made = this.#encodeProgram(this.#under ? this.#mixUnder(mixed.program, air) : mixed.program)
    // The slate is for listeners; in the room it would only find its way into the microphones.
    this.#serve(frame, ears, mixed, isClean ? made.packet.opus : undefined)
    return made
  }

  /** The slate's `frame`. */
  slate(frame: number, cue: SlateCue): ProgramFrame {
    this.#closeProgram()
    this.#under = undefined
    const [slate, at] = this.#slateAt(frame, cue)
    const { hold, chime } = this.#slates
    this.#next = slate === hold || slate === chime ? { slate, at: at + 1 } : undefined
    return { packet: slate.packetAt(at), sound: slate.soundAt(at) }
  }

  /** People were just here, or will be in a moment: a pause from `frame` on begins with its silence. */
  expectVoices(frame: number): void {
    this.#chimeFrom = frame + SLATE_SILENCE_FRAMES
  }

  close(): void {
    this.#closeProgram()
    for (const encoder of this.#returns.values()) encoder.close()
    this.#returns.clear()
  }

  /** Who was heard until now and goes off air has a last frame in which to fade; only then it is the slate's turn. */
  #isFadingOut(mixed: Mixed<SeatId>): boolean {
    return this.#program !== undefined && !mixed.isSilent
  }

  #slateAt(frame: number, cue: SlateCue): readonly [Slate, number] {
    const { chime, silence, lobby, opening, hold } = this.#slates
    if (cue.kind === 'lobby') return [lobby, cue.at]
    if (cue.kind === 'opening') return [opening, cue.at]
    if (cue.kind === 'hold') return [hold, cue.at]
    return frame < this.#chimeFrom ? [silence, frame] : [chime, frame - this.#chimeFrom]
  }

  #encodeProgram(sound: Float32Array): ProgramFrame {
    this.#program ??= { opus: createEncoder(PROGRAM_ENCODER), low: createEncoder(LOW_ENCODER) }
    const { opus, low } = this.#program
    return { packet: { opus: opus.encode(sound), low: low.encode(sound) }, sound }
  }

  #closeProgram(): void {
    this.#program?.opus.close()
    this.#program?.low.close()
    this.#program = undefined
  }

  /** The program over the slate, which stays as it is until somebody speaks and then fades away. */
  #mixUnder(program: Float32Array, air: Air): Float32Array {
    const under = this.#under
    if (!under) return program
    const music = under.slate.soundAt(under.at)
    const next = air === 'opening' ? 1 : Math.max(0, under.gain - 1 / FADE_FRAMES)
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const gain = under.gain + ((next - under.gain) * i) / FRAME_SAMPLES
      this.#withUnder[i] = (program[i] as number) + gain * (music[i] as number)
    }
    this.#under = next > 0 ? { ...under, at: under.at + 1, gain: next } : undefined
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
