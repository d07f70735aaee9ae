// From the frames of a tick to packets: those for listeners, and what each seat hears.

import type { SeatId } from '../../base/ids.ts'
import { type Mixed, Mixer, type MixInput } from '../../core/mix/mixer.ts'
import { createEncoder, type EncoderOptions, type OpusEncoder } from './codec.ts'
import { LOW_ENCODER, makeSlate, PROGRAM_ENCODER, type ProgramPacket, type Slate } from './slate.ts'

/** What seats hear travels over their networks: with in-band FEC, and less than the program needs. */
export const RETURN_ENCODER: EncoderOptions = {
  bitrateBps: 32_000,
  complexity: 5,
  fec: { expectedLossPercent: 5 },
}

/** After voices there is silence for five seconds, as someone may be about to go on; then the chime. */
export const SLATE_SILENCE_FRAMES = 250

/** The slates of the process, encoded once. */
export interface Slates {
  readonly silence: Slate
  readonly chime: Slate
}

export function makeSlates(): Slates {
  return { silence: makeSlate('silence'), chime: makeSlate('chime') }
}

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

/** Mixes and encodes one space. */
export class Sound {
  readonly #slates: Slates
  readonly #mixer = new Mixer<SeatId>()
  /** By the frame that it encodes: the mixer gives those who hear the same thing the same array, tick after tick. */
  #returns = new Map<Float32Array, OpusEncoder>()
  #program: ProgramEncoders | undefined
  /** The first frame that may be the chime's. */
  #chimeFrom = 0

  constructor(slates: Slates) {
    this.#slates = slates
  }

  /** What listeners get of `frame`, with every ear served. */
  make(
    frame: number,
    inputs: readonly MixInput<SeatId>[],
    isSlate: boolean,
    ears: readonly Ear[],
  ): ProgramFrame {
    const mixed = this.#mixer.mix(inputs)
    if (!isSlate) this.expectVoices(frame)
    const made = isSlate ? this.slate(frame) : this.#encodeProgram(mixed)
    const shared = isSlate ? this.#slates.silence.packetAt(frame) : made.packet
    this.#serve(frame, ears, mixed, shared.opus)
    return made
  }

  /** The slate's `frame`. */
  slate(frame: number): ProgramFrame {
    this.#closeProgram()
    const { chime, silence } = this.#slates
    const [slate, index] = frame < this.#chimeFrom ? [silence, frame] : [chime, frame - this.#chimeFrom]
    return { packet: slate.packetAt(index), sound: slate.soundAt(index) }
  }

  /** People were just here, or will be in a moment: a slate from `frame` on begins with its silence. */
  expectVoices(frame: number): void {
    this.#chimeFrom = frame + SLATE_SILENCE_FRAMES
  }

  close(): void {
    this.#closeProgram()
    for (const encoder of this.#returns.values()) encoder.close()
    this.#returns.clear()
  }

  #encodeProgram({ program: sound }: Mixed<SeatId>): ProgramFrame {
    this.#program ??= { opus: createEncoder(PROGRAM_ENCODER), low: createEncoder(LOW_ENCODER) }
    const { opus, low } = this.#program
    return { packet: { opus: opus.encode(sound), low: low.encode(sound) }, sound }
  }

  #closeProgram(): void {
    this.#program?.opus.close()
    this.#program?.low.close()
    this.#program = undefined
  }

  #serve(frame: number, ears: readonly Ear[], mixed: Mixed<SeatId>, shared: Uint8Array): void {
    const encoded = new Map<Float32Array, Uint8Array>()
    const encoders = new Map<Float32Array, OpusEncoder>()
    for (const ear of ears) {
      const heard = mixed.minus(ear.seat)
      if (heard === 'program') {
        ear.send(shared, frame)
        continue
      }
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
