import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { wallMillis } from '../../base/units.ts'
import {
  beganTry,
  failedTry,
  isExpiring,
  NEVER_TRIED,
  nextTry,
  parseTryRecord,
  renewAt,
  type TryRecord,
  takenUp,
} from './renewal.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const days = (n: number) => wallMillis(n * DAY_MS)
const quarter = { notBeforeMs: days(100), notAfterMs: days(190) }
const week = { notBeforeMs: days(100), notAfterMs: days(106) }

test('a certificate is renewed when a third of its life is left, whatever its length', () => {
  expect(renewAt(quarter)).toBe(days(160))
  expect(renewAt(week)).toBe(days(104))
  expect(nextTry(quarter, NEVER_TRIED)).toBe(days(160))
})

test('without a certificate it is tried at once', () => {
  expect(nextTry(undefined, NEVER_TRIED)).toBe(wallMillis(0))
})

test('expiry is worth a warning in the last week, and in the last quarter of a short life', () => {
  expect([isExpiring(quarter, days(182.9)), isExpiring(quarter, days(183.1))]).toEqual([false, true])
  expect([isExpiring(week, days(104.4)), isExpiring(week, days(104.6))]).toEqual([false, true])
})

test('an authority that asks to wait is obeyed, also by a new start, and looked at again after a day', () => {
  const now = days(5)
  const limited = failedTry(NEVER_TRIED, now, 0.5, { error: 'limited', retryAfterMs: 5 * HOUR_MS })
  expect(nextTry(undefined, limited)).toBe(wallMillis(now + 5 * HOUR_MS))
  expect(nextTry(undefined, takenUp(limited, now))).toBe(wallMillis(now + 5 * HOUR_MS))
  const forAWeek = failedTry(NEVER_TRIED, now, 0.5, { retryAfterMs: 7 * DAY_MS })
  expect(nextTry(undefined, forAWeek)).toBe(wallMillis(now + DAY_MS))
})

test('a new start tries a minute after the last try, and a try that never ended counts as one that failed', () => {
  let record: TryRecord = NEVER_TRIED
  for (let i = 0; i < 6; i++) record = failedTry(record, days(5), 1, { error: 'no' })
  expect(record.nextTryMs - days(5)).toBe(6 * HOUR_MS)
  expect(nextTry(undefined, takenUp(record, days(5.5)))).toBe(wallMillis(days(5) + 60_000))
  expect(takenUp(record, days(4))).toBe(NEVER_TRIED)
  const crashed = beganTry(NEVER_TRIED, days(5), 1)
  expect([crashed.failures, crashed.nextTryMs - days(5)]).toEqual([1, 120_000])
})

test('whatever the dice say, a name is tried at most five times in any hour and at least four times a day', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 12, maxLength: 12 }),
      (dice) => {
        let record: TryRecord = NEVER_TRIED
        let now = days(1)
        const tries: number[] = []
        for (const random of dice) {
          tries.push(now)
          record = failedTry(record, now, random, { error: 'no' })
          expect(record.nextTryMs - now).toBeLessThanOrEqual(6 * HOUR_MS)
          now = nextTry(undefined, record)
        }
        for (const from of tries)
          expect(tries.filter((at) => at >= from && at < from + HOUR_MS).length).toBeLessThanOrEqual(5)
      },
    ),
  )
})

test('a record is read as it was written, and what is none counts as never tried', () => {
  const record = failedTry(NEVER_TRIED, days(5), 0.5, { error: 'no' })
  expect(parseTryRecord(JSON.parse(JSON.stringify(record)))).toEqual(record)
  for (const other of [null, 3, 'x', [], {}, { ...record, nextTryMs: 'soon' }, { ...record, lastError: 3 }])
    expect(parseTryRecord(other)).toBe(NEVER_TRIED)
})
