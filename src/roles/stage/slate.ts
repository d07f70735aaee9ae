// What is on air when nobody is, encoded once when the process starts, in the program's very configuration: a
// stage that takes over has sound to append before it has met a single speaker.

import { FRAME_SAMPLES } from '../../base/units.ts'
import { chime } from './chime.ts'
import { createEncoder, type EncoderOptions } from './codec.ts'

/** The one encoder configuration of every program: mono, 20 ms, 48 kbit/s. Never changes within a space. */
export const PROGRAM_ENCODER: EncoderOptions = { bitrateBps: 48_000, complexity: 5 }
/** The same for the low-bitrate track: nothing that a decoder must be told differs. */
export const LOW_ENCODER: EncoderOptions = { ...PROGRAM_ENCODER, bitrateBps: 24_000 }

/** One frame of the program in both bit rates. */
export interface ProgramPacket {
  readonly opus: Uint8Array
  readonly low: Uint8Array
}

/** `silence` while people on stage are expected any moment; `chime` while listeners wait. */
export type SlateKind = 'silence' | 'chime'

/** Sound and packets that loop for ever, shared by everyone: don't write to them. */
export interface Slate {
  readonly kind: SlateKind
  /** Frames before the loop begins again. */
  readonly length: number
  /** The packet of frame `index` ≥ 0. */
  packetAt(index: number): ProgramPacket
  /** The 960 samples of frame `index` ≥ 0. */
  soundAt(index: number): Float32Array
}

/** Encodes a slate. The chime takes a fifth of a second: do it at start, not when it is needed. */
export function makeSlate(kind: SlateKind): Slate {
  const loop = kind === 'chime' ? chime() : new Float32Array(FRAME_SAMPLES)
  const frames = Array.from({ length: loop.length / FRAME_SAMPLES }, (_, index) =>
    loop.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
  )
  const low = encodeLoop(frames, LOW_ENCODER)
  const packets = encodeLoop(frames, PROGRAM_ENCODER).map(
    (opus, index): ProgramPacket => ({ opus, low: low[index] as Uint8Array }),
  )
  return {
    kind,
    length: packets.length,
    packetAt: (index) => packets[index % packets.length] as ProgramPacket,
    soundAt: (index) => frames[index % frames.length] as Float32Array,
  }
}

/** Encodes the loop twice and keeps the second round, so that its first packet follows from its last. */
function encodeLoop(frames: readonly Float32Array[], options: EncoderOptions): readonly Uint8Array[] {
  const encoder = createEncoder(options)
  const encoded = [...frames, ...frames].map((frame) => encoder.encode(frame))
  encoder.close()
  return encoded.slice(frames.length)
}
