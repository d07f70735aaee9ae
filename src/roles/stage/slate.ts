// What is on air when nobody is, ready when the process starts and in the program's very configuration: a stage that
// takes over has sound to append before it has met a single speaker, and no space costs anything for its slate.

import { readFileSync } from 'node:fs'
import { FRAME_SAMPLES } from '../../base/units.ts'
import { readOpusFile } from '../../media/ogg/opus-file.ts'
import { PROGRAM_HEAD } from '../../media/opus/program.ts'
import { chime } from './chime.ts'
import { createDecoder, createEncoder, type EncoderOptions } from './codec.ts'

/** The one encoder configuration of every program: mono, 20 ms, 48 kbit/s. Never changes within a space. */
export const PROGRAM_ENCODER: EncoderOptions = { bitrateBps: 48_000, complexity: 5 }

/**
 * - `silence`: while people on stage are expected to go on any moment
 * - `chime`: while they stay away
 * - `lobby`: before the program; quiet music, and now and then what this is
 * - `opening`: "We begin in a moment", over the same music
 */
export type SlateKind = 'silence' | 'chime' | 'lobby' | 'opening'

/** Packets that loop for ever. */
export interface Slate {
  readonly kind: SlateKind
  /** Packets before the loop begins again. */
  readonly length: number
  /** The packet of frame `index`; before 0 counted from the loop's end. Shared by everyone: don't write to it. */
  packetAt(index: number): Uint8Array
}

/** The slates of the process. */
export interface Slates {
  readonly silence: Slate
  readonly chime: Slate
  readonly lobby: Slate
  readonly opening: Slate
  /** One loop of the opening as PCM, in step with its packets: it goes on under the first microphones. */
  readonly openingSound: Float32Array
}

/** Reads and encodes them all: a fifth of a second, at start. Throws `corrupt` when a file is damaged. */
export function makeSlates(): Slates {
  const opening = makeSlate('opening')
  return {
    silence: makeSlate('silence'),
    chime: makeSlate('chime'),
    lobby: makeSlate('lobby'),
    opening,
    openingSound: soundOf(opening),
  }
}

export function makeSlate(kind: SlateKind): Slate {
  const packets = packetsOf(kind)
  const { length } = packets
  return { kind, length, packetAt: (index) => packets[((index % length) + length) % length] as Uint8Array }
}

function packetsOf(kind: SlateKind): readonly Uint8Array[] {
  switch (kind) {
    case 'silence':
      return encodeLoop(new Float32Array(FRAME_SAMPLES))
    case 'chime':
      return encodeLoop(chime())
    case 'lobby':
    case 'opening':
      // Made by `scripts/make-slates.ts` with this encoder: speech cannot be made at start.
      return readOpusFile(readFileSync(new URL(`./slates/${kind}.opus`, import.meta.url))).packets
  }
}

/** Encodes the loop twice and keeps the second round, so that its first packet follows from its last. */
export function encodeLoop(loop: Float32Array, options = PROGRAM_ENCODER): readonly Uint8Array[] {
  const encoder = createEncoder(options)
  const frames = loop.length / FRAME_SAMPLES
  const encoded = Array.from({ length: 2 * frames }, (_, index) => {
    const at = (index % frames) * FRAME_SAMPLES
    return encoder.encode(loop.subarray(at, at + FRAME_SAMPLES))
  })
  encoder.close()
  return encoded.slice(frames)
}

/** The loop as its packets sound, moved back by the codec's delay: it will be encoded, and so delayed, once more. */
function soundOf(slate: Slate): Float32Array {
  const decoder = createDecoder()
  const sound = new Float32Array(slate.length * FRAME_SAMPLES)
  // The packet before the first one prepares the decoder for it; where it lies it is overwritten at the end.
  for (let index = -1; index < slate.length; index++) {
    const from = index * FRAME_SAMPLES - PROGRAM_HEAD.preSkip + sound.length
    for (const [i, value] of decoder.decode(slate.packetAt(index)).entries()) {
      sound[(from + i) % sound.length] = value
    }
  }
  decoder.close()
  return sound
}
