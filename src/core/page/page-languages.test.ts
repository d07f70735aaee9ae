import { expect, test } from 'bun:test'
import { doorWords } from './door-words.ts'
import type { Pages, PageTemplate } from './page.ts'
import { PageLanguages, type TranslatedPages } from './page-languages.ts'

const pagesIn = (tag: string) => {
  const template: PageTemplate = { html: tag, contentSecurityPolicy: tag }
  return {
    home: template,
    listen: template,
    stage: template,
    operator: template,
    count: template,
    absent: template,
  }
}
const indonesian: TranslatedPages = {
  language: { tag: 'id', name: 'Bahasa Indonesia', direction: 'ltr' },
  pages: pagesIn('id'),
  phrases: { [doorWords.noSuchSpace]: 'Ruang ini tidak ada' },
}

test('a request gets every page, and what the door says, in one language; what that lacks is English', () => {
  const languages = new PageLanguages({ ...pagesIn('en'), assets: new Map(), translations: [indonesian] })
  const chosen = languages.choose(null, 'id-ID,en;q=0.5')
  expect([chosen.tag, chosen.pages.listen.html]).toEqual(['id', 'id'])
  expect(chosen.say(doorWords.noSuchSpace)).toBe('Ruang ini tidak ada')
  expect(chosen.say(doorWords.notNow)).toBe(doorWords.notNow)
  const english = languages.choose('en', 'id')
  expect([english.tag, english.pages.listen.html]).toEqual(['en', 'en'])
  expect(english.say(doorWords.noSuchSpace)).toBe(doorWords.noSuchSpace)
})

test('pages that were bundled in English alone are English for everybody', () => {
  const pages: Pages = { ...pagesIn('en'), assets: new Map() }
  expect(new PageLanguages(pages).choose('id', 'id').tag).toBe('en')
})
