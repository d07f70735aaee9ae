// The audio thread works in quanta of 128 samples, RNNoise in frames of 480. In between, samples wait.

export interface ReframeOptions {
  /** Samples of one frame. */
  readonly frameSamples: number
  /** Changes one frame in place. */
  readonly process: (frame: Float32Array) => void
}

/** Passes samples through in whole frames; what comes out is `frameSamples` late, and silence until then. */
export class Reframe {
  readonly #process: (frame: Float32Array) => void
  /** What has come in since the last whole frame, from the beginning. */
  readonly #filling: Float32Array
  #filled = 0
  /** The last whole frame, of which the rest from `#taken` on has not gone out. */
  readonly #ready: Float32Array

  constructor({ frameSamples, process }: ReframeOptions) {
    this.#process = process
    this.#filling = new Float32Array(frameSamples)
    this.#ready = new Float32Array(frameSamples)
  }

  /** Takes `input` and gives as many samples to `output`, which may be the same array. Neither is kept. */
  pass(input: Float32Array, output: Float32Array): void {
    const frameSamples = this.#filling.length
    for (let at = 0; at < input.length; ) {
      const some = Math.min(input.length - at, frameSamples - this.#filled)
      this.#filling.set(input.subarray(at, at + some), this.#filled)
      // What goes out now came in one frame ago, at the same place of its frame.
      output.set(this.#ready.subarray(this.#filled, this.#filled + some), at)
      this.#filled += some
      at += some
      if (this.#filled < frameSamples) continue
      this.#ready.set(this.#filling)
      this.#process(this.#ready)
      this.#filled = 0
    }
  }
}
