// Real parts: the demo's two voices, mixed, encoded and packaged as a stage does it, 48 kbit/s in parts of 200 ms.

import { readFile } from 'node:fs/promises'
import { parseSeatId } from '../../src/base/ids.ts'
import {
  epoch,
  FRAME_SAMPLES,
  FRAMES_PER_PART,
  PART_SAMPLES,
  samples,
  sequence,
} from '../../src/base/units.ts'
import { PartCutter } from '../../src/core/part/cutter.ts'
import type { PartEvent } from '../../src/core/part/events.ts'
import { packagePart } from '../../src/core/part/packager.ts'
import type { Part } from '../../src/core/part/part.ts'
import { isSnapshotDue } from '../../src/core/part/snapshot.ts'
import { readOpusFile } from '../../src/media/ogg/opus-file.ts'
import { SILENT_PACKET } from '../../src/media/opus/program.ts'
import { createDecoder, createEncoder } from '../../src/roles/stage/codec.ts'
import { PROGRAM_ENCODER } from '../../src/roles/stage/slate.ts'

/** 30 s, which then begin anew. */
const LOOP_PACKETS = 1_500
const VOICES = ['ana', 'budi'] as const
const SEATS = VOICES.map((_, i) => parseSeatId(`seat000${i + 1}`))

/** Makes part after part of a program; `part` must be called with rising numbers. */
export class BenchProgram {
  readonly #packets: readonly Uint8Array[]
  readonly #cutter = new PartCutter({ fill: SILENT_PACKET, firstGap: 'first' })

  static async load(): Promise<BenchProgram> {
    const sounds = await Promise.all(VOICES.map(decodeVoice))
    const encoder = createEncoder(PROGRAM_ENCODER)
    const frame = new Float32Array(FRAME_SAMPLES)
    const packets = Array.from({ length: LOOP_PACKETS }, (_, n) => {
      frame.fill(0)
      for (const sound of sounds) {
        const heard = sound[n % sound.length] as Float32Array
        for (let i = 0; i < FRAME_SAMPLES; i++) frame[i] = (frame[i] as number) + (heard[i] as number) / 2
      }
      return encoder.encode(frame)
    })
    encoder.close()
    return new BenchProgram(packets)
  }

  private constructor(packets: readonly Uint8Array[]) {
    this.#packets = packets
  }

  part(n: number): Part {
    for (let frame = 0; frame < FRAMES_PER_PART; frame++) {
      const at = n * FRAMES_PER_PART + frame
      const packet = this.#packets[at % this.#packets.length] as Uint8Array
      const cut = this.#cutter.push(samples(n * PART_SAMPLES + frame * FRAME_SAMPLES), packet)
      if (cut !== undefined) return packagePart({ ...cut, epoch: epoch(1), events: eventsOf(n) })
    }
    throw new Error(`part ${n} was not cut`)
  }
}

async function decodeVoice(name: (typeof VOICES)[number]): Promise<readonly Float32Array[]> {
  const file = await readFile(new URL(`../../src/rehearsal/voices/${name}.opus`, import.meta.url))
  const decoder = createDecoder()
  const sound = readOpusFile(file)
    .packets.slice(0, LOOP_PACKETS)
    .map((packet) => decoder.decode(packet).slice())
  decoder.close()
  return sound
}

/** Somebody begins or ends to speak now and then, and each segment begins with a snapshot. */
function eventsOf(n: number): readonly PartEvent[] {
  const events: PartEvent[] = []
  if (isSnapshotDue(sequence(n))) {
    const seats = VOICES.map((name, i) => {
      const id = SEATS[i] as (typeof SEATS)[number]
      return { id, name, role: 'speaker', muted: false, speaking: true } as const
    })
    const snapshot = {
      kind: 'snapshot',
      phase: 'live',
      recorded: true,
      listeners: 10_000,
      slate: false,
    } as const
    events.push({ ...snapshot, epoch: epoch(1), seats })
  }
  if (n % 8 === 0) {
    const seat = SEATS[(n / 8) % 2] as (typeof SEATS)[number]
    events.push({ kind: 'speaking', seat, speaking: n % 16 === 0, level: -30 as never })
  }
  return events
}
