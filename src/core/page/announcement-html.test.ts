import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { MimbarError } from '../../base/errors.ts'
import { parseSpaceId } from '../../base/ids.ts'
import { announce } from '../announcement/announcement.ts'
import { spellMoment } from '../announcement/moment.ts'
import type { PublicSpace } from '../api/api.ts'
import { aboutHtml, announcedHtml } from './announcement-html.ts'
import { inOneLine, previewTags } from './link-preview.ts'

const SPACE: PublicSpace = {
  id: parseSpaceId('river'),
  title: 'What the river says',
  phase: 'scheduled',
  recorded: true,
  start: 'manual',
  replay: false,
  listeners: 0,
  scheduledAtMs: Date.UTC(2026, 10, 23, 11),
}
const ENGLISH = { tag: 'en', say: (english: string) => english }
const CARD = { url: 'https://radio.example/s/river/card.png', width: 1200, height: 630, alt: '"<>' }

/** The form of a tag, right or wrong: language, script, region, variant, extension. */
const TAG = fc
  .tuple(
    fc.constantFrom('en', 'id', 'IN', 'zh', 'sr', 'ar', 'cmn', 'tlh', 'qaa', 'i', 'abcdefgh', 'e'),
    fc.constantFrom('', '-Latn', '-hant', '-Zzzz'),
    fc.constantFrom('', '-TW', '-419', '-zz', '-1'),
    fc.constantFrom('', '-1996', '-valencia', '-klingon'),
    fc.constantFrom('', '-u-ca-buddhist', '-x-home', '-t-en', '-u', '--'),
  )
  .map((pieces) => pieces.join(''))

test('a page can be written about every language that is taken, in it and in others', () => {
  fc.assert(
    fc.property(TAG, (tag) => {
      let language: string | undefined
      try {
        language = announce({}, { language: tag }).language
      } catch (error) {
        expect(error).toBeInstanceOf(MimbarError)
        return
      }
      const space = { ...SPACE, language: language as string, timeZone: 'Asia/Jakarta' }
      expect(aboutHtml(space, ENGLISH)).toMatch(/<p class="soft">In \S/)
      expect(announcedHtml(space, { ...ENGLISH, tag: language as string })).toContain('calendar.ics')
      expect(spellMoment(space.scheduledAtMs as number, space).date.length).toBeGreaterThan(5)
      const tags = previewTags({
        url: 'https://radio.example/s/river',
        image: CARD,
        language: language as string,
      })
      expect(tags).toMatch(/"og:locale" content="[a-z]{2,8}(_[A-Z\d]{2,3})?"/)
    }),
  )
})

test('what people typed is text: it begins no element and ends no attribute', () => {
  const nasty = '</p><img src=x onerror="alert(1)">&amp;'
  const html = [
    aboutHtml({ ...SPACE, description: `${nasty}\n${nasty}\n\n${nasty}` }, ENGLISH),
    announcedHtml({ ...SPACE, people: [nasty, 'Ana'] }, ENGLISH),
    previewTags({ url: nasty, image: { ...CARD, alt: nasty }, language: 'id' }),
  ].join('')
  expect(html).not.toContain('<img')
  expect(html.match(/<p[ >]/g)).toHaveLength(5)
  expect(html).toContain('onerror=&quot;alert(1)&quot;&gt;&amp;amp;')
  expect(html).toContain('<meta property="og:locale" content="id_ID">')
})

test('it is open until the space begins, and then one line to press', () => {
  const about = (phase: PublicSpace['phase']) => aboutHtml({ ...SPACE, phase, description: 'Tea' }, ENGLISH)
  expect(about('scheduled')).toStartWith('<details id="about" open>')
  expect(about('live')).toStartWith('<details id="about"><summary>')
  expect(aboutHtml(SPACE, ENGLISH)).toBe('')
})

test('a description in a preview is one line of at most 200 characters', () => {
  expect(inOneLine(' One\n\ntwo ')).toBe('One two')
  expect([...inOneLine('🍵'.repeat(300))]).toHaveLength(200)
  expect(inOneLine('x'.repeat(200))).toBe('x'.repeat(200))
})
