// libopus as WebAssembly, called by its C names. The package's own JavaScript is not used: it installs
// process-wide handlers that end the process, and has no way to ask for concealment or FEC. One instance serves
// the whole process; each decoder is a few kilobytes in its memory, freed by `close()`.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { assert } from '../../base/assert.ts'
import { MimbarError } from '../../base/errors.ts'
import { SAMPLE_RATE_HZ } from '../../base/units.ts'

/** The part of `opus.h` that we use. Pointers are byte offsets into `memory`. */
interface Exports {
  readonly memory: WebAssembly.Memory
  __wasm_call_ctors(): void
  malloc(bytes: number): number
  free(pointer: number): void
  opus_decoder_create(sampleRateHz: number, channels: number, error: number): number
  opus_decoder_destroy(decoder: number): void
  opus_decode_float(
    decoder: number,
    data: number,
    length: number,
    pcm: number,
    frameSize: number,
    decodeFec: 0 | 1,
  ): number
}

/** 120 ms: what one packet decodes to at most (RFC 6716, section 3.2.5). */
export const DECODED_SAMPLES_MAX = 5_760
/** The largest payload that fits a UDP datagram on the Internet; longer ones are no honest packets of one speaker. */
export const PACKET_BYTES_MAX = 1_500
/** Decoder states at once; far beyond the seats of any stage, and well within the instance's 16 MiB. */
export const DECODERS_MAX = 256

let shared: LibOpus | undefined

/** The process's one instance, made when first asked for. */
export function libOpus(): LibOpus {
  shared ??= new LibOpus()
  return shared
}

/** One decoder's state in libopus. */
export interface DecoderHandle {
  readonly pointer: number
}

/** An instance of libopus with one scratch area for what goes in and what comes out. */
export class LibOpus {
  readonly #c: Exports
  readonly #input: number
  readonly #output: number
  #decoders = 0

  constructor() {
    const path = createRequire(import.meta.url).resolve('opus-encdec/dist/libopus-decoder.wasm.wasm')
    this.#c = instantiate(readFileSync(path))
    this.#input = this.#allocate(PACKET_BYTES_MAX)
    this.#output = this.#allocate(DECODED_SAMPLES_MAX * 4)
  }

  /** How many decoders are open. */
  get decoders(): number {
    return this.#decoders
  }

  /** A mono decoder at 48 kHz; stereo packets are mixed down by libopus. `too-many` past {@link DECODERS_MAX}. */
  openDecoder(): DecoderHandle {
    if (this.#decoders >= DECODERS_MAX) {
      throw new MimbarError('too-many', `This process already decodes ${DECODERS_MAX} speakers.`)
    }
    const pointer = this.#c.opus_decoder_create(SAMPLE_RATE_HZ, 1, 0)
    if (pointer === 0) throw new MimbarError('unavailable', 'libopus has no memory for another decoder.')
    this.#decoders += 1
    return { pointer }
  }

  closeDecoder(decoder: DecoderHandle): void {
    this.#c.opus_decoder_destroy(decoder.pointer)
    this.#decoders -= 1
  }

  /**
   * Decodes `packet`; without one, conceals `frameSize` samples; with `fec`, reads the copy of the packet before
   * that it carries. A new array of the decoded samples, or the negative error code of `opus_defines.h`.
   */
  decode(
    decoder: DecoderHandle,
    packet: Uint8Array | undefined,
    frameSize: number,
    fec = false,
  ): Float32Array | number {
    const length = packet?.length ?? 0
    assert(length <= PACKET_BYTES_MAX, 'the packet fits the scratch area')
    // The memory may have grown since the last call, which leaves older views empty.
    if (packet !== undefined) new Uint8Array(this.#c.memory.buffer, this.#input, length).set(packet)
    const data = packet === undefined ? 0 : this.#input
    const count = this.#c.opus_decode_float(
      decoder.pointer,
      data,
      length,
      this.#output,
      frameSize,
      fec ? 1 : 0,
    )
    return count < 0 ? count : new Float32Array(this.#c.memory.buffer, this.#output, count).slice()
  }

  #allocate(bytes: number): number {
    const pointer = this.#c.malloc(bytes)
    assert(pointer !== 0, 'libopus has memory for its scratch area')
    return pointer
  }
}

function instantiate(wasm: Uint8Array): Exports {
  const abort = () => {
    throw new Error('libopus aborted')
  }
  const env = {
    abort,
    // Memory is bounded by DECODERS_MAX: libopus may not grow it.
    emscripten_resize_heap: () => 0,
    emscripten_memcpy_big: (to: number, from: number, count: number) => {
      new Uint8Array(exports.memory.buffer).copyWithin(to, from, from + count)
    },
    setTempRet0: () => undefined,
  }
  const silent = () => 0
  const wasi = { fd_close: silent, fd_write: silent, fd_seek: silent }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>), {
    env,
    wasi_snapshot_preview1: wasi,
  })
  const exports = instance.exports as unknown as Exports
  exports.__wasm_call_ctors()
  return exports
}
