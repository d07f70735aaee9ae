// A space as an event for people's calendars: one iCalendar object (RFC 5545) with one VEVENT.
//
//   BEGIN:VCALENDAR   VERSION PRODID METHOD
//     BEGIN:VEVENT    UID DTSTAMP DTSTART DURATION SUMMARY DESCRIPTION? LOCATION URL
//     END:VEVENT
//   END:VCALENDAR
//
// Lines end with CRLF and have at most 75 octets; a longer one goes on in the next, after a space (section 3.1).

import { MimbarError } from '../../base/errors.ts'
import type { WallMillis } from '../../base/units.ts'
import { formatDateTime } from '../../media/hls/date-time.ts'
import type { SpaceFacts } from '../space/facts.ts'

/** Without its CRLF. */
export const LINE_OCTETS_MAX = 75
/** Nobody says how long a conversation will take. An event without a length is a line that one overlooks. */
const SHOWN_LENGTH = 'PT1H'

/**
 * The event of a space with a planned time. `not-found` without one. `madeAtMs` is when it is asked for: of two copies
 * a calendar keeps the newer. The UID stays the same as long as the space exists, and is not used for another one.
 */
export function calendarOf(
  facts: SpaceFacts,
  where: { readonly listenUrl: string; readonly host: string; readonly madeAtMs: WallMillis },
): string {
  const { scheduledAtMs, description, people = [] } = facts
  if (scheduledAtMs === undefined) {
    throw new MimbarError('not-found', 'This space has no planned time that a calendar could keep.')
  }
  const about = [description ?? '', people.join(', '), where.listenUrl].filter((text) => text !== '')
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Mimbar//Mimbar//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${facts.id}-${facts.createdAtMs.toString(36)}@${where.host}`,
    `DTSTAMP:${utc(where.madeAtMs)}`,
    `DTSTART:${utc(scheduledAtMs)}`,
    `DURATION:${SHOWN_LENGTH}`,
    `SUMMARY:${escapeText(facts.title)}`,
    `DESCRIPTION:${escapeText(about.join('\n\n'))}`,
    // Where a calendar shows no URL it shows the place.
    `LOCATION:${escapeText(where.listenUrl)}`,
    `URL:${where.listenUrl}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${foldLine(line)}\r\n`).join('')
}

/** Form #2 of section 3.3.5: `20261123T110000Z`. */
function utc(at: WallMillis): string {
  return `${formatDateTime(at).slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** A TEXT value (section 3.3.11). */
export function escapeText(text: string): string {
  return text.replaceAll(/[\\;,]/g, (character) => `\\${character}`).replaceAll(/\r\n|\r|\n/g, '\\n')
}

/** One content line in as many as it needs, never parting a character's octets (section 3.1). */
export function foldLine(line: string): string {
  let folded = ''
  let octets = 0
  for (const character of line) {
    const more = octetsOf(character)
    if (octets + more > LINE_OCTETS_MAX) {
      folded += '\r\n '
      octets = 1
    }
    folded += character
    octets += more
  }
  return folded
}

/** Length of one code point in UTF-8. */
function octetsOf(character: string): number {
  const code = character.codePointAt(0) as number
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
}
