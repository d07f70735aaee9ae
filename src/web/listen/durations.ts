// Durations as people read them on a clock, or while they wait.

import { formatUnit } from '../parts/language.ts'

/** `4:05`, `1:02:03`; never negative. */
export function clockText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor(total / 60) % 60
  const seconds = String(total % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

/** `3 days`, `5 hours 10 minutes`, `12 minutes`, `0:42`: as exact as one wants to know while waiting. */
export function countdownText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  if (minutes >= 2 * 24 * 60) return formatUnit(Math.round(minutes / (24 * 60)), 'day', 'long')
  if (minutes > 60) {
    return `${formatUnit(Math.floor(minutes / 60), 'hour', 'long')} ${formatUnit(minutes % 60, 'minute', 'long')}`
  }
  return minutes > 10 ? formatUnit(minutes, 'minute', 'long') : clockText(ms)
}

/** `12 sec`, then as a clock. */
export function shortText(ms: number): string {
  return ms < 60_000 ? formatUnit(Math.round(ms / 1000), 'second', 'short') : clockText(ms)
}
