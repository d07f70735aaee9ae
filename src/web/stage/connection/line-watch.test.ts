import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { SeatId } from '../../../base/ids.ts'
import { BETTER_AFTER_MS, LineWatch, LineWatches, type LineWord, WORSE_AFTER_MS } from './line-watch.ts'

const measured = (loss: number, jitterBufferMs = 45) => ({
  connection: 'connected' as const,
  loss,
  jitterBufferMs,
})
const STEP_MS = 200

/** The words over reports five times a second. */
function watch(reports: readonly ReturnType<typeof measured>[]): readonly LineWord[] {
  const line = new LineWatch()
  return reports.map((report, n) => line.see(report, n * STEP_MS))
}
const times = (n: number, loss: number, jitterBufferMs?: number) =>
  new Array(n).fill(measured(loss, jitterBufferMs)) as ReturnType<typeof measured>[]

describe('a connection in words', () => {
  test('is said to lose packets when it does for a while, and not any more when it has stopped for longer', () => {
    const words = watch([...times(20, 0), ...times(20, 0.1), ...times(60, 0)])
    expect(words.slice(0, 20)).not.toContain('losing')
    expect(words[20 + Math.ceil(WORSE_AFTER_MS / STEP_MS)]).toBe('losing')
    expect(words[40 + BETTER_AFTER_MS / STEP_MS - 1]).toBe('losing')
    expect(words.at(-1)).toBe('good')
  })

  test('is said to be late when its sound is held back', () => {
    expect(watch(times(20, 0, 220)).at(-1)).toBe('late')
    expect(watch(times(20, 0, 80)).at(-1)).toBe('good')
  })

  test('of somebody who is away is not spoken of, and begins anew when they are back', () => {
    const line = new LineWatch()
    for (let n = 0; n < 20; n++) line.see(measured(0.3), n * STEP_MS)
    expect(line.see({ ...measured(0.3), connection: 'absent' }, 4_000)).toBe('good')
    expect(line.see(undefined, 4_200)).toBe('good')
    expect(line.see(measured(0.3), 4_400)).toBe('good')
  })

  test('never changes twice within the time that the second word has to hold', () => {
    const report = fc.record({ loss: fc.double({ min: 0, max: 0.2, noNaN: true }), late: fc.nat(240) })
    fc.assert(
      fc.property(fc.array(report, { minLength: 10, maxLength: 120 }), (reports) => {
        const words = watch(reports.map(({ loss, late }) => measured(loss, late)))
        let changedAtMs = Number.NEGATIVE_INFINITY
        let before: LineWord = 'good'
        words.forEach((word, n) => {
          if (word === before) return
          const heldMs = word === 'good' ? BETTER_AFTER_MS : WORSE_AFTER_MS
          expect(n * STEP_MS - changedAtMs).toBeGreaterThanOrEqual(heldMs)
          changedAtMs = n * STEP_MS
          before = word
        })
      }),
    )
  })
})

test('everybody has a line of their own, and who has left is forgotten', () => {
  const watches = new LineWatches()
  const seat = (id: string, loss: number) => ({ id: id as SeatId, observed: measured(loss) })
  for (let n = 0; n < 20; n++) watches.see([seat('rina22', 0.2), seat('budi22', 0)], n * STEP_MS)
  expect([...watches.see([seat('rina22', 0.2), seat('budi22', 0)], 4_000)]).toEqual([
    ['rina22' as SeatId, 'losing'],
    ['budi22' as SeatId, 'good'],
  ])
  watches.see([seat('budi22', 0)], 4_200)
  expect(watches.see([seat('rina22', 0.2)], 4_400).get('rina22' as SeatId)).toBe('good')
})
