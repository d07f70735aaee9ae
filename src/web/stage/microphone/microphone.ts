// The microphone as the browser gives it: opened only when the person asks, or on return to a seat in the same tab.

import { type Loudness, MEASURE_EVERY_MS, measure } from './microphone-verdict.ts'
import { quietStream } from './noise/quiet-stream.ts'

/** `voice`: the browser cancels echo and noise and evens the level. `raw`: untouched, for music and for tests. */
export type Processing = 'voice' | 'raw'

/** What the browser itself can do to a voice; each is a constraint of `getUserMedia`. */
export const VOICE_SWITCHES = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const
export type VoiceSwitch = (typeof VOICE_SWITCHES)[number]
export type VoiceSwitches = Readonly<Record<VoiceSwitch, boolean>>
export const ALL_ON: VoiceSwitches = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
}
const ALL_OFF: VoiceSwitches = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
}

export type CaptureFailure =
  /** Not HTTPS and not localhost: browsers give no microphone to such a page. */
  | 'insecure'
  | 'denied'
  /** No microphone is plugged in. */
  | 'none'
  /** Another program holds it. */
  | 'busy'
  | 'failed'

export type Capture =
  | { readonly kind: 'open'; readonly microphone: Microphone }
  | { readonly kind: 'failed'; readonly why: CaptureFailure }

/** An open microphone. Its owner calls `stop`; the light goes out then. */
export interface Microphone {
  /** What others are to hear, and its one track. */
  readonly stream: MediaStream
  readonly track: MediaStreamTrack
  /** As the device gives it: this one ends with the device, and is muted by the system. */
  readonly deviceTrack: MediaStreamTrack
  readonly deviceId: string
  /** `unavailable`: it was wanted, and this browser cannot; its own suppression is on instead. */
  readonly strongSuppression: 'off' | 'on' | 'unavailable'
  stop(): void
}

interface MicrophoneWish {
  readonly deviceId: string | undefined
  readonly processing: Processing
  /** For `voice`. */
  readonly switches: VoiceSwitches
  /** For `voice`: RNNoise in the place of the browser's own noise suppression. */
  readonly strongSuppression: boolean
}

/** Asks the browser, which may ask the person. */
export async function openMicrophone(wish: MicrophoneWish): Promise<Capture> {
  const isStrong = wish.processing === 'voice' && wish.strongSuppression
  if (!isStrong) return await capture(wish, wish.switches)
  const opened = await capture(wish, { ...wish.switches, noiseSuppression: false })
  if (opened.kind === 'failed') return opened
  const { microphone } = opened
  const quiet = await quietStream(microphone.stream)
  const track = quiet?.stream.getAudioTracks()[0]
  if (quiet === undefined || track === undefined) {
    microphone.stop()
    const plain = await capture(wish, wish.switches)
    if (plain.kind === 'failed') return plain
    return { kind: 'open', microphone: { ...plain.microphone, strongSuppression: 'unavailable' } }
  }
  track.contentHint = 'speech'
  const stop = () => {
    quiet.stop()
    microphone.stop()
  }
  return {
    kind: 'open',
    microphone: { ...microphone, stream: quiet.stream, track, strongSuppression: 'on', stop },
  }
}

async function capture(options: MicrophoneWish, voice: VoiceSwitches): Promise<Capture> {
  if (!window.isSecureContext || navigator.mediaDevices === undefined)
    return { kind: 'failed', why: 'insecure' }
  const switches = options.processing === 'voice' ? voice : ALL_OFF
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: {
        ...switches,
        channelCount: { ideal: 1 },
        // Ideal, not exact: yesterday's headset may be at home.
        ...(options.deviceId === undefined ? {} : { deviceId: { ideal: options.deviceId } }),
      },
    })
    const track = stream.getAudioTracks()[0]
    if (track === undefined) return { kind: 'failed', why: 'none' }
    track.contentHint = switches.noiseSuppression ? 'speech' : 'music'
    const microphone: Microphone = {
      stream,
      track,
      deviceTrack: track,
      deviceId: track.getSettings().deviceId ?? '',
      strongSuppression: 'off',
      stop: () => {
        for (const each of stream.getTracks()) each.stop()
      },
    }
    return { kind: 'open', microphone }
  } catch (error) {
    return { kind: 'failed', why: failureOf(error) }
  }
}

/** The microphones there are; labels are empty until one of them was allowed. */
export async function listMicrophones(): Promise<readonly MediaDeviceInfo[]> {
  if (navigator.mediaDevices === undefined) return []
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => [])
  return devices.filter(({ kind }) => kind === 'audioinput')
}

/** True when opening it would ask nobody anything. Browsers that won't say are taken to ask. */
export async function isMicrophoneGranted(): Promise<boolean> {
  try {
    const status = await navigator.permissions.query({ name: 'microphone' as PermissionName })
    return status.state === 'granted'
  } catch {
    return false
  }
}

/** Measures a stream {@link MEASURE_EVERY_MS} apart, without playing it; returns the way to stop. */
export function watchLoudness(stream: MediaStream, onMeasure: (loudness: Loudness) => void): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 2048
  context.createMediaStreamSource(stream).connect(analyser)
  const pcm = new Float32Array(analyser.fftSize)
  // After a reload there was no gesture yet, and the context sleeps: then there is no measure rather than a wrong one.
  const wake = () => void context.resume()
  window.addEventListener('pointerdown', wake)
  const timer = setInterval(() => {
    if (context.state !== 'running') return
    analyser.getFloatTimeDomainData(pcm)
    onMeasure(measure(pcm))
  }, MEASURE_EVERY_MS)
  return () => {
    clearInterval(timer)
    window.removeEventListener('pointerdown', wake)
    void context.close()
  }
}

function failureOf(error: unknown): CaptureFailure {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied'
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'none'
    case 'NotReadableError':
    case 'AbortError':
      return 'busy'
    default:
      return 'failed'
  }
}
