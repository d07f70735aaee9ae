import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { toneAmplitude } from '../../media/pcm/goertzel.ts'
import { peakOf } from '../../media/pcm/level.ts'
import { CEILING } from './limiter.ts'
import { Mixer, type MixInput } from './mixer.ts'

const tone = (hz: number, tick: number, amplitude = 0.2) =>
  Float32Array.from(
    { length: 960 },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * (tick * 960 + i)) / 48_000),
  )
const SILENCE = new Float32Array(960)
const HZ = { ana: 400, budi: 650, citra: 1_100 } as const
type Name = keyof typeof HZ
const NAMES = Object.keys(HZ) as Name[]

/** Runs `ticks` ticks; whoever `voices` names speaks a tone of his own, the others are silent but there. */
function run(
  mixer: Mixer<Name>,
  from: number,
  ticks: number,
  voices: readonly Name[],
  backstage: readonly Name[] = [],
) {
  let mixed = mixer.mix([])
  const program = new Float32Array(ticks * 960)
  for (let tick = 0; tick < ticks; tick++) {
    const inputs: MixInput<Name>[] = NAMES.map((seat) => ({
      seat,
      frame: voices.includes(seat) ? tone(HZ[seat], from + tick) : SILENCE,
      onAir: !backstage.includes(seat),
    }))
    mixed = mixer.mix(inputs)
    program.set(mixed.program, tick * 960)
  }
  return { mixed, program }
}
const heard = (frame: Float32Array) => NAMES.filter((name) => toneAmplitude(frame, HZ[name]) > 0.05)
const frameOf = (mixed: ReturnType<Mixer<Name>['mix']>, seat: Name) => {
  const minus = mixed.minus(seat)
  return minus === 'program' ? mixed.program : minus
}

describe('a mixer', () => {
  test('puts everyone into the program and nobody into the mix-minus of himself', () => {
    const { mixed } = run(new Mixer<Name>(), 0, 10, NAMES)
    expect(heard(mixed.program)).toEqual(NAMES)
    for (const name of NAMES) {
      const minus = frameOf(mixed, name)
      expect(heard(minus)).toEqual(NAMES.filter((other) => other !== name))
      expect(toneAmplitude(minus, HZ[name])).toBeLessThan(1e-3)
    }
  })

  test('cancels a voice exactly: what is left of it in its mix-minus is below 16-bit noise', () => {
    const mixer = new Mixer<Name>()
    for (let tick = 0; tick < 20; tick++) {
      const frame = Float32Array.from({ length: 960 }, (_, i) => 0.7 * Math.sin((tick * 960 + i) ** 1.3))
      const mixed = mixer.mix([{ seat: 'ana', frame, onAir: true }])
      expect(peakOf(frameOf(mixed, 'ana'))).toBeLessThan(1e-7)
      if (tick > 1) expect(peakOf(mixed.program)).toBeGreaterThan(0.4)
    }
  })

  test('lets the silent share the program, and only them', () => {
    const { mixed } = run(new Mixer<Name>(), 0, 30, ['ana'])
    expect(NAMES.map((name) => mixed.minus(name) === 'program')).toEqual([false, true, true])
    expect(mixed.isSilent).toBe(false)
  })

  test('keeps the own mix of a speaker through a breath and lets go of it after half a second', () => {
    const mixer = new Mixer<Name>()
    run(mixer, 0, 30, ['ana'])
    expect(run(mixer, 30, 15, []).mixed.minus('ana')).not.toBe('program')
    const later = run(mixer, 45, 15, []).mixed
    expect(later.minus('ana')).toBe('program')
    expect(later.isSilent).toBe(true)
    expect(peakOf(later.program)).toBe(0)
  })

  test('lets the stage hear who is backstage, and not the listeners', () => {
    const { mixed } = run(new Mixer<Name>(), 0, 10, ['ana', 'citra'], ['citra'])
    expect(heard(mixed.program)).toEqual(['ana'])
    expect(heard(frameOf(mixed, 'ana'))).toEqual(['citra'])
    expect(heard(frameOf(mixed, 'budi'))).toEqual(['ana', 'citra'])
    expect(heard(frameOf(mixed, 'citra'))).toEqual(['ana'])
  })

  test('never makes a step, whoever comes, goes, is muted or goes on air', () => {
    const moment = fc.record({
      ana: fc.constantFrom('air', 'backstage', 'away'),
      budi: fc.constantFrom('air', 'backstage', 'away'),
      ticks: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 12 }), (moments) => {
        const mixer = new Mixer<Name>()
        const last = { program: 0, budi: 0 }
        let tick = 0
        for (const { ana, budi, ticks } of moments) {
          for (let n = 0; n < ticks; n++, tick++) {
            const inputs = (
              [
                ['ana', ana],
                ['budi', budi],
              ] as const
            )
              .filter(([, where]) => where !== 'away')
              .map(([seat, where]) => ({ seat, frame: tone(HZ[seat], tick), onAir: where === 'air' }))
            const mixed = mixer.mix(inputs)
            for (const [stream, frame] of [
              ['program', mixed.program],
              ['budi', frameOf(mixed, 'budi')],
            ] as const) {
              for (const value of frame) {
                // Two tones of 0.2 move by at most 0.03 from sample to sample; a mirrored end by twice that.
                expect(Math.abs(value - last[stream])).toBeLessThan(0.06)
                last[stream] = value
              }
            }
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  test('keeps thirteen people who shout at once below the ceiling, in the program and in every mix-minus', () => {
    const mixer = new Mixer<string>()
    const seats = Array.from({ length: 13 }, (_, i) => `seat${i}`)
    for (let tick = 0; tick < 50; tick++) {
      const inputs = seats.map((seat, i) => ({ seat, frame: tone(300 + 37 * i, tick, 1), onAir: true }))
      const mixed = mixer.mix(inputs)
      expect(peakOf(mixed.program)).toBeLessThanOrEqual(CEILING + 1e-6)
      for (const seat of seats) {
        expect(peakOf(mixed.minus(seat) as Float32Array)).toBeLessThanOrEqual(CEILING + 1e-6)
      }
    }
  })

  test('forgets a seat that has been gone for some seconds, and takes it back as new', () => {
    const mixer = new Mixer<Name>()
    run(mixer, 0, 10, ['ana'])
    for (let i = 0; i < 300; i++) mixer.mix([])
    expect(heard(run(mixer, 310, 10, ['ana']).mixed.program)).toEqual(['ana'])
  })
})
