// What every language's file must keep to. To see what a language lacks: `bun test src/web/languages`.

import { expect, test } from 'bun:test'
import { allEnglishWords, missingIn, readLanguages } from '../../pages.ts'
import { differingWords, missingWords, overlay } from './translation.ts'

/** What is filled in, and elements. */
const PLACEHOLDER = /\{\{\w+\}\}|<\/?\d+>/g

const languages = await readLanguages()

test('there is Indonesian', () => {
  expect(languages.map(({ language }) => language.tag)).toContain('id')
})

for (const source of languages) {
  const { language, phrases, words } = source

  test(`${language.name}: nothing is missing, and what is said has the values and elements of the English`, async () => {
    const missing = await missingIn(source)
    if (missing.length > 0) console.log(`   ${language.tag} lacks:\n     ${missing.join('\n     ')}`)
    if (source.isComplete) expect(missing).toEqual([])
    for (const { folder, words: english } of await allEnglishWords()) {
      expect(differingWords(english, words[folder] ?? {})).toEqual([])
    }
    for (const [english, said] of Object.entries(phrases)) {
      expect([english, said.match(PLACEHOLDER)?.sort()]).toEqual([
        english,
        english.match(PLACEHOLDER)?.sort(),
      ])
      // `2.9` and `2,9`, `4,096` and `4.096`: the digits are what is promised.
      expect([english, said.match(/\d+/g)?.sort()]).toEqual([english, english.match(/\d+/g)?.sort()])
    }
  })

  test(`${language.name}: no phrase is left that nobody says any more`, async () => {
    const unused = new Set(Object.keys(phrases))
    for (const phrase of await missingIn({ ...source, words: {}, phrases: {} })) unused.delete(phrase)
    expect([...unused]).toEqual([])
  })
}

test('a word without a translation stays English, and is reported by its name', () => {
  const english = {
    yes: 'Yes',
    people: (n: number) => `${n} people`,
    line: { wait: 'Wait', leave: 'Leave' },
  }
  const translated = { yes: 'Ya', people: 'orang', line: { leave: 'Keluar', gone: 'x' } }
  expect(missingWords(english, translated)).toEqual(['people', 'line.wait'])
  overlay(english, translated)
  expect(english.yes).toBe('Ya')
  expect(english.people(2)).toBe('2 people')
  expect(english.line).toEqual({ wait: 'Wait', leave: 'Keluar' })
  expect(differingWords({ a: (n: number, m: number) => n + m }, { a: (n: number) => n })).toEqual(['a'])
})
