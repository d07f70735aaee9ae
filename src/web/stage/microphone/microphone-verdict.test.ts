import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { judge, type Loudness, measure, needle, WINDOW_MEASURES } from './microphone-verdict.ts'

const repeat = (count: number, rmsDb: number, peakDb = rmsDb + 12): Loudness[] =>
  Array.from({ length: count }, () => ({ rmsDb, peakDb }))

describe('the verdict about a microphone', () => {
  const cases: readonly [string, readonly Loudness[], string][] = [
    ['nothing heard yet', [], 'listening'],
    ['a second of quiet is not yet a verdict', repeat(20, -60), 'listening'],
    ['five seconds of room noise are too quiet', repeat(100, -60), 'quiet'],
    ['five seconds of zeros are no microphone', repeat(100, -120, -120), 'silent'],
    ['a word is enough', [...repeat(20, -60), ...repeat(5, -25)], 'good'],
    ['tops that are cut off', [...repeat(20, -12), ...repeat(4, -6, 0)], 'clipping'],
    ['one knock on the table is not clipping', [...repeat(20, -25), ...repeat(1, -6, 0)], 'good'],
  ]
  for (const [title, recent, verdict] of cases) {
    test(title, () => expect(judge(recent)).toBe(verdict as never))
  }

  test('what is older than the window is forgotten', () => {
    expect(judge([...repeat(10, -3, 0), ...repeat(WINDOW_MEASURES, -60)])).toBe('quiet')
  })
})

test('a full-scale sine measures −3 dB and peaks at 0', () => {
  const pcm = Float32Array.from({ length: 960 }, (_, i) => Math.sin((2 * Math.PI * i) / 96))
  const { rmsDb, peakDb } = measure(pcm)
  expect(rmsDb).toBeCloseTo(-3.01, 1)
  expect(peakDb).toBeCloseTo(0, 2)
  expect(measure(new Float32Array(960))).toEqual({ rmsDb: -120, peakDb: -120 })
})

test('the needle stays on its scale and rises with the sound', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -200, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 50, noNaN: true }),
      (db, more) => {
        expect(needle(db)).toBeGreaterThanOrEqual(0)
        expect(needle(db)).toBeLessThanOrEqual(1)
        expect(needle(db + more)).toBeGreaterThanOrEqual(needle(db))
      },
    ),
  )
})
