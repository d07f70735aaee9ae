import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { MimbarError } from '../../base/errors.ts'
import {
  announce,
  DESCRIPTION_CHARACTERS_MAX,
  PEOPLE_MAX,
  parseDescription,
  withAnnouncement,
} from './announcement.ts'
import { spellMoment } from './moment.ts'

test('a description keeps its paragraphs and nothing that would move the text around it', () => {
  expect(parseDescription('  One \r\n two\r\r\n\n\n\nthree\u2028four  ')).toBe('One\ntwo\n\nthree\nfour')
  expect(parseDescription(' \n ')).toBeUndefined()
  expect(parseDescription('🎙️'.repeat(300))?.length).toBe(900)
  for (const bad of ['x'.repeat(601), 'a\u0000b', 'a\tb', 'a\u202eb', '\ud800']) {
    expect(() => parseDescription(bad)).toThrow(MimbarError)
  }
})

test('what is kept of a description is what would be kept of it again, within its limit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 700 }), (text) => {
      try {
        const kept = parseDescription(text) ?? ''
        expect([...kept].length).toBeLessThanOrEqual(DESCRIPTION_CHARACTERS_MAX)
        expect(parseDescription(kept) ?? '').toBe(kept)
      } catch (error) {
        expect(error).toBeInstanceOf(MimbarError)
      }
    }),
  )
})

test('a language is kept in its canonical form, a time zone by a name that clocks know', () => {
  expect(announce({}, { language: 'PT-br' })).toEqual({ language: 'pt-BR' })
  expect(announce({}, { language: 'in' })).toEqual({ language: 'id' })
  expect(announce({}, { timeZone: 'Asia/Jakarta' })).toEqual({ timeZone: 'Asia/Jakarta' })
  expect(announce({}, { language: 'ar-u-nu-latn-x-home' })).toEqual({ language: 'ar' })
  for (const language of ['english language', '"><script>', 'x'.repeat(36), '*', '-']) {
    expect(() => announce({}, { language })).toThrow(MimbarError)
  }
  for (const timeZone of ['Mars/Olympus', '+07:00', 'Asia/Jakarta"', 'A'.repeat(65)]) {
    expect(() => announce({}, { timeZone })).toThrow(MimbarError)
  }
})

test('people are a few names, each as a name on stage may be', () => {
  expect(announce({}, { people: [' Ana ', 'Budi'] })).toEqual({ people: ['Ana', 'Budi'] })
  for (const people of [new Array(PEOPLE_MAX + 1).fill('Ana'), [''], ['a\nb'], ['x'.repeat(41)]]) {
    expect(() => announce({}, { people })).toThrow(MimbarError)
  }
})

test('a change touches what it names; an empty text or list takes away, and no change is no change', () => {
  const space = { title: 'x', description: 'a', language: 'id', people: ['Ana'] }
  const changed = announce(space, { description: '', people: ['Budi'] })
  expect(changed).toEqual({ language: 'id', people: ['Budi'] })
  expect(withAnnouncement(space, changed)).toEqual({ title: 'x', language: 'id', people: ['Budi'] } as never)
  expect(announce(space, { description: '', people: [], language: '', timeZone: '' })).toEqual({})
  expect(withAnnouncement(space, announce(space, { language: 'ID' }))).toBe(space)
})

test('a moment is said in the language and the zone of its plan', () => {
  const atMs = Date.UTC(2026, 10, 23, 11)
  expect(spellMoment(atMs, { timeZone: 'Asia/Jakarta' })).toEqual({
    // Editions of the CLDR differ by a comma.
    date: expect.stringMatching(/^Monday,? 23 November 2026$/),
    time: '18:00',
    zone: 'Asia/Jakarta (UTC+7)',
  })
  const indonesian = spellMoment(atMs, { language: 'id', timeZone: 'America/New_York' })
  expect(indonesian.date).toContain('23 November 2026')
  expect(indonesian.date).toContain('Senin')
  expect(indonesian.zone).toContain('America/New York (UTC-5)')
  expect(spellMoment(atMs, { language: 'tlh' })).toEqual(spellMoment(atMs, {}))
  expect(spellMoment(atMs, {})).toMatchObject({ time: '11:00', zone: 'UTC' })
})
