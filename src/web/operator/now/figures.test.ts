import { expect, test } from 'bun:test'
import { formatBps, formatBytes, formatClock, formatMillis, formatShare } from './figures.ts'

test('figures are short and have their unit', () => {
  expect(formatMillis(1.42, 'en')).toBe('1.4 ms')
  expect(formatMillis(230, 'en')).toBe('0.2 sec')
  expect(formatBps(58_000, 'en')).toBe('58 kb/s')
  expect(formatBps(1_240_000, 'en')).toBe('1.2 Mb/s')
  expect(formatBytes(12.4e9, 'id')).toBe('12 GB')
  expect(formatShare(0.837, 'en')).toBe('84%')
  const at = Date.UTC(2026, 10, 23, 14, 3, 22)
  expect(formatClock(at, at + 1_000, 'en-GB')).toMatch(/^\d\d:03:22$/)
  expect(formatClock(at, at + 2 * 86_400_000, 'en-GB')).toContain('23')
})
