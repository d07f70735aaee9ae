// What a space says of itself before anybody speaks: a few sentences, the language of the talk, who is expected, and
// the time zone in which its time was planned. Everything is optional, bounded, and text that people typed.

import { MimbarError } from '../../base/errors.ts'
import { parseName } from '../seat/seats.ts'
import { parseLine } from '../space/line.ts'

export const DESCRIPTION_CHARACTERS_MAX = 600
/** More names than a card can hold say less than none. */
export const PEOPLE_MAX = 8
/** BCP 47 needs no more (RFC 5646, section 4.4.1). */
export const LANGUAGE_CHARACTERS_MAX = 35
/** The longest name of the IANA time zone database has 32. */
export const TIME_ZONE_CHARACTERS_MAX = 64

/** What an announcement may hold; part of a space's facts, and of what anyone may know of it. */
export interface Announcement {
  /** Plain text, 1 to 600 characters; line breaks are `\n`, and an empty line parts paragraphs. */
  readonly description?: string
  /** Language of the talk, of its title and description, as a canonical BCP 47 tag such as `id` or `pt-BR`. */
  readonly language?: string
  /** Names of 1 to 8 people who are announced. Who is on stage then is another matter. */
  readonly people?: readonly string[]
  /** IANA name such as `Asia/Jakarta`: the zone in which the time was planned, and is said where no reader's is known. */
  readonly timeZone?: string
}

/** What is asked for when a space is made or changed. An empty text or list takes away what was there. */
export type AnnouncementChange = Announcement

/** Every field, so that none is forgotten where they are taken apart. */
const FIELDS = Object.keys({
  description: true,
  language: true,
  people: true,
  timeZone: true,
} satisfies Record<keyof Announcement, true>) as readonly (keyof Announcement)[]

/**
 * `before` with what `asked` says, checked and in the form in which it is kept. Throws `bad-request`. What was not
 * asked for stays; the result has no fields but an announcement's.
 */
export function announce(before: Announcement, asked: AnnouncementChange): Announcement {
  return announcementOf({ ...before, ...parse(asked) })
}

/** The announcement's fields alone, of anything that has them. */
export function announcementOf(record: Loose): Announcement {
  return Object.fromEntries(
    FIELDS.filter((field) => record[field] !== undefined).map((field) => [field, record[field]]),
  )
}

/** `record` with exactly the announcement `announcement`; the same object when that is what it has. */
export function withAnnouncement<T extends Announcement>(record: T, announcement: Announcement): T {
  if (JSON.stringify(announcementOf(record)) === JSON.stringify(announcement)) return record
  const rest = Object.entries(record).filter(([field]) => !FIELDS.includes(field as keyof Announcement))
  return { ...Object.fromEntries(rest), ...announcement } as T
}

/** undefined under a key is as good as no key. */
type Loose = { readonly [key in keyof Announcement]: Announcement[key] | undefined }

/** undefined under a key: it is to go. */
function parse({ description, language, people, timeZone }: AnnouncementChange): Loose {
  return {
    ...(description === undefined ? {} : { description: parseDescription(description) }),
    ...(language === undefined ? {} : { language: parseLanguage(language) }),
    ...(people === undefined ? {} : { people: parsePeople(people) }),
    ...(timeZone === undefined ? {} : { timeZone: parseTimeZone(timeZone) }),
  }
}

/** Trimmed, with `\n` for every line break and at most one empty line on end; undefined when nothing is left. */
export function parseDescription(text: string): string | undefined {
  const lines = text.split(/\r\n|[\r\n\u2028\u2029]/).map((line) => line.trim())
  const description = lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  if (description === '') return undefined
  if ([...description].length > DESCRIPTION_CHARACTERS_MAX) {
    throw new MimbarError(
      'bad-request',
      `A description has at most ${DESCRIPTION_CHARACTERS_MAX} characters.`,
    )
  }
  // Line by line, because what would move or hide the text around it is refused in any of them.
  for (const line of description.split('\n')) {
    if (line !== '') parseLine(line, { what: 'A description', charactersMax: DESCRIPTION_CHARACTERS_MAX })
  }
  return description
}

/** A canonical tag, without extensions: `IN` becomes `id`, `pt-br-u-nu-latn` becomes `pt-BR`. */
export function parseLanguage(tag: string): string | undefined {
  if (tag === '') return undefined
  const kept = tag.length > LANGUAGE_CHARACTERS_MAX ? undefined : baseNameOf(tag)
  if (kept !== undefined && kept.length <= LANGUAGE_CHARACTERS_MAX) return kept
  throw new MimbarError('bad-request', 'A language is a BCP 47 tag such as `en`, `id` or `pt-BR`.')
}

function baseNameOf(tag: string): string | undefined {
  try {
    return new Intl.Locale(tag).baseName
  } catch {
    // Not well-formed, which the caller says in our words.
    return undefined
  }
}

function parsePeople(names: readonly string[]): readonly string[] | undefined {
  if (names.length > PEOPLE_MAX) {
    throw new MimbarError('bad-request', `At most ${PEOPLE_MAX} people can be announced by name.`)
  }
  return names.length === 0 ? undefined : names.map(parseName)
}

/** A zone that Intl knows, by the name that was given: `Asia/Calcutta` stays what people there typed. */
export function parseTimeZone(name: string): string | undefined {
  if (name === '') return undefined
  if (name.length <= TIME_ZONE_CHARACTERS_MAX && /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) {
    try {
      return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
    } catch {
      // Well-formed and unknown: as any other that is not one.
    }
  }
  throw new MimbarError('bad-request', 'A time zone is an IANA name such as `Asia/Jakarta`.')
}
