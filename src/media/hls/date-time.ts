// Date and time as playlists print them: UTC with milliseconds (RFC 8216bis, section 4.4.4.6; ISO 8601). Computed
// from the civil calendar, since these folders know no `Date`.

import { type WallMillis, wallMillis } from '../../base/units.ts'

const DAY_MS = 86_400_000
const DAYS_TO_EPOCH = 719_468 // from 0000-03-01 to 1970-01-01
const DAYS_IN_400_YEARS = 146_097

/** For the years 1970 to 9999: `2025-11-22T18:44:05.200Z`. */
export function formatDateTime(at: WallMillis): string {
  const day = Math.floor(at / DAY_MS)
  const ms = at - day * DAY_MS
  const time = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map((n) => digits(n, 2)).join(':')
  return `${formatDay(day)}T${time}.${digits(ms % 1000, 3)}Z`
}

// Years begin on the first of March, so that the leap day is the last of them; then every step is a division.
function formatDay(daysSince1970: number): string {
  const day = daysSince1970 + DAYS_TO_EPOCH
  const era = Math.floor(day / DAYS_IN_400_YEARS)
  const dayOfEra = day - era * DAYS_IN_400_YEARS
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(dayOfMonth, 2)}`
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?(?:Z|([+-])(\d\d):?(\d\d))$/

/** Reads a date and time with a time zone; `undefined` when it is none. */
export function parseDateTime(text: string): WallMillis | undefined {
  const match = DATE_TIME.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as SixNumbers
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined
  const offsetMinutes = (match[8] === '-' ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0))
  const minutes = (daysSince1970(year, month, day) * 24 + hour) * 60 + minute - offsetMinutes
  return wallMillis(minutes * 60_000 + second * 1000 + Number((match[7] ?? '').padEnd(3, '0')))
}

type SixNumbers = [number, number, number, number, number, number]

function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * DAYS_IN_400_YEARS + dayOfEra - DAYS_TO_EPOCH
}

function digits(value: number, count: number): string {
  return String(Math.floor(value)).padStart(count, '0')
}
