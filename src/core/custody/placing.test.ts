import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sequence } from '../../base/units.ts'
import { rendezvousOrder } from './rendezvous.ts'
import { BACKFILL_PARTS_MAX, startPoint } from './start-point.ts'

const stages = fc.uniqueArray(
  fc.integer({ min: 0, max: 20 }).map((n) => `stage-${n}`),
  { minLength: 1, maxLength: 8 },
)

describe('the order of stages for a space', () => {
  test('is the same whoever asks, and only the spaces of a stage that goes move', () => {
    fc.assert(
      fc.property(fc.string(), stages, (space, list) => {
        const order = rendezvousOrder(space, list)
        expect(rendezvousOrder(space, [...list].reverse())).toEqual(order)
        const without = list.slice(1)
        expect(rendezvousOrder(space, without)).toEqual(order.filter((stage) => stage !== list[0]))
      }),
    )
  })

  test('shares the spaces out', () => {
    const first = Array.from(
      { length: 1_000 },
      (_, i) => rendezvousOrder(`space-${i}`, ['stage-0', 'stage-1'])[0],
    )
    const share = first.filter((stage) => stage === 'stage-0').length
    expect(share).toBeGreaterThan(400)
    expect(share).toBeLessThan(600)
  })
})

describe('where a writer goes on', () => {
  const table = [
    ['a new log begins with the part being spoken', { appendFrom: 0 }, 40, { sequence: 40, gap: 'first' }],
    ['a short hole is filled', { newest: 36, appendFrom: 37 }, 40, { sequence: 37 }],
    ['a writer ahead of the clock is followed', { newest: 41, appendFrom: 42 }, 40, { sequence: 42 }],
    [
      'a long hole is declared',
      { newest: 10, appendFrom: 11 },
      12 + BACKFILL_PARTS_MAX,
      { sequence: 12 + BACKFILL_PARTS_MAX, gap: 'takeover' },
    ],
    ['a burnt block is skipped', { newest: 36, appendFrom: 60 }, 40, { sequence: 60, gap: 'unclean-stop' }],
  ] as const
  for (const [title, log, current, expected] of table) {
    test(title, () => {
      const { appendFrom } = log
      const position =
        'newest' in log
          ? { newest: sequence(log.newest), appendFrom: sequence(appendFrom) }
          : { appendFrom: sequence(appendFrom) }
      const start = startPoint(position, sequence(current))
      expect({ ...start }).toEqual({
        ...expected,
        sequence: sequence(expected.sequence),
        frame: expected.sequence * 10,
      })
    })
  }
})
