import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { epoch, millis, sequence } from '../../base/units.ts'
import type { Part } from '../part/part.ts'
import { FlushPace } from './flush-pace.ts'
import { PartWindow } from './part-window.ts'
import { parseResumePoint } from './resume-point.ts'
import { completeSegments, segmentSpan } from './segments.ts'

const part = (n: number, gap?: Part['gap']): Part => ({
  sequence: sequence(n),
  epoch: epoch(1),
  ...(gap === undefined ? {} : { gap }),
  tracks: new Map(),
})

describe('the window of parts', () => {
  test('refuses what is not newer, as a resumed tail may repeat it', () => {
    const window = new PartWindow(4)
    expect(window.push(part(5))).toBe(true)
    expect(window.push(part(5))).toBe(false)
    expect(window.push(part(4))).toBe(false)
    expect(window.end).toBe(1)
  })

  test('covers the log from its first part on, as far back as time goes', () => {
    const window = new PartWindow(2)
    window.push(part(7, 'first'))
    expect(window.coveredFrom).toBe(sequence(0))
    window.push(part(8))
    window.push(part(9))
    expect(window.coveredFrom).toBe(sequence(8))
  })

  test('finds any part by its sequence, whatever the gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 60 }), (steps) => {
        const window = new PartWindow(20)
        const sequences: number[] = []
        let at = 0
        for (const step of steps) {
          at += step
          sequences.push(at)
          window.push(part(at))
        }
        const held = sequences.slice(-20)
        for (let wanted = (held[0] as number) - 1; wanted <= at + 1; wanted++) {
          const found = window.ordinalOf(sequence(wanted))
          const expected = held.find((n) => n >= wanted)
          expect(found === window.end ? undefined : window.at(found).sequence).toBe(expected as never)
        }
      }),
    )
  })
})

describe('where a stream resumes', () => {
  test('reads an epoch and a sequence', () => {
    expect(parseResumePoint('3.18400')).toEqual({ epoch: epoch(3), next: sequence(18_400) })
    expect(parseResumePoint(null)).toBeUndefined()
  })

  test.each([
    '',
    '3',
    '3.',
    '.4',
    '-1.4',
    '1.-4',
    '1.4.5',
    '01.4',
    '1e3.4',
    ' 1.4',
    '1.99999999999999999',
    '𝟏.4',
  ])('refuses %p', (text) => {
    let thrown: unknown
    try {
      parseResumePoint(text)
    } catch (error) {
      thrown = error
    }
    expect(hasCode(thrown, 'bad-request')).toBe(true)
  })
})

describe('the flush interval', () => {
  test('grows by at most three percent of elapsed time, and never beyond what was announced', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 2_000 }),
        fc.integer({ min: 200, max: 2_000 }),
        fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 50 }),
        (before, after, waits) => {
          const pace = new FlushPace(before, millis(0))
          let now = 0
          expect(pace.announce(after, millis(now))).toBe(before !== after)
          let used = pace.usedMs
          expect(used).toBeLessThanOrEqual(Math.max(before, after))
          for (const wait of waits) {
            now += wait
            const due = pace.flushed(millis(now))
            expect(due - now).toBeCloseTo(pace.usedMs, 6)
            expect(pace.usedMs).toBeLessThanOrEqual(used + 0.03 * wait + 1e-9)
            expect(pace.usedMs).toBeLessThanOrEqual(after)
            used = pace.usedMs
          }
        },
      ),
    )
  })

  test('a shorter one is used at once', () => {
    const pace = new FlushPace(2_000, millis(0))
    pace.announce(200, millis(10))
    expect(pace.usedMs).toBe(200)
    expect(pace.isPerPart).toBe(true)
  })

  test('repeating an announcement is no news', () => {
    expect(new FlushPace(400, millis(0)).announce(400, millis(5))).toBe(false)
  })
})

describe('segments', () => {
  test('a segment of the live window is complete when its last part is there', () => {
    expect(completeSegments(sequence(10), undefined, sequence(28), false)).toEqual([segmentSpan(1)])
    expect(completeSegments(sequence(10), undefined, sequence(29), false)).toEqual([
      segmentSpan(1),
      segmentSpan(2),
    ])
  })

  test('a program that begins and ends inside segments has a short first and last one', () => {
    expect(completeSegments(sequence(13), sequence(27), sequence(26), true)).toEqual([
      { number: 1, from: sequence(13), to: sequence(20) },
      { number: 2, from: sequence(20), to: sequence(27) },
    ])
  })

  test('a log that stopped before its program’s end has a last segment as short as it is', () => {
    expect(completeSegments(sequence(0), sequence(40), sequence(12), true)).toEqual([
      { number: 0, from: sequence(0), to: sequence(10) },
      { number: 1, from: sequence(10), to: sequence(13) },
    ])
  })

  test('segments join without a hole, whatever the program and the log', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(200), fc.boolean(), (start, length, newest, sealed) => {
        const to = sequence(start + length + 1)
        const spans = completeSegments(sequence(start), to, sequence(newest), sealed)
        for (const [i, span] of spans.entries()) {
          expect(span.from).toBe(i === 0 ? sequence(start) : (spans[i - 1]?.to as never))
          expect(span.to).toBeGreaterThan(span.from)
          expect(Math.floor(span.from / 10)).toBe(span.number)
          expect(span.to).toBeLessThanOrEqual(Math.min(to, newest + 1))
        }
      }),
    )
  })
})
