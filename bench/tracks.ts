// What each track of a program costs the stage, and what it weighs: `bun bench/tracks.ts`.
//
// Twenty seconds of a demo voice go through the stage's own encoders and packager, three times over, the tracks in turn;
// medians. The share of a core is CPU time over sound time. Bytes are of the log's parts: sound, boxes and events.

import { readFileSync } from 'node:fs'
import { epoch, FRAME_SAMPLES, FRAMES_PER_PART, PART_MS, sequence } from '../src/base/units.ts'
import { packagePart } from '../src/core/part/packager.ts'
import type { TrackId } from '../src/core/part/part.ts'
import { encodeRecord } from '../src/core/part/part.ts'
import { isSnapshotDue } from '../src/core/part/snapshot.ts'
import { readOpusFile } from '../src/media/ogg/opus-file.ts'
import { AacLibrary } from '../src/roles/stage/aac/aac-library.ts'
import { AacTrack } from '../src/roles/stage/aac/aac-track.ts'
import { createDecoder, createEncoder, type EncoderOptions } from '../src/roles/stage/codec.ts'
import { LOW_ENCODER, PROGRAM_ENCODER } from '../src/roles/stage/slate.ts'

const PARTS = 100
const ROUNDS = 3
const SOUND_MS = PARTS * PART_MS
/** Two people on stage, as a snapshot has them. */
const SNAPSHOT = {
  kind: 'snapshot',
  epoch: epoch(1),
  phase: 'live',
  recorded: true,
  listeners: 12_345,
  slate: false,
  seats: [
    { id: 'a1b2c3d4e5' as never, name: 'Ana', role: 'host', muted: false, speaking: true },
    { id: 'f6g7h8i9j0' as never, name: 'Budi', role: 'speaker', muted: false, speaking: false },
  ],
} as const

const library = await AacLibrary.load()
const frames = voice()
const costs = { opus: [] as number[], low: [] as number[], aac: [] as number[] }
let opus: readonly Uint8Array[] = []
let low: readonly Uint8Array[] = []
let aac: readonly (readonly Uint8Array[] | undefined)[] = []
for (let round = 0; round < ROUNDS; round++) {
  costs.opus.push(timed(() => (opus = encodeAll(PROGRAM_ENCODER))))
  costs.low.push(timed(() => (low = encodeAll(LOW_ENCODER))))
  costs.aac.push(timed(() => (aac = encodeAac())))
}

const parts = aac.map((aacFrames, n) => {
  const range = [n * FRAMES_PER_PART, (n + 1) * FRAMES_PER_PART] as const
  return packagePart({
    sequence: sequence(n),
    epoch: epoch(1),
    packets: opus.slice(...range),
    lowPackets: low.slice(...range),
    ...(aacFrames === undefined ? {} : { aacFrames }),
    events: isSnapshotDue(sequence(n)) ? [SNAPSHOT] : [],
  })
})

console.log('track      CPU, % of a core   bytes a part   kbit/s   MB an hour in the log')
const shares: Partial<Record<TrackId, number>> = {
  'opus.mp4': median(costs.opus),
  'low.mp4': median(costs.low),
  'aac.mp4': median(costs.aac),
}
for (const track of ['opus.mp4', 'opus.ogg', 'low.mp4', 'aac.mp4', 'events'] as const) {
  const sizes = parts.flatMap((part) => part.tracks.get(track)?.length ?? [])
  const bytes = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
  const share = shares[track]
  console.log(
    `${track.padEnd(10)}${(share === undefined ? 'the same' : ((100 * share) / SOUND_MS).toFixed(2)).padStart(17)}` +
      `${bytes.toFixed(0).padStart(15)}${((bytes * 8) / PART_MS).toFixed(1).padStart(9)}${mbAnHour(bytes).padStart(12)}`,
  )
}
const recorded = parts.map((part) => {
  const tracks = new Map([...part.tracks].filter(([track]) => track !== 'aac.mp4'))
  return encodeRecord({ ...part, tracks }).length
})
console.log(
  `a record without AAC: ${mbAnHour(recorded.reduce((sum, size) => sum + size, 0) / PARTS)} MB an hour`,
)
process.exit(0)

/** The demo voice's frames, decoded. */
function voice(): readonly Float32Array[] {
  const file = readFileSync(new URL('../src/rehearsal/voices/ana.opus', import.meta.url))
  const { packets } = readOpusFile(file)
  const decoder = createDecoder()
  const sound = Array.from({ length: PARTS * FRAMES_PER_PART }, (_, n) =>
    decoder.decode(packets[n % packets.length] as Uint8Array).slice(0, FRAME_SAMPLES),
  )
  decoder.close()
  return sound
}

function encodeAll(options: EncoderOptions): readonly Uint8Array[] {
  const encoder = createEncoder(options)
  const packets = frames.map((frame) => encoder.encode(frame))
  encoder.close()
  return packets
}

function encodeAac(): readonly (readonly Uint8Array[] | undefined)[] {
  const track = new AacTrack(library)
  const carried = Array.from({ length: PARTS }, (_, part) => {
    for (let n = part * FRAMES_PER_PART; n < (part + 1) * FRAMES_PER_PART; n++) {
      track.push(n, frames[n] as Float32Array, true)
    }
    return track.take(sequence(part))
  })
  track.close()
  return carried
}

/** CPU time, ms, all threads. */
function timed(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}

function mbAnHour(bytesAPart: number): string {
  return ((bytesAPart * 3_600_000) / PART_MS / 1e6).toFixed(1)
}
