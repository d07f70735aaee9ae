// Durations as people read them.

import { formatUnit, language } from './language.ts'

/** `4:09`, `1:04:09`: hours only when there are some; rounds down. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  const pad = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`
}

/** `42 seconds`, `4 minutes`, `1 hour 4 minutes`: for sentences, in the page's language unless told. */
export function spellDuration(durationMs: number, tag: string = language): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  if (seconds < 60) return formatUnit(seconds, 'second', 'long', tag)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return formatUnit(Math.floor(hours / 24), 'day', 'long', tag)
  if (hours === 0) return formatUnit(minutes, 'minute', 'long', tag)
  const spelled = formatUnit(hours, 'hour', 'long', tag)
  return minutes % 60 === 0 ? spelled : `${spelled} ${formatUnit(minutes % 60, 'minute', 'long', tag)}`
}
