import { expect, test } from 'bun:test'
import { MUSIC_LOOP_SECONDS, waitingMusic } from './waiting-music.ts'

const RATE_HZ = 8_000
const music = waitingMusic(RATE_HZ)
const rms = (sound: Float32Array) =>
  Math.sqrt(sound.reduce((sum, value) => sum + value * value, 0) / sound.length)

test('the waiting music is a loop of whole frames, the same every time', () => {
  expect(music.length).toBe(MUSIC_LOOP_SECONDS * RATE_HZ)
  expect(waitingMusic(RATE_HZ)).toEqual(music)
})

test('it is quiet, and never loud', () => {
  const level = 20 * Math.log10(rms(music))
  expect(level).toBeGreaterThan(-40)
  expect(level).toBeLessThan(-26)
  expect(Math.max(...music.map(Math.abs))).toBeLessThan(0.15)
})

test('it begins and ends in silence, and nowhere jumps', () => {
  expect(Math.abs(music[0] as number)).toBeLessThan(1e-6)
  expect(rms(music.subarray(-RATE_HZ / 100))).toBeLessThan(1e-3)
  const steps = music.map((value, i) => Math.abs(value - (music[i - 1] ?? 0)))
  expect(Math.max(...steps)).toBeLessThan(0.03)
})

test('there is no second of nothing inside it', () => {
  for (let second = 1; second < MUSIC_LOOP_SECONDS - 1; second++) {
    expect(rms(music.subarray(second * RATE_HZ, (second + 1) * RATE_HZ))).toBeGreaterThan(1e-3)
  }
})
