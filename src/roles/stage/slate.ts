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
/** The same for the low-bitrate track: nothing that a decoder must be told differs. */
export const LOW_ENCODER: EncoderOptions = { ...PROGRAM_ENCODER, bitrateBps: 24_000 }

/** One frame of the program in both bit rates. */
export interface ProgramPacket {
  readonly opus: Uint8Array
  readonly low: Uint8Array
}

/**
 * - `silence`: while people on stage are expected to go on any moment
 * - `chime`: while they stay away
 * - `lobby`: before the program; quiet music, and now and then what this is
 * - `opening`: "We begin in a moment", over the same music
 * - `hold`: "We'll be right back", likewise
 */
export type SlateKind = 'silence' | 'chime' | 'lobby' | 'opening' | 'hold'

/** Sound and packets that loop for ever, shared by everyone: don't write to them. An index before 0 counts from the end. */
export interface Slate {
  readonly kind: SlateKind
  /** Frames before the loop begins again. */
  readonly length: number
  /** The packets of frame `index`. */
  packetAt(index: number): ProgramPacket
  /** The 960 samples of frame `index`, in step with its packets. */
  soundAt(index: number): Float32Array
}

/** The slates of the process. */
export interface Slates {
  readonly silence: Slate
  readonly chime: Slate
  readonly lobby: Slate
  readonly opening: Slate
  readonly hold: Slate
}

/** Reads and encodes them all: half a second, at start. Throws `corrupt` when a file is damaged. */
export function makeSlates(): Slates {
  return {
    silence: makeSlate('silence'),
    chime: makeSlate('chime'),
    lobby: makeSlate('lobby'),
    opening: makeSlate('opening'),
    hold: makeSlate('hold'),
  }
}

export function makeSlate(kind: SlateKind): Slate {
  const { opus, low, sound } = made(kind)
  const packets = opus.map(
    (packet, index): ProgramPacket => ({ opus: packet, low: low[index] as Uint8Array }),
  )
  const { length } = packets
  const within = (index: number) => ((index % length) + length) % length
  return {
    kind,
    length,
    packetAt: (index) => packets[within(index)] as ProgramPacket,
    soundAt: (index) => frameOf(sound, within(index)),
  }
}

interface Made {
  readonly opus: readonly Uint8Array[]
  readonly low: readonly Uint8Array[]
  /** One loop. */
  readonly sound: Float32Array
}

function made(kind: SlateKind): Made {
  if (kind === 'silence' || kind === 'chime') {
    const sound = kind === 'chime' ? chime() : new Float32Array(FRAME_SAMPLES)
    return { opus: encodeLoop(sound), low: encodeLoop(sound, LOW_ENCODER), sound }
  }
  // Made by `scripts/make-slates.ts` with this encoder, since speech cannot be made at start; at 24 kbit/s, so that they
  // are the low track's as well.
  const opus = readOpusFile(readFileSync(new URL(`./slates/${kind}.opus`, import.meta.url))).packets
  return { opus, low: opus, sound: soundOf(opus) }
}

const frameOf = (sound: Float32Array, index: number) =>
  sound.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES)

/** Encodes the loop twice and keeps the second round, so that its first packet follows from its last. */
export function encodeLoop(loop: Float32Array, options = PROGRAM_ENCODER): readonly Uint8Array[] {
  const encoder = createEncoder(options)
  const frames = loop.length / FRAME_SAMPLES
  const encoded = Array.from({ length: 2 * frames }, (_, index) =>
    encoder.encode(frameOf(loop, index % frames)),
  )
  encoder.close()
  return encoded.slice(frames)
}

/** The loop as its packets sound, moved back by the codec's delay: it will be encoded, and so delayed, once more. */
function soundOf(packets: readonly Uint8Array[]): Float32Array {
  const decoder = createDecoder()
  const sound = new Float32Array(packets.length * FRAME_SAMPLES)
  // The packet before the first one prepares the decoder for it; where it lies it is overwritten at the end.
  for (let index = -1; index < packets.length; index++) {
    const from = index * FRAME_SAMPLES - PROGRAM_HEAD.preSkip + sound.length
    for (const [i, value] of decoder.decode(packets.at(index) as Uint8Array).entries()) {
      sound[(from + i) % sound.length] = value
    }
  }
  decoder.close()
  return sound
}
