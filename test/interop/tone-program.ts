// A program whose every sample is known: a tone that names the second, and a chirp at the start of each second that
// tells where it begins to the sample. Encoded, cut and packaged by the same code as on air.

import { Encoder } from '@evan/opus'
import {
  type Epoch,
  epoch,
  FRAME_SAMPLES,
  PART_SAMPLES,
  SAMPLE_RATE_HZ,
  type Sequence,
  samples,
} from '../../src/base/units.ts'
import { PartCutter } from '../../src/core/part/cutter.ts'
import type { PartEvent } from '../../src/core/part/events.ts'
import { packagePart, programHeaders } from '../../src/core/part/packager.ts'
import type { Part, TrackId } from '../../src/core/part/part.ts'
import { isSnapshotDue } from '../../src/core/part/snapshot.ts'
import { SILENT_PACKET } from '../../src/media/opus/program.ts'
import { toneAmplitude } from '../../src/media/pcm/goertzel.ts'
import type { AacLibrary } from '../../src/roles/stage/aac/aac-library.ts'
import { AacTrack } from '../../src/roles/stage/aac/aac-track.ts'
import type { ProgramPacket } from '../../src/roles/stage/slate.ts'

const CHIRP_SAMPLES = 1920 // 40 ms, 2 → 6 kHz
const AMPLITUDE = 0.3

/** The tone of program second `s`, in Hz; neighbours differ, and a tenth of a second holds whole periods. */
export const toneOf = (second: number): number => 400 + 100 * (second % 20)

/** What is encoded: `seconds` of program. */
export function toneProgram(seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * SAMPLE_RATE_HZ }, (_, i) => {
    const within = i % SAMPLE_RATE_HZ
    const t = within / SAMPLE_RATE_HZ
    if (within >= CHIRP_SAMPLES)
      return AMPLITUDE * Math.sin(2 * Math.PI * toneOf(Math.floor(i / SAMPLE_RATE_HZ)) * t)
    return AMPLITUDE * Math.sin(2 * Math.PI * (2000 + (4000 * within) / (2 * CHIRP_SAMPLES)) * t)
  })
}

export interface ToneProgramOptions {
  readonly from: Sequence
  readonly seconds: number
  /** Parts that never come, counted from `from`. */
  readonly missing?: ReadonlySet<number>
  readonly epoch?: Epoch
  /** With it the parts carry AAC as well. */
  readonly aac?: AacLibrary
}

/** Encodes and packages the tone program, its first sample at the start of part `from`. */
export function packageToneProgram(options: ToneProgramOptions): Part[] {
  const [opus, low] = [encoderOf(48_000), encoderOf(24_000)]
  const aac = new AacTrack(options.aac)
  const pcm = toneProgram(options.seconds)
  const cutter = new PartCutter<ProgramPacket>({
    fill: { opus: SILENT_PACKET, low: SILENT_PACKET },
    firstGap: 'first',
  })
  const parts: Part[] = []
  for (let at = 0; at < pcm.length; at += FRAME_SAMPLES) {
    const position = options.from * PART_SAMPLES + at
    const sound = pcm.subarray(at, at + FRAME_SAMPLES)
    const packet = { opus: opus(sound), low: low(sound) }
    if (options.missing?.has(Math.floor(at / PART_SAMPLES))) continue
    aac.push(position / FRAME_SAMPLES, sound, options.aac !== undefined)
    const cut = cutter.push(samples(position), packet)
    if (!cut) continue
    const aacFrames = aac.take(cut.sequence)
    parts.push(
      packagePart({
        ...cut,
        packets: cut.packets.map((packets) => packets.opus),
        lowPackets: cut.packets.map((packets) => packets.low),
        ...(aacFrames === undefined ? {} : { aacFrames }),
        epoch: options.epoch ?? epoch(1),
        events: eventsOf(cut.sequence),
      }),
    )
  }
  aac.close()
  return parts
}

function encoderOf(bitrateBps: number): (sound: Float32Array) => Uint8Array {
  const encoder = new Encoder({ channels: 1, sample_rate: SAMPLE_RATE_HZ, application: 'audio' })
  encoder.bitrate = bitrateBps
  return (sound) =>
    Uint8Array.from(encoder.encode(Int16Array.from(sound, (value) => Math.round(value * 32767))))
}

/** Snapshots where they are due, something small now and then, and mostly nothing: as on air. */
function eventsOf(sequence: Sequence): PartEvent[] {
  if (isSnapshotDue(sequence)) {
    const text = {
      epoch: epoch(1),
      phase: 'live',
      recorded: true,
      listeners: 7,
      slate: false,
      seats: [],
    } as const
    return [{ kind: 'snapshot', ...text }]
  }
  return sequence % 3 === 0 ? [{ kind: 'listeners', listeners: sequence % 100 }] : []
}

/** One track as a stream: its header and the parts behind it. */
export function streamOf(track: TrackId, parts: readonly Part[]): Uint8Array {
  return Buffer.concat([headerOf(track), ...parts.map((part) => trackOf(part, track))])
}

export function headerOf(track: TrackId): Uint8Array {
  return programHeaders().find((header) => header.id === track)?.header as Uint8Array
}

export function trackOf(part: Part, track: TrackId): Uint8Array {
  return part.tracks.get(track) as Uint8Array
}

/** How strong the tone of program second `second` is in the tenth of a second that starts at `atSeconds` of `pcm`. */
export function toneStrength(pcm: Float32Array, atSeconds: number, second: number): number {
  const start = Math.round(atSeconds * SAMPLE_RATE_HZ)
  return toneAmplitude(pcm.subarray(start, start + SAMPLE_RATE_HZ / 10), toneOf(second)) / AMPLITUDE
}

/** By how many samples the chirp of program second `second` comes later in `pcm` than at sample `expected`. */
export function chirpOffset(pcm: Float32Array, expected: number): number {
  const chirp = toneProgram(1).subarray(0, CHIRP_SAMPLES)
  let best = { offset: Number.NaN, score: 0 }
  for (let offset = -480; offset <= 480; offset++) {
    let score = 0
    for (const [i, value] of chirp.entries()) score += value * (pcm[expected + offset + i] ?? 0)
    if (score > best.score) best = { offset, score }
  }
  return best.offset
}
