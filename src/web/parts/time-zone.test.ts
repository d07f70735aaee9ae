import { expect, test } from 'bun:test'
import { formatMoment, nameZone, parseLocalMoment } from './time-zone.ts'

const JULY = Date.UTC(2026, 6, 1, 12)
const JANUARY = Date.UTC(2026, 0, 1, 12)

test('a zone is named with the offset that it has at that time', () => {
  expect(nameZone(JULY, 'Asia/Jakarta')).toBe('Asia/Jakarta (UTC+7)')
  expect(nameZone(JULY, 'Europe/Berlin')).toBe('Europe/Berlin (UTC+2)')
  expect(nameZone(JANUARY, 'Europe/Berlin')).toBe('Europe/Berlin (UTC+1)')
  expect(nameZone(JANUARY, 'America/New_York')).toBe('America/New York (UTC-5)')
  expect(nameZone(JANUARY, 'UTC')).toBe('UTC')
})

test('a moment names its year only when that is not this one', () => {
  expect(formatMoment(JULY, JANUARY, 'Asia/Jakarta')).toBe('Wed 1 Jul, 19:00')
  expect(formatMoment(JULY, JANUARY + 400 * 86_400_000, 'Asia/Jakarta')).toContain('2026')
})

test('an empty or broken field is no moment', () => {
  expect(parseLocalMoment('')).toBeUndefined()
  expect(parseLocalMoment('tomorrow')).toBeUndefined()
  expect(parseLocalMoment('2026-07-01T19:00')).toBe(new Date(2026, 6, 1, 19).getTime())
})
