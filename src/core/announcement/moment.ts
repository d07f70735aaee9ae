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
  /** `Asia/Jakarta (UTC+7)`; see {@link spellZone}. */
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
    zone: spellZone(atMs, timeZone, tag),
  }
}

/**
 * `Asia/Jakarta (UTC+7)`: a zone, and its offset at `atMs`, which daylight saving moves. Where the language has a short
 * name of its own for it, that comes first: `WIB, Asia/Jakarta (UTC+7)`.
 */
export function spellZone(atMs: number, timeZone: string, tag: string): string {
  const offset = zoneName(atMs, timeZone, 'en', 'shortOffset').replace('GMT', 'UTC')
  if (timeZone === NO_ZONE || timeZone === offset) return NO_ZONE
  const named = `${timeZone.replaceAll('_', ' ')} (${offset})`
  // English has short names for some zones only, and the same for several: `CST` is a classic mistake.
  const short = isEnglish(tag) ? '' : zoneName(atMs, timeZone, tag, 'short')
  return /^\p{L}+$/u.test(short) ? `${short}, ${named}` : named
}

function zoneName(
  atMs: number,
  timeZone: string,
  tag: string,
  timeZoneName: 'short' | 'shortOffset',
): string {
  const parts = new Intl.DateTimeFormat([tag, ENGLISH], { timeZone, timeZoneName }).formatToParts(atMs)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? NO_ZONE
}

const isEnglish = (tag: string): boolean => tag === 'en' || tag.startsWith('en-')
