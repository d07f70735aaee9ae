// What runs on the browser's audio thread (an AudioWorklet): takes the noise out of one microphone. Until RNNoise is
// ready, and if it never is, the sound goes through as it came.

import { Reframe } from './reframe.ts'
import { FRAME_SAMPLES, openRnnoise } from './rnnoise.ts'

/** Web Audio API, section 1.32; TypeScript's library has no scope for it. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(
  name: string,
  processor: new (options: {
    readonly processorOptions: { readonly wasm: ArrayBuffer }
  }) => {
    process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean
  },
): void

registerProcessor(
  'mimbar-noise',
  class extends AudioWorkletProcessor {
    #reframe: Reframe | undefined

    constructor({ processorOptions }: { readonly processorOptions: { readonly wasm: ArrayBuffer } }) {
      super()
      openRnnoise(processorOptions.wasm).then(
        (process) => {
          this.#reframe = new Reframe({ frameSamples: FRAME_SAMPLES, process })
          this.port.postMessage('ready')
        },
        (error: unknown) => this.port.postMessage(String(error)),
      )
    }

    /** One quantum of the microphone in, one out. True keeps it alive while nothing comes in. */
    process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
      const [input, output] = [inputs[0]?.[0], outputs[0]?.[0]]
      if (input === undefined || output === undefined) return true
      if (this.#reframe === undefined) output.set(input)
      else this.#reframe.pass(input, output)
      return true
    }
  },
)
