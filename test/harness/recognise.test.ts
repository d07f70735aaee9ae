import { expect, test } from 'bun:test'
import { recognise } from './recognise.ts'

/** Noise with a slowly changing colour: as hard to confuse with itself as speech is. */
function noise(length: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 32 - 0.5) * 0.2
  })
}

test('a snippet is found at its place, under another voice of the same strength', () => {
  const voice = noise(80_000, 1)
  const other = noise(20_000, 2)
  const heard = voice.slice(30_000, 50_000).map((value, i) => value + other[i]!)
  const found = recognise(heard, voice)
  expect(found.lag).toBe(30_000)
  expect(found.score).toBeGreaterThan(30)
})

test('a voice that is not there scores like chance', () => {
  expect(recognise(noise(20_000, 3), noise(80_000, 4)).score).toBeLessThan(7)
})
