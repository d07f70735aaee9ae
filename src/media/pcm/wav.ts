// WAV (RIFF) files of 16-bit PCM: what speech synthesizers write and what a test can be listened to with.

import { MimbarError } from '../../base/errors.ts'
import { int16FromFloat } from './sample-format.ts'

/** Mono sound; files with several channels are mixed down as they are read. */
export interface Wav {
  readonly sampleRateHz: number
  readonly samples: Float32Array
}

const tag = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3))

/** Reads 16-bit PCM. `unsupported` for other encodings, `corrupt` for what is no WAV file. */
export function readWav(bytes: Uint8Array): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') {
    throw new MimbarError('corrupt', 'This is not a WAV file.')
  }
  let format: { readonly channels: number; readonly sampleRateHz: number } | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = tag(view, at)
    const start = at + 8
    // Programs that write to a pipe leave a length that is too large: what is there is the sound.
    const end = Math.min(bytes.length, start + view.getUint32(at + 4, true))
    if (name === 'fmt ') format = readFormat(view, start, end)
    if (name === 'data' && format !== undefined)
      return { ...format, samples: readSamples(view, start, end, format.channels) }
    at = end + ((end - start) & 1)
  }
  throw new MimbarError('corrupt', 'This WAV file has no sound in it.')
}

function readFormat(view: DataView, start: number, end: number) {
  if (end - start < 16) throw new MimbarError('corrupt', 'This WAV file does not say its format.')
  const channels = view.getUint16(start + 2, true)
  const bits = view.getUint16(start + 14, true)
  if (view.getUint16(start, true) !== 1 || bits !== 16 || channels === 0) {
    throw new MimbarError('unsupported', 'Only WAV files of 16-bit PCM can be read.')
  }
  return { channels, sampleRateHz: view.getUint32(start + 4, true) }
}

function readSamples(view: DataView, start: number, end: number, channels: number): Float32Array {
  const frames = Math.floor((end - start) / (2 * channels))
  const samples = new Float32Array(frames)
  for (let i = 0; i < frames; i++) {
    let sum = 0
    for (let c = 0; c < channels; c++) sum += view.getInt16(start + 2 * (i * channels + c), true)
    samples[i] = sum / channels / 32_768
  }
  return samples
}

/** Writes mono 16-bit PCM; samples beyond full scale are limited. */
export function writeWav(wav: Wav): Uint8Array {
  const dataBytes = wav.samples.length * 2
  const bytes = new Uint8Array(44 + dataBytes)
  const view = new DataView(bytes.buffer)
  const name = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) view.setUint8(at + i, text.charCodeAt(i))
  }
  name(0, 'RIFF')
  view.setUint32(4, 36 + dataBytes, true)
  name(8, 'WAVE')
  name(12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, wav.sampleRateHz, true)
  view.setUint32(28, wav.sampleRateHz * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  name(36, 'data')
  view.setUint32(40, dataBytes, true)
  const integers = int16FromFloat(wav.samples)
  for (let i = 0; i < integers.length; i++) view.setInt16(44 + 2 * i, integers[i] as number, true)
  return bytes
}

/** Zero crossings of the interpolating sinc on each side. */
const SINC_REACH = 12

/** The same sound at another rate, by a Hann-windowed sinc: clean enough to listen to, far from real time. */
export function resample(wav: Wav, sampleRateHz: number): Wav {
  const { samples } = wav
  const step = wav.sampleRateHz / sampleRateHz
  // Towards a lower rate the sinc is widened, or what no longer fits would fold back into the sound.
  const width = Math.max(1, step)
  const reach = SINC_REACH * width
  const out = new Float32Array(Math.floor(samples.length / step))
  for (let i = 0; i < out.length; i++) {
    const at = i * step
    const last = Math.min(samples.length - 1, Math.floor(at + reach))
    let sum = 0
    for (let k = Math.max(0, Math.ceil(at - reach)); k <= last; k++) {
      sum += (samples[k] as number) * windowedSinc((at - k) / width)
    }
    out[i] = sum / width
  }
  return { sampleRateHz, samples: out }
}

function windowedSinc(x: number): number {
  if (x === 0) return 1
  const angle = Math.PI * x
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / SINC_REACH))
}
