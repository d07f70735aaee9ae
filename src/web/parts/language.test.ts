import { expect, test } from 'bun:test'
import { spellDuration } from './duration.ts'
import { formatNumber, formatUnit, joinNames, plural, regionOf } from './language.ts'
import { formatMoment, nameZone } from './time-zone.ts'

const people = { one: 'person', other: 'people' }

test('numbers, plurals, lists and units are as the language has them', () => {
  expect([formatNumber(12_345, 'en'), formatNumber(12_345, 'id')]).toEqual(['12,345', '12.345'])
  expect([1, 2, 1_000].map((n) => plural(n, people, 'en'))).toEqual(['1 person', '2 people', '1,000 people'])
  expect([1, 2].map((n) => plural(n, { other: 'orang' }, 'id'))).toEqual(['1 orang', '2 orang'])
  // Arabic has six kinds; what a file leaves out is said as `other`.
  expect(plural(3, { few: 'few', other: 'other' }, 'ar')).toContain('few')
  expect(plural(100, { few: 'few', other: 'other' }, 'ar')).toContain('other')
  expect(joinNames(['Ana', 'Budi', 'Citra'], 'en-GB')).toBe('Ana, Budi and Citra')
  expect(joinNames(['Ana', 'Budi'], 'id')).toBe('Ana dan Budi')
  expect(formatUnit(4, 'minute', 'long', 'id')).toBe('4 menit')
  expect(spellDuration(3_840_000, 'id')).toBe('1 jam 4 menit')
})

test('dates follow the reader’s region of the page’s language, and say the zone as people there call it', () => {
  expect(regionOf('en', ['id-ID', 'en-AU', 'en-US'])).toBe('en-AU')
  expect(regionOf('en', ['id-ID'])).toBe('en-GB')
  expect(regionOf('id', ['en-AU'])).toBe('id')
  const july = Date.UTC(2026, 6, 1, 12)
  expect(nameZone(july, 'Asia/Jakarta', 'id')).toBe('WIB, Asia/Jakarta (UTC+7)')
  expect(nameZone(july, 'Europe/Berlin', 'id')).not.toContain('undefined')
  expect(formatMoment(july, july, 'Asia/Jakarta', 'id')).toBe('Rab, 1 Jul, 19.00')
})
