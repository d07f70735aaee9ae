import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { millis } from '../../base/units.ts'
import { FLUSH_MS_MAX, FLUSH_MS_MIN, FlushPace, LENGTHENING_MAX, NO_COHORT } from './flush-pace.ts'

describe('newcomers', () => {
  test('have a longer interval from the start, while everyone else is led to it', () => {
    const pace = new FlushPace(200, millis(0))
    expect(pace.cohort).toBe(NO_COHORT)
    pace.announce(1_000, millis(0))
    expect(pace.newcomersMs).toBe(1_000)
    expect(pace.usedMs).toBe(200)
    expect(pace.cohort).not.toBe(NO_COHORT)
    pace.flushed(millis(10_000))
    expect(pace.usedMs).toBeCloseTo(500, 6)
    pace.flushed(millis(30_000))
    expect(pace.usedMs).toBe(1_000)
    expect(pace.cohort).toBe(NO_COHORT)
  })

  test('of an earlier announcement are led to a later one too', () => {
    const pace = new FlushPace(200, millis(0))
    pace.announce(1_000, millis(0))
    const cohort = pace.cohort
    pace.announce(2_000, millis(1_000))
    expect(pace.cohort).toBe(cohort)
    expect(pace.newcomersMs).toBe(1_000)
    pace.flushed(millis(11_000))
    expect(pace.newcomersMs).toBeCloseTo(1_300, 6)
  })

  test('nobody’s interval grows faster than players slow down, or beyond what they were told', () => {
    interface Told {
      readonly cohort: number
      toldMs: number
      usedMs: number
    }
    const announcement = fc.integer({ min: FLUSH_MS_MIN / 50, max: FLUSH_MS_MAX / 50 }).map((n) => n * 50)
    const step = fc.record({ waitMs: fc.integer({ min: 1, max: 20_000 }), announcement })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const pace = new FlushPace(200, millis(0))
        const listeners: Told[] = []
        let now = 0
        for (const { waitMs, announcement } of steps) {
          now += waitMs
          pace.announce(announcement, millis(now))
          listeners.push({
            cohort: pace.cohort,
            toldMs: pace.announcedMs,
            usedMs: pace.cohort === NO_COHORT ? pace.usedMs : pace.newcomersMs,
          })
          now += waitMs
          pace.flushed(millis(now))
          for (const listener of listeners) {
            // As a sweep decides, which also brings the news.
            const isNewcomer = listener.cohort !== NO_COHORT && listener.cohort === pace.cohort
            const usedMs = isNewcomer ? pace.newcomersMs : pace.usedMs
            expect(usedMs).toBeLessThanOrEqual(listener.usedMs + 2 * waitMs * LENGTHENING_MAX + 1e-6)
            listener.toldMs = pace.announcedMs
            expect(usedMs).toBeLessThanOrEqual(listener.toldMs)
            listener.usedMs = usedMs
          }
        }
      }),
    )
  })
})
