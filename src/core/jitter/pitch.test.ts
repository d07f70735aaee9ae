import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { toneAmplitude } from '../../media/pcm/goertzel.ts'
import { shrink, stretch } from './pitch.ts'

const sine = (hz: number, count: number) =>
  Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / 48_000 + 1))
const stepMax = (sound: Float32Array) => {
  let step = 0
  for (let i = 1; i < sound.length; i++) {
    step = Math.max(step, Math.abs((sound[i] as number) - (sound[i - 1] as number)))
  }
  return step
}

test('a periodic sound becomes shorter or longer by a period, at the same pitch, without a step', () => {
  fc.assert(
    fc.property(fc.integer({ min: 130, max: 395 }), (hz) => {
      const sound = sine(hz, 960)
      const shorter = shrink(sound)
      const longer = stretch(sound)
      for (const [changed, by] of [
        [shorter, 960 - shorter.length],
        [longer, longer.length - 960],
      ] as const) {
        const periods = (by * hz) / 48_000
        expect(by).toBeGreaterThan(0)
        expect(Math.abs(periods - Math.round(periods))).toBeLessThan(0.15)
        expect(stepMax(changed)).toBeLessThan(1.6 * stepMax(sound))
      }
      expect(toneAmplitude(longer, hz)).toBeGreaterThan(0.4)
    }),
    { numRuns: 40 },
  )
})

test('the first and last samples stay, so that the joints to the neighbours hold', () => {
  const sound = sine(200, 960)
  for (const changed of [shrink(sound), stretch(sound)]) {
    expect(changed[0]).toBeCloseTo(sound[0] as number, 1)
    expect(changed.at(-1)).toBe(sound.at(-1) as number)
  }
})

test('silence can be cut anywhere, noise nowhere', () => {
  expect(shrink(new Float32Array(960)).length).toBeLessThan(960)
  let seed = 7
  const noise = Float32Array.from({ length: 960 }, () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed / 2_147_483_647 - 0.5
  })
  expect(shrink(noise)).toBe(noise)
  expect(stretch(noise)).toBe(noise)
})
