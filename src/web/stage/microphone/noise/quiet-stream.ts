// A microphone's stream without its noise. It costs the speaker's own machine about a tenth of a core and the stage
// nothing; what it needs is loaded when somebody wants it.

/** The only rate that RNNoise knows. */
const RATE_HZ = 48_000

declare const MIMBAR_NOISE_PATH: string
declare const MIMBAR_RNNOISE_PATH: string

/** Loading and beginning take a moment; a browser that takes longer will not do it. */
const READY_WITHIN_MS = 8_000

export interface QuietStream {
  readonly stream: MediaStream
  /** Lets go of the audio thread. The stream that it was made from is its owner's. */
  stop(): void
}

/**
 * Resolves when the noise is being taken out of `stream`; to undefined when this browser cannot do that, or would give
 * silence (its audio clock sleeps until the page is touched).
 */
export async function quietStream(stream: MediaStream): Promise<QuietStream | undefined> {
  const context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: 'interactive' })
  try {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('The audio thread did not begin.')), READY_WITHIN_MS)
    })
    return await Promise.race([connect(context, stream), late])
  } catch (error) {
    console.warn('The strong noise suppression cannot run here:', error)
    void context.close()
    return undefined
  }
}

async function connect(context: AudioContext, stream: MediaStream): Promise<QuietStream> {
  const [wasm] = await Promise.all([
    fetch(MIMBAR_RNNOISE_PATH).then((answer) => {
      if (!answer.ok) throw new Error(`RNNoise could not be loaded: ${answer.status}`)
      return answer.arrayBuffer()
    }),
    context.audioWorklet.addModule(MIMBAR_NOISE_PATH),
    context.resume(),
  ])
  const node = new AudioWorkletNode(context, 'mimbar-noise', {
    channelCount: 1,
    channelCountMode: 'explicit',
    outputChannelCount: [1],
    processorOptions: { wasm },
  })
  await new Promise<void>((resolve, reject) => {
    node.port.onmessage = ({ data }) => (data === 'ready' ? resolve() : reject(new Error(String(data))))
    node.onprocessorerror = () => reject(new Error('The audio thread ended.'))
  })
  const source = context.createMediaStreamSource(stream)
  const quiet = context.createMediaStreamDestination()
  source.connect(node).connect(quiet)
  // A voice with its noise is better than none.
  node.onprocessorerror = () => {
    node.disconnect()
    source.connect(quiet)
  }
  return {
    stream: quiet.stream,
    stop: () => {
      for (const track of quiet.stream.getTracks()) track.stop()
      void context.close()
    },
  }
}
