import { expect, test } from 'bun:test'
import { microphoneCue } from './microphone-cue.ts'

test('a microphone that opens goes up, one that closes goes down, and neither takes a fifth of a second', () => {
  const [low, high] = microphoneCue(true)
  expect(high?.frequencyHz).toBeGreaterThan(low?.frequencyHz ?? 0)
  expect(microphoneCue(false).map(({ frequencyHz }) => frequencyHz)).toEqual([
    high?.frequencyHz ?? 0,
    low?.frequencyHz ?? 0,
  ])
  for (const isOpen of [true, false]) {
    for (const { inMs, durationMs } of microphoneCue(isOpen)) expect(inMs + durationMs).toBeLessThan(200)
  }
})
