// A planned moment in words, with its zone: a start that is an hour off is the classic failed event.

/** What is said where nobody has said in which zone a time was planned. */
const NO_ZONE = 'UTC'
/** Day before month, and 24 hours: what is read the same way everywhere. */
const ENGLISH = 'en-GB'

/** A moment, in the language of a talk and the zone of its plan. */
export interface SpokenMoment {
  /** `Monday 23 November 2026`. */
  readonly date: string
  /** `18:00`. */
  readonly time: string
  /** `Asia/Jakarta (UTC+7)`. */
  readonly zone: string
}

/** `language` as BCP 47; without one, English. `timeZone` as an IANA name; without one, UTC. */
export function spellMoment(
  atMs: number,
  said: { readonly language?: string | undefined; readonly timeZone?: string | undefined },
): SpokenMoment {
  const timeZone = said.timeZone ?? NO_ZONE
  const tag = said.language === undefined || said.language === 'en' ? ENGLISH : said.language
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat([tag, ENGLISH], { ...options, timeZone }).format(atMs)
  return {
    date: part({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    time: part({ hour: '2-digit', minute: '2-digit' }),
    zone: spellZone(atMs, timeZone),
  }
}

/** `Asia/Jakarta (UTC+7)`: a zone, and its offset at `atMs`, which daylight saving moves. */
export function spellZone(atMs: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(atMs)
  const offset = (parts.find(({ type }) => type === 'timeZoneName')?.value ?? NO_ZONE).replace('GMT', 'UTC')
  if (timeZone === NO_ZONE || timeZone === offset) return NO_ZONE
  return `${timeZone.replaceAll('_', ' ')} (${offset})`
}
