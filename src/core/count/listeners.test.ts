import { expect, test } from 'bun:test'
import { wallMillis } from '../../base/units.ts'
import { REPORT_FRESH_MS } from '../space/freshness.ts'
import { sumListeners } from './listeners.ts'

const report = (edge: string, atMs: number, listeners: Record<string, number>) => ({
  edge,
  atMs: wallMillis(atMs),
  listeners,
})

test('fresh reports add up by space, and an edge that fell silent is not counted', () => {
  const now = wallMillis(100_000)
  const reports = [
    report('edge-0', 99_000, { talk: 3, other: 50 }),
    report('edge-1', 100_000, { talk: 4 }),
    report('edge-2', 100_000 - REPORT_FRESH_MS - 1, { talk: 500 }),
  ]
  expect(sumListeners(reports, 'talk', now)).toBe(7)
  expect(sumListeners(reports, 'empty', now)).toBe(0)
})
