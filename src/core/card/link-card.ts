// The card of a space: the picture that messengers and social pages show with its link. 1200 × 630, as Open Graph has
// it, drawn as SVG from measured text, so that nothing that people type can leave its place.
//
//    ┌──────────────────────────────────────────────┐
//    │ ▟ Mimbar                   radio.example.org │
//    │                                              │
//    │ The title, in up to                          │
//    │ three lines                                  │
//    │ Ana, Budi, Citra +2                          │
//    │                                          ◠   │
//    │ Monday 23 November 2026                      │
//    │ 18:00 · Asia/Jakarta (UTC+7)           ▁▂▄█  │
//    │   ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁   │
//    └──────────────────────────────────────────────┘

import { type SpokenMoment, spellMoment } from '../announcement/moment.ts'
import { escapeHtml } from '../page/escape-html.ts'
import { drawable, shorten, type TextMeasure, type WrappedText, wrapText } from './drawable-text.ts'

export const CARD_WIDTH = 1200
export const CARD_HEIGHT = 630

/** What a card says; the same facts are the same picture. */
export interface LinkCard {
  readonly title: string
  readonly people?: readonly string[]
  readonly scheduledAtMs?: number
  readonly timeZone?: string
  readonly language?: string
  /** Host name of the public door: what the link leads to. */
  readonly host: string
}

/** What is on the card of the space itself. */
export type LinkCardFacts = Omit<LinkCard, 'host'>

/** The card's fields of anything that has them, and nothing else: what is kept under it. */
export function linkCardOf(facts: LinkCardFacts, host: string): LinkCard {
  const { title, people, scheduledAtMs, timeZone, language } = facts
  return {
    title,
    ...(people === undefined ? {} : { people }),
    ...(scheduledAtMs === undefined
      ? {}
      : { scheduledAtMs, ...(timeZone === undefined ? {} : { timeZone }) }),
    ...(language === undefined ? {} : { language }),
    host,
  }
}

/** The two weights of one family, and what it is called where it is drawn. */
export interface CardFonts {
  readonly family: string
  readonly regular: TextMeasure
  readonly semiBold: TextMeasure
}

/** Of `web/design/tokens.css`, in the light scheme: a card does not know its reader's. */
export const CARD_COLOURS = {
  ground: '#faf5ea',
  groundSunken: '#f0e8d6',
  ink: '#1d1b3a',
  inkSoft: '#565272',
  action: '#2f318f',
  voice: '#c8730b',
  voiceSoft: '#f9dfae',
  lineStrong: '#8f8468',
} as const

const MARGIN = 80
const TEXT_WIDTH = CARD_WIDTH - 2 * MARGIN
const TITLE_TOP = 158
const LEADING = 1.15
/** Tried in this order; what does not fit the last is shortened. */
const TITLE_SIZES = [
  { size: 84, linesMax: 2 },
  { size: 68, linesMax: 3 },
  { size: 56, linesMax: 3 },
] as const
const PEOPLE_SIZE = 34
const DATE_SIZE = 36
const TIME_SIZE = 30
const HOST_WIDTH_MAX = 600
/** As in `web/design/mark.svg`, on a square of 32. */
const MARK_STEPS = 'M4 28v-4h4v-4h4v-4h4v-3h12v15h-4v-7a2 2 0 0 0-4 0v7z'
const MARK_NICHE = 'M22 2a6 6 0 0 1 6 6v3H16V8a6 6 0 0 1 6-6z'

/** A card as SVG. A title in a script that the font lacks is left out: mark, people and time are what is there then. */
export function drawLinkCard(card: LinkCard, fonts: CardFonts): string {
  const { semiBold } = fonts
  const title = drawable(card.title, semiBold)
  const wrapped = title === undefined ? undefined : wrapTitle(title, semiBold)
  const titleBottom =
    TITLE_TOP + (wrapped === undefined ? 0 : wrapped.size * LEADING * wrapped.text.lines.length)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${CARD_WIDTH} ${CARD_HEIGHT}"`,
    ` width="${CARD_WIDTH}" height="${CARD_HEIGHT}" font-family="${escapeHtml(fonts.family)}">`,
    `<rect width="${CARD_WIDTH}" height="${CARD_HEIGHT}" fill="${CARD_COLOURS.ground}"/>`,
    ...drawSteps(),
    // Standing on the steps; text may run over it, and is as readable there.
    drawMark(740, 213, 436, { steps: CARD_COLOURS.groundSunken, niche: CARD_COLOURS.voiceSoft }),
    drawMark(MARGIN, 52, 64),
    drawText('Mimbar', { x: MARGIN + 76, y: 100, size: 40, weight: 600 }),
    drawHost(card.host, fonts.regular),
    ...(wrapped === undefined ? [] : drawTitle(wrapped)),
    drawPeople(card.people ?? [], fonts.regular, titleBottom + 50),
    ...drawMoment(card, fonts),
    '</svg>',
  ].join('')
}

