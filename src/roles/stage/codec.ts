// The two Opus codecs behind one door. Encoding is the native @evan/opus, twice as fast as WebAssembly. Decoding
// is WebAssembly libopus, because only there can a lost packet be concealed or recovered, and concealment needs
// the very decoder that has seen every packet before.

import { Encoder } from '@evan/opus'
import { assert } from '../../base/assert.ts'
import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../../base/units.ts'
import { int16FromFloat } from '../../media/pcm/sample-format.ts'
import { DECODED_SAMPLES_MAX, libOpus, PACKET_BYTES_MAX } from './libopus.ts'

export interface EncoderOptions {
  readonly bitrateBps: number
  /** 0 to 10: CPU against quality at the same bit rate. 5 costs 2 ms a second of sound. */
  readonly complexity: number
  /** In-band FEC, for packets that travel over a lossy network; not for the program. */
  readonly fec?: { readonly expectedLossPercent: number }
}

/** Mono, 48 kHz, 20 ms. */
export interface OpusEncoder {
  /** One frame of 960 samples (full scale ±1) as one packet; the caller owns it. */
  encode(frame: Float32Array): Uint8Array
  close(): void
}

/** One speaker's decoder: every packet of the speaker, in order, through this one. Never throws on input. */
export interface OpusDecoder {
  /** The packet's sound at 48 kHz mono; 960 samples for 20 ms. A corrupt packet is concealed and counted. */
  decode(payload: Uint8Array): Float32Array
  /** The packet that was lost before `next`, from its in-band FEC if it has any, otherwise concealed. */
  recover(next: Uint8Array, samples?: number): Float32Array
  /** A likely continuation; fades over repeated calls. */
  conceal(samples?: number): Float32Array
  /** Packets that libopus refused. */
  readonly corrupt: number
  /** Frees the state. The decoder must not be used again. Idempotent. */
  close(): void
}

/** Makes an encoder for one stream. `close` it when the stream ends. */
export function createEncoder(options: EncoderOptions): OpusEncoder {
  let encoder: Encoder | undefined = new Encoder({
    channels: 1,
    sample_rate: SAMPLE_RATE_HZ,
    application: options.fec === undefined ? 'audio' : 'voip',
  })
  encoder.bitrate = options.bitrateBps
  encoder.complexity = options.complexity as Encoder['complexity']
  encoder.signal = 'voice'
  if (options.fec !== undefined) {
    encoder.inband_fec = true
    encoder.packet_loss = options.fec.expectedLossPercent
  }
  const integers = new Int16Array(FRAME_SAMPLES)
  return {
    encode(frame) {
      assert(encoder !== undefined, 'an encoder is not used after its end')
      assert(frame.length === FRAME_SAMPLES, 'a frame has 960 samples')
      // The library hands out its own memory, which the next call overwrites.
      return encoder.encode(int16FromFloat(frame, integers)).slice()
    },
    close() {
      // The native state goes with its last reference; there is no call for it.
      encoder = undefined
    },
  }
}

/** Makes a decoder for one speaker. `too-many` when the process has as many as it can hold. */
export function createDecoder(): OpusDecoder {
  const opus = libOpus()
  const handle = opus.openDecoder()
  let corrupt = 0
  let closed = false
  const conceal = (samples: number): Float32Array => {
    const sound = opus.decode(handle, undefined, samples)
    return typeof sound === 'number' ? new Float32Array(samples) : sound
  }
  return {
    get corrupt() {
      return corrupt
    },
    decode(payload) {
      assert(!closed, 'a decoder is not used after its end')
      const fits = payload.length > 0 && payload.length <= PACKET_BYTES_MAX
      const sound = fits ? opus.decode(handle, payload, DECODED_SAMPLES_MAX) : -1
      if (typeof sound !== 'number') return sound
      corrupt += 1
      return conceal(FRAME_SAMPLES)
    },
    recover(next, samples = FRAME_SAMPLES) {
      assert(!closed, 'a decoder is not used after its end')
      const fits = next.length > 0 && next.length <= PACKET_BYTES_MAX
      const sound = fits ? opus.decode(handle, next, samples, true) : -1
      return typeof sound === 'number' ? conceal(samples) : sound
    },
    conceal(samples = FRAME_SAMPLES) {
      assert(!closed, 'a decoder is not used after its end')
      return conceal(samples)
    },
    close() {
      if (!closed) opus.closeDecoder(handle)
      closed = true
    },
  }
}
