// A space's announcement as the listening page shows it, written by the edge, so that it is there without a script.

import { wallMillis } from '../../base/units.ts'
import { formatDateTime } from '../../media/hls/date-time.ts'
import { spellMoment } from '../announcement/moment.ts'
import type { PublicSpace } from '../api/api.ts'
import { doorWords } from './door-words.ts'
import { escapeHtml } from './escape-html.ts'

/** What the page is written in. */
export interface Wording {
  /** BCP 47. */
  readonly tag: string
  readonly say: (english: string) => string
}

/** Who is expected and when, and the way into one's calendar: for the time before the beginning. */
export function announcedHtml(space: PublicSpace, words: Wording): string {
  const { people = [], scheduledAtMs, pictureUrl } = space
  return [
    // It decorates: what it is about is said in words.
    ...(pictureUrl === undefined ? [] : [`<img src="${pictureUrl}" alt="" decoding="async">`]),
    ...(people.length === 0 ? [] : [`<p class="with">${withPeople(people, words)}</p>`]),
    ...(scheduledAtMs === undefined
      ? []
      : [plannedHtml(space, scheduledAtMs, words), calendarHtml(space, words)]),
  ].join('')
}

/** What it is about, and in which language. Open before the beginning, one line to press from then on. */
export function aboutHtml(space: PublicSpace, { tag, say }: Wording): string {
  const { description, language, phase } = space
  if (description === undefined && language === undefined) return ''
  const isAhead = phase === 'scheduled' || phase === 'lobby'
  const inLanguage = language === undefined ? '' : ` lang="${escapeHtml(language)}"`
  const paragraphs = (description ?? '')
    .split('\n\n')
    .filter((paragraph) => paragraph !== '')
    .map((text) => `<p${inLanguage} dir="auto">${escapeHtml(text).replaceAll('\n', '<br>')}</p>`)
  const spoken = language === undefined ? '' : say(doorWords.spokenIn)
  const named = spoken.replace('{{language}}', () => escapeHtml(nameLanguage(language ?? '', tag)))
  return [
    `<details id="about"${isAhead ? ' open' : ''}><summary>${escapeHtml(say(doorWords.about))}</summary>`,
    ...paragraphs,
    language === undefined ? '' : `<p class="soft">${named}</p>`,
    '</details>',
  ].join('')
}

/** Each name has a direction of its own. */
function withPeople(people: readonly string[], { tag, say }: Wording): string {
  const list = new Intl.ListFormat([regionalEnglish(tag), 'en-GB'], { type: 'conjunction' })
    .formatToParts(people)
    .map(({ type, value }) => (type === 'element' ? `<bdi>${escapeHtml(value)}</bdi>` : escapeHtml(value)))
    .join('')
  return say(doorWords.withPeople).replace('{{people}}', () => list)
}

/** In the zone of the plan: the script says it in the reader's own and hides this. */
function plannedHtml({ timeZone }: PublicSpace, atMs: number, { tag }: Wording): string {
  const { date, time, zone } = spellMoment(atMs, { language: tag, timeZone })
  const iso = formatDateTime(wallMillis(atMs))
  return `<p class="planned"><time datetime="${iso}">${escapeHtml(`${date}, ${time}`)}</time> ${escapeHtml(zone)}</p>`
}

function calendarHtml({ id }: PublicSpace, { say }: Wording): string {
  return `<p><a class="button" id="calendar" href="/s/${id}/calendar.ics">${escapeHtml(say(doorWords.calendar))}</a></p>`
}

/** `Indonesian`, as readers of `tag` call it; the tag itself where they have no word. */
function nameLanguage(language: string, tag: string): string {
  return new Intl.DisplayNames([tag, 'en'], { type: 'language' }).of(language) ?? language
}

const regionalEnglish = (tag: string): string => (tag === 'en' ? 'en-GB' : tag)
