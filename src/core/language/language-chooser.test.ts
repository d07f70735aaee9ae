import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { LanguageChooser, parseAcceptLanguage } from './language-chooser.ts'

const chooser = new LanguageChooser(['en', 'id', 'pt-BR'])

test('a browser gets the language that it wants most, of those that there are', () => {
  for (const [header, tag] of [
    ['id', 'id'],
    ['id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7', 'id'],
    ['en-GB,en;q=0.9,id;q=0.8', 'en'],
    ['fr-CH, fr;q=0.9, id;q=0.4, *;q=0.1', 'id'],
    ['en;q=0.3, id;q=0.7', 'id'],
    // Equal quality: as they came.
    ['id;q=0.5,en;q=0.5', 'id'],
    ['en;q=0.5,id;q=0.5', 'en'],
    // The old code of Indonesian, as Android long sent it.
    ['in-ID', 'id'],
    ['ID-id', 'id'],
    // Lookup goes from the exact to the general, and from a language to its only region.
    ['id-Latn-ID', 'id'],
    ['pt', 'pt-BR'],
    ['pt-br', 'pt-BR'],
    // `*` is anything; q=0 is a refusal.
    ['*', 'en'],
    ['en;q=0, *', 'id'],
    ['id;q=0, en;q=0.1', 'en'],
    ['id;q=0', 'en'],
    // Nothing that we have, nothing at all, and nonsense.
    ['fr, de;q=0.9', 'en'],
    ['', 'en'],
    ['id;q=2, ;;;, q=1, id;q=0.1234, é', 'en'],
    ['identity', 'en'],
  ] as const) {
    expect([header, chooser.choose(null, header)]).toEqual([header, tag])
  }
  expect(chooser.choose(null, null)).toBe('en')
})

test('what the address asks for counts more, if there is such a language', () => {
  expect(chooser.choose('id', 'en')).toBe('id')
  expect(chooser.choose('ID', 'en')).toBe('id')
  expect(chooser.choose('fr', 'id')).toBe('id')
  expect(chooser.choose('', 'id')).toBe('id')
  expect(chooser.choose('<script>', 'id')).toBe('id')
})

test('ranges come by quality, and a choice is the same when it is asked for again', () => {
  expect(parseAcceptLanguage('da, en-gb;q=0.8, en;q=0.7, x ; q=0')).toEqual([
    { range: 'da', quality: 1 },
    { range: 'en-gb', quality: 0.8 },
    { range: 'en', quality: 0.7 },
    { range: 'x', quality: 0 },
  ])
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (header) => {
      const chosen = chooser.choose(null, header)
      expect(['en', 'id', 'pt-BR']).toContain(chosen)
      expect(chooser.choose(null, header)).toBe(chosen)
    }),
  )
})
