// FFmpeg's AAC encoder as WebAssembly, called by its C names. The package means it to be used from a worker of its
// own, by way of a whole muxing library; here it runs beside the Opus encoders, a quarter of a millisecond a frame,
// and answers at once: what it made is in the part that is being closed, or it never will be (decision 0013).

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assert } from '../../../base/assert.ts'
import { MimbarError } from '../../../base/errors.ts'
import { SAMPLE_RATE_HZ } from '../../../base/units.ts'
import { AAC_BITRATE_BPS, AAC_CONFIG, AAC_FRAME_SAMPLES } from '../../../media/aac/program.ts'

/** The part of the package's `bridge.c` that we use. Pointers are byte offsets into `HEAPU8`; times are samples. */
interface Exports {
  readonly HEAPU8: Uint8Array
  _init_encoder(channels: number, sampleRateHz: number, bitrateBps: number): number
  _get_encoder_frame_size(encoder: number): number
  _get_encoder_extradata(encoder: number): number
  _get_encoder_extradata_size(encoder: number): number
  _get_encode_input_ptr(encoder: number, bytes: number): number
  /** Below zero: an error. */
  _send_frame(encoder: number, start: bigint): number
  /** The packet's bytes; 0 when there is none. */
  _receive_packet(encoder: number): number
  _get_encoded_data(encoder: number): number
  _get_encoded_pts(encoder: number): bigint
  _close_encoder(encoder: number): void
}

const FUNCTIONS = [
  '_init_encoder',
  '_get_encoder_frame_size',
  '_get_encoder_extradata',
  '_get_encoder_extradata_size',
  '_get_encode_input_ptr',
  '_send_frame',
  '_receive_packet',
  '_get_encoded_data',
  '_get_encoded_pts',
  '_close_encoder',
] as const satisfies readonly (keyof Exports)[]

/** Programs of one stage that are encoded to AAC at the same time: 15 % of a core. Further ones go without. */
export const AAC_ENCODERS_MAX = 8
/** After so many frames of silence every further one is the same. */
const SILENCE_SETTLES_FRAMES = 8

/** Where one whole frame belongs, and its bytes without a header of their own. */
export interface AacFrame {
  /** Since sequence 0; see `media/aac/program.ts`. */
  readonly ordinal: number
  readonly bytes: Uint8Array
}

/** Mono, 48 kHz, 64 kbit/s. */
export interface AacEncoder {
  /**
   * Takes the 1,024 samples (full scale ±1) of frame `ordinal`, which follows the one before. Answers the frames that
   * are finished by it: with the third, the first of them.
   */
  encode(ordinal: number, sound: Float32Array): readonly AacFrame[]
  close(): void
}

/** One instance for the process. */
export class AacLibrary {
  readonly #c: Exports
  /** A frame of digital silence. */
  readonly silence: Uint8Array
  #encoders = 0

  /** Loads the encoder, some 60 ms. `unavailable` when the package is not what this was written for. */
  static async load(): Promise<AacLibrary> {
    try {
      const main = createRequire(import.meta.url).resolve('@mediabunny/aac-encoder')
      const path = join(dirname(main), '..', 'modules', 'build', 'aac.js')
      const { default: instantiate } = await import(pathToFileURL(path).href)
      return new AacLibrary(exportsOf(await instantiate()))
    } catch (cause) {
      throw new MimbarError('unavailable', `The AAC encoder cannot be loaded: ${cause}`, { cause })
    }
  }

  private constructor(c: Exports) {
    this.#c = c
    this.silence = this.#encodeSilence()
  }

  /** An encoder for one program; undefined when as many as may be are at work. `close` it. */
  open(): AacEncoder | undefined {
    if (this.#encoders >= AAC_ENCODERS_MAX) return undefined
    const c = this.#c
    const pointer = c._init_encoder(1, SAMPLE_RATE_HZ, AAC_BITRATE_BPS)
    if (pointer === 0) return undefined
    this.#encoders += 1
    let isOpen = true
    return {
      encode: (ordinal, sound) => {
        assert(isOpen, 'an encoder is not used after its end')
        return this.#encode(pointer, ordinal, sound)
      },
      close: () => {
        if (isOpen) c._close_encoder(pointer)
        if (isOpen) this.#encoders -= 1
        isOpen = false
      },
    }
  }

  #encode(encoder: number, ordinal: number, sound: Float32Array): readonly AacFrame[] {
    assert(sound.length === AAC_FRAME_SAMPLES, 'a frame of AAC has 1024 samples')
    const c = this.#c
    const input = c._get_encode_input_ptr(encoder, AAC_FRAME_SAMPLES * 4)
    // The memory may have grown, and be another buffer than the last time.
    new Float32Array(c.HEAPU8.buffer, input, AAC_FRAME_SAMPLES).set(sound)
    const sent = c._send_frame(encoder, BigInt(ordinal * AAC_FRAME_SAMPLES))
    assert(sent >= 0, `the AAC encoder takes every frame; it answered ${sent}`)
    const frames: AacFrame[] = []
    for (let size = c._receive_packet(encoder); size > 0; size = c._receive_packet(encoder)) {
      const at = c._get_encoded_data(encoder)
      frames.push({
        // What it calls the time of a packet is that of the sound which a decoder makes of it.
        ordinal: Number(c._get_encoded_pts(encoder)) / AAC_FRAME_SAMPLES,
        bytes: c.HEAPU8.slice(at, at + size),
      })
    }
    return frames
  }

  #encodeSilence(): Uint8Array {
    const encoder = this.open()
    assert(encoder !== undefined, 'there is memory for a first encoder')
    const sound = new Float32Array(AAC_FRAME_SAMPLES)
    const frames = Array.from({ length: SILENCE_SETTLES_FRAMES }, (_, n) => encoder.encode(n, sound)).flat()
    encoder.close()
    return (frames.at(-1) as AacFrame).bytes
  }
}

/** Throws when it is not the encoder that we know, or would need another `esds` than ours. */
function exportsOf(module: unknown): Exports {
  const c = module as Exports
  for (const name of FUNCTIONS) {
    if (typeof c[name] !== 'function') throw new Error(`The AAC encoder has no ${name}.`)
  }
  const encoder = c._init_encoder(1, SAMPLE_RATE_HZ, AAC_BITRATE_BPS)
  const config = c._get_encoder_extradata(encoder)
  const isOurs =
    c._get_encoder_frame_size(encoder) === AAC_FRAME_SAMPLES &&
    c._get_encoder_extradata_size(encoder) >= AAC_CONFIG.length &&
    AAC_CONFIG.every((byte, i) => c.HEAPU8[config + i] === byte)
  c._close_encoder(encoder)
  if (!isOurs) throw new Error('The AAC encoder has another configuration.')
  return c
}
