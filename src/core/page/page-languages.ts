// The pages in every language that there is, and which of them a request gets.

import { LanguageChooser } from '../language/language-chooser.ts'
import type { PageSet, Pages } from './page.ts'

/** A language of pages. */
export interface PageLanguage {
  /** BCP 47, such as `id`; what `?lang=` asks for, and `<html lang>`. */
  readonly tag: string
  /** As its own readers call it. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
}

/** What pages are written in, and what is said where a translation lacks something. */
export const ENGLISH: PageLanguage = { tag: 'en', name: 'English', direction: 'ltr' }

/** All pages once more. */
export interface TranslatedPages {
  readonly language: PageLanguage
  readonly pages: PageSet
  /** What the doors say themselves (`door-words.ts`), under the English. */
  readonly phrases: Readonly<Record<string, string>>
}

/** Pages as one request gets them. */
export interface ChosenPages {
  /** BCP 47; also for Content-Language. */
  readonly tag: string
  readonly pages: PageSet
  /** A sentence of the door's own; English where it has no other. */
  readonly say: (english: string) => string
}

/** Every answer that depends on the language says so to caches (RFC 9110, section 12.5.5). */
export const VARY_LANGUAGE = 'Accept-Language'

/** Made once from what was bundled; choosing costs a look-up. */
export class PageLanguages {
  readonly #chooser: LanguageChooser
  readonly #byTag: ReadonlyMap<string, ChosenPages>
  readonly #english: ChosenPages

  constructor(pages: Pages) {
    const translations = pages.translations ?? []
    this.#english = { tag: ENGLISH.tag, pages, say: (english) => english }
    this.#chooser = new LanguageChooser([ENGLISH.tag, ...translations.map(({ language }) => language.tag)])
    this.#byTag = new Map(
      translations.map(({ language, pages, phrases }) => [
        language.tag,
        { tag: language.tag, pages, say: (english) => phrases[english] ?? english },
      ]),
    )
  }

  /** By the address's `?lang=` and the Accept-Language header; each null when there is none. */
  choose(asked: string | null, acceptLanguage: string | null): ChosenPages {
    return this.#byTag.get(this.#chooser.choose(asked, acceptLanguage)) ?? this.#english
  }
}
