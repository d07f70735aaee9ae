import { expect, test } from 'bun:test'
import { formatDuration, spellDuration } from './duration.ts'

test('a clock shows hours only when there are some', () => {
  expect(formatDuration(-5)).toBe('0:00')
  expect(formatDuration(249_999)).toBe('4:09')
  expect(formatDuration(3_849_000)).toBe('1:04:09')
})

test('a sentence names at most two units', () => {
  expect(spellDuration(1_000)).toBe('1 second')
  expect(spellDuration(240_000)).toBe('4 minutes')
  expect(spellDuration(3_600_000)).toBe('1 hour')
  expect(spellDuration(3_840_000)).toBe('1 hour 4 minutes')
  expect(spellDuration(5 * 86_400_000)).toBe('5 days')
})
