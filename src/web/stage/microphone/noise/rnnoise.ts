// RNNoise, compiled to WebAssembly: a small neural network that tells a voice from what is not one (J.-M. Valin, "A
// Hybrid DSP/Deep Learning Approach to Real-Time Full-Band Speech Enhancement", MMSP 2018).

import createModule from '@jitsi/rnnoise-wasm/dist/rnnoise.js'

/** 10 ms; at 48 kHz; RNNoise knows no other length, and no other rate. */
export const FRAME_SAMPLES = 480
/** It takes samples as of 16 bits, in floats. */
const SCALE = 32_768

/** Readies one network, with a memory of its own; returns what takes the noise out of a frame, in place. */
export async function openRnnoise(wasm: ArrayBuffer): Promise<(frame: Float32Array) => void> {
  const rnnoise = await createModule({ wasmBinary: wasm, locateFile: (name) => name })
  const state = rnnoise._rnnoise_create(0)
  const address = rnnoise._malloc(FRAME_SAMPLES * Float32Array.BYTES_PER_ELEMENT)
  const at = address / Float32Array.BYTES_PER_ELEMENT
  return (frame) => {
    const memory = rnnoise.HEAPF32
    for (let i = 0; i < FRAME_SAMPLES; i++) memory[at + i] = (frame[i] as number) * SCALE
    rnnoise._rnnoise_process_frame(state, address, address)
    for (let i = 0; i < FRAME_SAMPLES; i++) frame[i] = (memory[at + i] as number) / SCALE
  }
}
