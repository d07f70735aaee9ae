import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { FontMetrics } from '../../media/opentype/font-metrics.ts'
import { drawable, wrapText } from './drawable-text.ts'
import { CARD_COLOURS, CARD_WIDTH, drawLinkCard, type LinkCard } from './link-card.ts'

const fontFile = (name: string) =>
  new Uint8Array(readFileSync(fileURLToPath(import.meta.resolve(`@expo-google-fonts/inter/${name}.ttf`))))
const regularBytes = fontFile('400Regular/Inter_400Regular')
const regular = new FontMetrics(regularBytes)
const semiBold = new FontMetrics(fontFile('600SemiBold/Inter_600SemiBold'))
const draw = (card: Partial<LinkCard>) =>
  drawLinkCard(
    { title: 'Night radio', host: 'radio.example', ...card },
    { family: 'Inter', regular, semiBold },
  )

/** The text elements: what they say, where, and how large. */
function textsOf(svg: string) {
  return [
    ...svg.matchAll(/<text x="(\d+)" y="(\d+)" font-size="(\d+)" font-weight="(\d+)"[^>]*>([^<]*)</g),
  ].map(([, x, y, size, weight, text]) => ({
    x: Number(x),
    y: Number(y),
    size: Number(size),
    font: weight === '600' ? semiBold : regular,
    text: (text as string)
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&'),
  }))
}

test('a font is measured by its own tables, and says what it can write', () => {
  expect(semiBold.widthOf('MMMM', 100)).toBeCloseTo(4 * semiBold.widthOf('M', 100))
  expect(semiBold.widthOf('M', 100)).toBeGreaterThan(2 * semiBold.widthOf('i', 100))
  expect(semiBold.widthOf('M', 100)).toBeGreaterThan(regular.widthOf('M', 100))
  expect([...'aéŁЖΩ…–'].every((character) => regular.has(character.codePointAt(0) as number))).toBe(true)
  expect([...'語صא🎙'].some((character) => regular.has(character.codePointAt(0) as number))).toBe(false)
  for (const bytes of [new Uint8Array(), regularBytes.subarray(0, 40), new Uint8Array(500)]) {
    let thrown: unknown
    try {
      new FontMetrics(bytes)
    } catch (error) {
      thrown = error
    }
    expect(hasCode(thrown, 'unsupported')).toBe(true)
  }
})

test('what decorates is left out, and a word with a letter missing is not written at all', () => {
  expect(drawable('Tea 🍵 &  talk 👩‍🚀!', regular)).toBe('Tea & talk !')
  expect(drawable('Cafe\u0301', regular)).toBe('Café')
  for (const text of ['語る', 'مرحبا', 'שלום', 'Tea 茶', '🎙️', ''])
    expect(drawable(text, regular)).toBeUndefined()
})

test('lines are as wide as they may be and no wider, lose nothing but spaces, and end in an ellipsis if cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom(...'aiMW-é.'), minLength: 1, maxLength: 40 }), {
        maxLength: 25,
      }),
      fc.integer({ min: 200, max: 1_000 }),
      (words, widthMax) => {
        const text = words.join(' ')
        const { lines, isWhole } = wrapText(text, { font: regular, size: 60, widthMax, linesMax: 3 })
        expect(lines.length).toBeLessThanOrEqual(3)
        for (const line of lines) expect(regular.widthOf(line, 60)).toBeLessThanOrEqual(widthMax)
        const all = lines.join('').replaceAll(' ', '')
        if (isWhole) expect(all).toBe(text.replaceAll(' ', ''))
        else expect(text.replaceAll(' ', '').startsWith(all.slice(0, -1)) && all.endsWith('…')).toBe(true)
      },
    ),
  )
})

test('whatever people typed stays on the card, as text', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'grapheme', maxLength: 120 }), fc.constantFrom('W'.repeat(120), '<a>&"\'')),
      fc.array(name, { maxLength: 8 }),
      fc.constantFrom(undefined, 'id', 'ar', 'th', 'vi'),
      (title, people, language) => {
        const svg = draw({
          title,
          people,
          scheduledAtMs: Date.UTC(2026, 10, 23, 11),
          timeZone: 'America/Argentina/ComodRivadavia',
          ...(language === undefined ? {} : { language }),
        })
        const texts = textsOf(svg)
        // Every element of the drawing is ours: none came with the text.
        expect(svg.match(/<(?!\/)/g)?.length).toBe(
          texts.length + svg.match(/<(?:svg|rect|g|path)\b/g)!.length,
        )
        for (const { x, y, size, font, text } of texts) {
          expect(x + font.widthOf(text, size)).toBeLessThanOrEqual(CARD_WIDTH - 79)
          expect(y).toBeLessThan(590)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('a card says the title, who and when; more names than fit are counted', () => {
  const texts = textsOf(
    draw({
      title: 'Suara <Rakyat> & "teh"',
      people: [...new Array(7).fill('Bhagawan Abiyasa'), '語'],
      scheduledAtMs: Date.UTC(2026, 10, 23, 11),
      timeZone: 'Asia/Jakarta',
      language: 'id',
    }),
  ).map(({ text }) => text)
  expect(texts).toEqual([
    'Mimbar',
    'radio.example',
    'Suara <Rakyat> & "teh"',
    expect.stringMatching(/^Bhagawan Abiyasa, Bhagawan Abiyasa, Bhagawan Abiyasa \+5$/),
    'Senin, 23 November 2026',
    expect.stringMatching(/^18[.:]00 · WIB, Asia\/Jakarta \(UTC\+7\)$/),
  ])
})

test('a title that the font cannot write is left out, and the date is then said in English', () => {
  const atMs = Date.UTC(2026, 10, 23, 11)
  const svg = draw({ title: 'صوت الناس', language: 'ar', scheduledAtMs: atMs })
  expect(textsOf(svg).map(({ text }) => text)).toEqual([
    'Mimbar',
    'radio.example',
    expect.stringMatching(/^Monday,? 23 November 2026$/),
    '11:00 · UTC',
  ])
  // The mark, small at the top and large at the side.
  expect(svg.match(/scale\(/g)).toHaveLength(2)
})

test('its colours are those of the pages', () => {
  const tokens = readFileSync(new URL('../../web/design/tokens.css', import.meta.url), 'utf8').split(
    '@media',
  )[0]
  for (const [name, colour] of Object.entries(CARD_COLOURS)) {
    expect(tokens).toContain(
      `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${colour};`,
    )
  }
})
