// Times as the operator reads them, with the zone said: a start that is an hour off is the classic failed event.

/** `Asia/Jakarta (UTC+7)`: the zone of this device, and its offset at `atMs`, which daylight saving moves. */
export function nameZone(
  atMs: number,
  zone: string = Intl.DateTimeFormat().resolvedOptions().timeZone,
): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(
    atMs,
  )
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', 'UTC') ?? 'UTC'
  return zone === 'UTC' || zone === offset ? 'UTC' : `${zone.replaceAll('_', ' ')} (${offset})`
}

/** `Mon 23 Nov, 19:00`; the year when it is not this one. */
export function formatMoment(atMs: number, nowMs: number, zone?: string): string {
  const at = new Date(atMs)
  return new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(at.getFullYear() === new Date(nowMs).getFullYear() ? {} : { year: 'numeric' }),
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(at)
}

/** The value of a `datetime-local` field as wall clock ms, in this device's zone; undefined when it is empty. */
export function parseLocalMoment(value: string): number | undefined {
  const atMs = new Date(value).getTime()
  return Number.isFinite(atMs) ? atMs : undefined
}