interface WrappedTitle {
  readonly text: WrappedText
  readonly size: number
}

/** The largest size at which all of it is there; else the smallest, shortened. */
function wrapTitle(title: string, font: TextMeasure): WrappedTitle {
  let smallest: WrappedTitle | undefined
  for (const { size, linesMax } of TITLE_SIZES) {
    const text = wrapText(title, { font, size, linesMax, widthMax: TEXT_WIDTH })
    smallest = { text, size }
    if (text.isWhole) break
  }
  return smallest as WrappedTitle
}

function drawTitle({ text, size }: WrappedTitle): readonly string[] {
  return text.lines.map((line, index) =>
    // The baseline lies about four fifths down a line.
    drawText(line, { x: MARGIN, y: TITLE_TOP + size * (index * LEADING + 0.82), size, weight: 600 }),
  )
}

/** As many names as fit, and how many more there are. */
function drawPeople(people: readonly string[], font: TextMeasure, y: number): string {
  const names = people.map((name) => drawable(name, font)).filter((name) => name !== undefined)
  if (names.length === 0) return ''
  const fits = (line: string) => font.widthOf(line, PEOPLE_SIZE) <= TEXT_WIDTH
  let shown = names.length
  const line = () => {
    const more = people.length - shown
    return names.slice(0, shown).join(', ') + (more === 0 ? '' : ` +${more}`)
  }
  while (shown > 1 && !fits(line())) shown -= 1
  const said = fits(line()) ? line() : shorten(line(), fits)
  return drawText(said, { x: MARGIN, y, size: PEOPLE_SIZE, weight: 400, fill: CARD_COLOURS.inkSoft })
}

function drawMoment(card: LinkCard, { regular, semiBold }: CardFonts): readonly string[] {
  if (card.scheduledAtMs === undefined) return []
  const moment = spell(card, card.scheduledAtMs, semiBold)
  const fits = (line: string) => regular.widthOf(line, TIME_SIZE) <= TEXT_WIDTH
  const time = `${moment.time} · ${moment.zone}`
  return [
    drawText(moment.date, { x: MARGIN, y: 522, size: DATE_SIZE, weight: 600, fill: CARD_COLOURS.action }),
    drawText(fits(time) ? time : shorten(time, fits), {
      x: MARGIN,
      y: 566,
      size: TIME_SIZE,
      weight: 400,
      fill: CARD_COLOURS.inkSoft,
    }),
  ]
}

/** In the talk's language, where the font can write it and the day fits; else in English. */
function spell({ timeZone, language }: LinkCard, atMs: number, font: TextMeasure): SpokenMoment {
  const own = spellMoment(atMs, { language, timeZone })
  const isDrawn = [own.date, own.time, own.zone].every((text) => drawable(text, font) === text)
  if (isDrawn && font.widthOf(own.date, DATE_SIZE) <= TEXT_WIDTH) return own
  return spellMoment(atMs, { timeZone })
}

function drawHost(host: string, font: TextMeasure): string {
  const fits = (line: string) => font.widthOf(line, TIME_SIZE) <= HOST_WIDTH_MAX
  const said = drawable(host, font)
  if (said === undefined) return ''
  const line = fits(said) ? said : shorten(said, fits)
  const x = CARD_WIDTH - MARGIN - font.widthOf(line, TIME_SIZE)
  return drawText(line, { x, y: 98, size: TIME_SIZE, weight: 400, fill: CARD_COLOURS.inkSoft })
}

/** The steps of a mimbar, seen from the front, as on the listening page. */
function drawSteps(): readonly string[] {
  return [
    [0.88, 0.55],
    [0.94, 0.32],
    [1, 0.14],
  ].map(([share, opacity], index) => {
    const width = CARD_WIDTH * (share as number)
    const [x, y] = [(CARD_WIDTH - width) / 2, CARD_HEIGHT - 36 + 12 * index]
    return `<rect x="${x}" y="${y}" width="${width}" height="12" fill="${CARD_COLOURS.lineStrong}" opacity="${opacity}"/>`
  })
}

function drawMark(
  x: number,
  y: number,
  side: number,
  colours = { steps: CARD_COLOURS.ink as string, niche: CARD_COLOURS.voice as string },
): string {
  return [
    `<g transform="translate(${x} ${y}) scale(${side / 32})">`,
    `<path d="${MARK_STEPS}" fill="${colours.steps}"/><path d="${MARK_NICHE}" fill="${colours.niche}"/></g>`,
  ].join('')
}

function drawText(
  text: string,
  as: {
    readonly x: number
    readonly y: number
    readonly size: number
    readonly weight: 400 | 600
    readonly fill?: string
  },
): string {
  const { x, y, size, weight, fill = CARD_COLOURS.ink } = as
  const place = `x="${Math.round(x)}" y="${Math.round(y)}"`
  return `<text ${place} font-size="${size}" font-weight="${weight}" fill="${fill}">${escapeHtml(text)}</text>`
}
