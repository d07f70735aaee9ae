// Durations as people read them on a clock.

/** `4:05`, `1:02:03`; never negative. */
export function clockText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000))
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor(total / 60) % 60
  const seconds = String(total % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

/** `3 days`, `5 h 10 min`, `12 min`, `0:42`: as exact as one wants to know while waiting. */
export function countdownText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  if (minutes >= 2 * 24 * 60) return `${Math.round(minutes / (24 * 60))} days`
  if (minutes > 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return minutes > 10 ? `${minutes} min` : clockText(ms)
}

/** `12 s`, then as a clock. */
export function shortText(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : clockText(ms)
}
