// From the frames of a tick to packets: one for listeners, and what each seat hears.

import type { SeatId } from '../../base/ids.ts'
import { type Mixed, Mixer, type MixInput } from '../../core/mix/mixer.ts'
import { createEncoder, type EncoderOptions, type OpusEncoder } from './codec.ts'
import { makeSlate, PROGRAM_ENCODER, type Slate } from './slate.ts'

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

/** Mixes and encodes one space. */
export class Sound {
  readonly #slates: Slates
  readonly #mixer = new Mixer<SeatId>()
  /** By the frame that it encodes: the mixer gives those who hear the same thing the same array, tick after tick. */
  #returns = new Map<Float32Array, OpusEncoder>()
  #program: OpusEncoder | undefined
  /** The first frame that may be the chime's. */
  #chimeFrom = 0

  constructor(slates: Slates) {
    this.#slates = slates
  }

  /** The listeners' packet of `frame`, with every ear served. */
  make(
    frame: number,
    inputs: readonly MixInput<SeatId>[],
    isSlate: boolean,
    ears: readonly Ear[],
  ): Uint8Array {
    const mixed = this.#mixer.mix(inputs)
    if (!isSlate) this.expectVoices(frame)
    const packet = isSlate ? this.slate(frame) : this.#encodeProgram(mixed)
    this.#serve(frame, ears, mixed, isSlate ? this.#slates.silence.packetAt(frame) : packet)
    return packet
  }

  /** The slate's packet of `frame`. */
  slate(frame: number): Uint8Array {
    this.#program?.close()
    this.#program = undefined
    const { chime, silence } = this.#slates
    return frame < this.#chimeFrom ? silence.packetAt(frame) : chime.packetAt(frame - this.#chimeFrom)
  }

  /** People were just here, or will be in a moment: a slate from `frame` on begins with its silence. */
  expectVoices(frame: number): void {
    this.#chimeFrom = frame + SLATE_SILENCE_FRAMES
  }

  close(): void {
    this.#program?.close()
    for (const encoder of this.#returns.values()) encoder.close()
    this.#returns.clear()
  }

  #encodeProgram(mixed: Mixed<SeatId>): Uint8Array {
    this.#program ??= createEncoder(PROGRAM_ENCODER)
    return this.#program.encode(mixed.program)
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
