// Parts of a log as sound, and its events as values.

import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from '../../src/base/units.ts'
import type { PartEvent } from '../../src/core/part/events.ts'
import type { Part, TrackId } from '../../src/core/part/part.ts'
import { toneAmplitude } from '../../src/media/pcm/goertzel.ts'
import { createDecoder } from '../../src/roles/stage/codec.ts'

/** The program's sound: consecutive parts through one decoder. */
export function soundOf(parts: readonly Part[]): Float32Array {
  const decoder = createDecoder()
  const frames = parts.flatMap((part) =>
    oggPackets(trackOf(part, 'opus.ogg')).map((packet) => decoder.decode(packet).slice()),
  )
  decoder.close()
  const sound = new Float32Array(frames.length * FRAME_SAMPLES)
  for (const [i, frame] of frames.entries()) sound.set(frame, i * FRAME_SAMPLES)
  return sound
}

/** Amplitude of a tone in each 20 ms of `sound`; whole periods at multiples of 50 Hz. */
export function toneByFrame(sound: Float32Array, hz: number): number[] {
  return Array.from({ length: sound.length / FRAME_SAMPLES }, (_, i) =>
    toneAmplitude(sound.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES), hz),
  )
}

/** Amplitude of a tone over the last `ms` of `sound`. */
export function toneAtEnd(sound: Float32Array, hz: number, ms: number): number {
  return toneAmplitude(sound.slice(-(ms * SAMPLE_RATE_HZ) / 1_000), hz)
}

export function eventsOf(part: Part): readonly PartEvent[] {
  return JSON.parse(new TextDecoder().decode(trackOf(part, 'events'))) as PartEvent[]
}

function trackOf(part: Part, id: TrackId): Uint8Array {
  const track = part.tracks.get(id)
  if (!track) throw new Error(`part ${part.sequence} has no ${id}`)
  return track
}

/** Packets of one Ogg page by its lacing values (RFC 3533, section 6). */
function oggPackets(page: Uint8Array): Uint8Array[] {
  const count = page[26] as number
  const packets: Uint8Array[] = []
  let start = 27 + count
  let length = 0
  for (const lacing of page.subarray(27, 27 + count)) {
    length += lacing
    if (lacing === 255) continue
    packets.push(page.subarray(start, start + length))
    start += length
    length = 0
  }
  return packets
}
