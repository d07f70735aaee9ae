// Figures as people on duty read them: short, with their unit, in the page's language.

import { language, region } from '../../parts/language.ts'

const DAY_MS = 86_400_000

/** `14:03:22`; with the day when it is not within the last one. */
export function formatClock(atMs: number, nowMs: number, tag: string = region): string {
  return new Intl.DateTimeFormat(tag, {
    ...(nowMs - atMs < DAY_MS ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(atMs)
}

/** `84%`, in the way of the language. */
export function formatShare(share: number, tag: string = language): string {
  return new Intl.NumberFormat(tag, { style: 'percent' }).format(share)
}

/** `5.4 ms`, `0.2 s`, `12 s`. */
export function formatMillis(ms: number, tag: string = language): string {
  const [value, unit] = ms < 100 ? [ms, 'millisecond'] : [ms / 1_000, 'second']
  return inUnit(value, unit, tag)
}

/** `58 kb/s`, `1.2 Mb/s`, `14 Gb/s`. */
export function formatBps(bps: number, tag: string = language): string {
  if (bps < 1e6) return inUnit(bps / 1e3, 'kilobit-per-second', tag)
  return bps < 1e9
    ? inUnit(bps / 1e6, 'megabit-per-second', tag)
    : inUnit(bps / 1e9, 'gigabit-per-second', tag)
}

/** `120 MB`, `1.2 GB`. */
export function formatBytes(bytes: number, tag: string = language): string {
  return bytes < 1e9 ? inUnit(bytes / 1e6, 'megabyte', tag) : inUnit(bytes / 1e9, 'gigabyte', tag)
}

/** `3.4`, `34`, `1,234`: two digits that matter, or all of them before the point. */
function inUnit(value: number, unit: string, tag: string): string {
  const maximumFractionDigits = value < 10 ? 1 : 0
  return new Intl.NumberFormat(tag, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits,
  }).format(value)
}
