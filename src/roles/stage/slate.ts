// What is on air when nobody is, encoded once when the process starts, in the program's very configuration: a
// stage that takes over has sound to append before it has met a single speaker.

import { FRAME_SAMPLES } from '../../base/units.ts'
import { chime } from './chime.ts'
import { createEncoder, type EncoderOptions } from './codec.ts'

/** The one encoder configuration of every program: mono, 20 ms, 48 kbit/s. Never changes within a space. */
export const PROGRAM_ENCODER: EncoderOptions = { bitrateBps: 48_000, complexity: 5 }

/** `silence` while people on stage are expected any moment; `chime` while listeners wait. */
export type SlateKind = 'silence' | 'chime'

/** Packets that loop for ever. */
export interface Slate {
  readonly kind: SlateKind
  /** Packets before the loop begins again. */
  readonly length: number
  /** The packet of frame `index` ≥ 0, shared by everyone: don't write to it. */
  packetAt(index: number): Uint8Array
}

/** Encodes a slate. The chime takes a tenth of a second: do it at start, not when it is needed. */
export function makeSlate(kind: SlateKind): Slate {
  const loop = kind === 'chime' ? chime() : new Float32Array(FRAME_SAMPLES)
  const packets = encodeLoop(loop)
  return { kind, length: packets.length, packetAt: (index) => packets[index % packets.length] as Uint8Array }
}

/** Encodes the loop twice and keeps the second round, so that its first packet follows from its last. */
function encodeLoop(loop: Float32Array): readonly Uint8Array[] {
  const encoder = createEncoder(PROGRAM_ENCODER)
  const frames = loop.length / FRAME_SAMPLES
  const encoded = Array.from({ length: 2 * frames }, (_, index) => {
    const at = (index % frames) * FRAME_SAMPLES
    return encoder.encode(loop.subarray(at, at + FRAME_SAMPLES))
  })
  encoder.close()
  return encoded.slice(frames)
}
