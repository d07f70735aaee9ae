// What listeners get while people go on and off air, before it is encoded: every change is a fade.

import { afterAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { SeatId } from '../../base/ids.ts'
import { FRAME_SAMPLES } from '../../base/units.ts'
import type { SlateCue } from '../../core/program/opening.ts'
import { toneAmplitude } from '../../media/pcm/goertzel.ts'
import { makeSlates } from './slate.ts'
import { type ProgramFrame, Sound } from './sound.ts'

const RINA = 'rina22' as SeatId
const HZ = 300
const AMPLITUDE = 0.14
/**
 * The tone moves by 0.007 from sample to sample, the announcement of a hold by up to 0.05. At the end of a frame, which
 * the limiter moves to a crest of the wave, cutting it off would be a step of 0.14 and more.
 */
const STEP_MAX = 0.07

const slates = makeSlates()
const sounds: Sound[] = []
afterAll(() => {
  for (const sound of sounds) sound.close()
})

const tone = (frame: number) =>
  Float32Array.from(
    { length: FRAME_SAMPLES },
    (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * HZ * (frame * FRAME_SAMPLES + i)) / 48_000),
  )

/** One space with one person in it who never stops talking. */
class Room {
  readonly #sound = new Sound(slates)
  #frame = 0
  #heldFrom = 0
  /** What was made, in order. */
  readonly heard: Float32Array[] = []
  /** Packets that went to somebody else on stage. */
  returned = 0

  constructor() {
    sounds.push(this.#sound)
  }

  /** `frames` of it, with her on air, backstage or held. */
  run(where: 'air' | 'backstage' | 'held', frames: number): ProgramFrame {
    if (where === 'held') this.#heldFrom = this.#frame
    const from = this.#frame
    let made: ProgramFrame | undefined
    for (; this.#frame < from + frames; this.#frame++) {
      const frame = this.#frame
      const cue: SlateCue =
        where === 'held' ? { kind: 'hold', at: frame - this.#heldFrom } : { kind: 'pause', at: frame }
      made = this.#sound.make({
        frame,
        inputs: [{ seat: RINA, frame: tone(frame), onAir: where === 'air' }],
        air: where === 'air' ? 'voices' : 'slate',
        cue,
        ears: [{ seat: 'budi22' as SeatId, send: () => (this.returned += 1) }],
      })
      this.heard.push(made.sound.slice())
    }
    return made as ProgramFrame
  }

  get largestStep(): number {
    let largest = 0
    let last = 0
    for (const frame of this.heard) {
      for (const value of frame) {
        largest = Math.max(largest, Math.abs(value - last))
        last = value
      }
    }
    return largest
  }
}

describe('the program', () => {
  test('has nothing of a voice from the second frame on after it was held, and has it back when resumed', () => {
    const room = new Room()
    room.run('air', 20)
    expect(toneAmplitude(room.heard.at(-1) as Float32Array, HZ)).toBeGreaterThan(0.1)
    room.run('held', 2)
    expect(toneAmplitude(room.heard.at(-1) as Float32Array, HZ)).toBeLessThan(0.005)
    const made = room.run('held', 200)
    expect(made.packet).toBe(slates.hold.packetAt(199))
    room.run('air', 3)
    expect(toneAmplitude(room.heard.at(-1) as Float32Array, HZ)).toBeGreaterThan(0.1)
    // On stage somebody heard all of it.
    expect(room.returned).toBe(room.heard.length)
  })

  test('lets the music of a hold fade under who resumes instead of cutting it off', () => {
    const room = new Room()
    room.run('held', 400)
    const loudness = (frame: Float32Array) => Math.max(...frame.map(Math.abs))
    const music = loudness(slates.hold.soundAt(400))
    expect(music).toBeGreaterThan(0.002)
    room.run('air', 60)
    const without = new Room()
    without.run('backstage', 400)
    without.run('air', 60)
    const differenceAt = (frame: number) =>
      loudness((room.heard[frame] as Float32Array).map((value, i) => value - without.heard[frame]![i]!))
    expect(differenceAt(405)).toBeGreaterThan(music / 2)
    expect(differenceAt(455)).toBeLessThan(1e-6)
  })

  test('never makes a step, whoever is held, resumed, or put on and off air, in the middle of a word', () => {
    const moment = fc.record({
      where: fc.constantFrom('air' as const, 'backstage' as const, 'held' as const),
      frames: fc.integer({ min: 1, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(moment, { minLength: 2, maxLength: 8 }), (moments) => {
        const room = new Room()
        for (const { where, frames } of moments) room.run(where, frames)
        expect(room.largestStep).toBeLessThan(STEP_MAX)
      }),
      { numRuns: 40 },
    )
  })
})
