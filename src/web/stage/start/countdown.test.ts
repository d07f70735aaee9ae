import { expect, test } from 'bun:test'
import { beepsBefore } from './countdown.ts'

test('five short beeps a second apart, and a long one at the start', () => {
  const beeps = beepsBefore(5_400)
  expect(beeps.map(({ inMs }) => inMs)).toEqual([400, 1_400, 2_400, 3_400, 4_400, 5_400])
  expect(new Set(beeps.slice(0, 5).map(({ durationMs }) => durationMs)).size).toBe(1)
  expect(beeps.at(-1)?.durationMs).toBeGreaterThan(beeps[0]?.durationMs ?? 0)
})

test('who comes in the middle hears what is left, and who comes late nothing', () => {
  expect(beepsBefore(1_500).map(({ inMs }) => inMs)).toEqual([500, 1_500])
  expect(beepsBefore(-1)).toEqual([])
})
