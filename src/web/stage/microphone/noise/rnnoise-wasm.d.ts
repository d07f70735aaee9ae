// The package comes without types; this much of it is used.

declare module '@jitsi/rnnoise-wasm/dist/rnnoise.js' {
  interface Rnnoise {
    readonly HEAPF32: Float32Array
    _malloc(bytes: number): number
    /** 0 for the model that is built in. Returns a state's address. */
    _rnnoise_create(model: number): number
    /** Returns how likely the frame holds a voice, 0…1. */
    _rnnoise_process_frame(state: number, output: number, input: number): number
  }
  export default function createRNNWasmModule(options: {
    readonly wasmBinary: ArrayBuffer
    readonly locateFile: (name: string) => string
  }): Promise<Rnnoise>
}
