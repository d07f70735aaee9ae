// Durations as people read them.

/** `4:09`, `1:04:09`: hours only when there are some; rounds down. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  const pad = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`
}

/** `42 seconds`, `4 minutes`, `1 hour 4 minutes`: for sentences. */
export function spellDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  if (seconds < 60) return plural(seconds, 'second')
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return plural(Math.floor(hours / 24), 'day')
  if (hours === 0) return plural(minutes, 'minute')
  return minutes % 60 === 0
    ? plural(hours, 'hour')
    : `${plural(hours, 'hour')} ${plural(minutes % 60, 'minute')}`
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
