// Times as the operator reads them, with the zone said: a start that is an hour off is the classic failed event.

import { spellZone } from '../../core/announcement/moment.ts'
import { language } from './language.ts'

/** Those who run spaces get one order of day and month in English, wherever they are: it is read over the telephone. */
const DATES = language === 'en' ? 'en-GB' : language

/** `Asia/Jakarta (UTC+7)`, as `spellZone` has it: the zone of this device, in the page's language, unless told. */
export function nameZone(atMs: number, zone: string = localZone(), tag: string = language): string {
  return spellZone(atMs, zone, tag)
}

/** IANA name of this device's zone. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** `Mon 23 Nov, 19:00`; the year when it is not this one. In the page's language unless told. */
export function formatMoment(atMs: number, nowMs: number, zone?: string, tag: string = DATES): string {
  const at = new Date(atMs)
  return new Intl.DateTimeFormat(tag, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(at.getFullYear() === new Date(nowMs).getFullYear() ? {} : { year: 'numeric' }),
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(at)
}

/** A moment as the value of a `datetime-local` field, `2026-11-23T18:00`, in this device's zone: to the minute. */
export function formatLocalMoment(atMs: number): string {
  const at = new Date(atMs)
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The value of a `datetime-local` field as wall clock ms, in this device's zone; undefined when it is empty. */
export function parseLocalMoment(value: string): number | undefined {
  const atMs = new Date(value).getTime()
  return Number.isFinite(atMs) ? atMs : undefined
}
