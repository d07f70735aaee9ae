// What a language's file holds, how it is laid over the English words, and what it lacks.

/**
 * Words in another language, in the shape of the English ones. Any may be missing: then the English is said. One that
 * English does not have is an error of types, since nobody would ever read it.
 */
export type Translation<Words> = {
  readonly [Key in keyof Words]?: Words[Key] extends string
    ? string
    : Words[Key] extends (...values: infer Values) => string
      ? (...values: Values) => string
      : Translation<Words[Key]>
}

/** Of a language's `translation` export: what it is called, and which way it is written. */
export interface TranslationFacts {
  /** As its own readers call it; shown where one changes the language. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
  /** Nothing is missing, and a test keeps it so. Absent while somebody is still at it. */
  readonly isComplete?: true
}

/** Words are texts, sentences made of values, and groups of words. */
type Word = string | ((...values: never[]) => string) | WordGroup
export interface WordGroup {
  readonly [key: string]: Word | undefined
}

/** Puts every word that `translated` has in the place of the English one. `english` is a page's own, and changes. */
export function overlay(english: object, translated: object): void {
  const target = english as Record<string, unknown>
  for (const [key, word] of Object.entries(translated)) {
    const original = target[key]
    if (isGroup(original) && isGroup(word)) overlay(original, word)
    else if (typeof original === typeof word) target[key] = word
  }
}

/** The names of the English words that `translated` does not have, such as `line.wait`. */
export function missingWords(english: object, translated: object | undefined, path = ''): readonly string[] {
  return Object.entries(english).flatMap(([key, original]) => {
    const word = (translated as Record<string, unknown> | undefined)?.[key]
    const name = `${path}${key}`
    if (isGroup(original)) return missingWords(original, isGroup(word) ? word : undefined, `${name}.`)
    return typeof word === typeof original && word !== '' ? [] : [name]
  })
}

/** The names of words that are functions of another number of values than in English: one of them is never said. */
export function differingWords(english: object, translated: object, path = ''): readonly string[] {
  return Object.entries(english).flatMap(([key, original]) => {
    const word = (translated as Record<string, unknown>)[key]
    const name = `${path}${key}`
    if (isGroup(original) && isGroup(word)) return differingWords(original, word, `${name}.`)
    if (typeof original === 'function' && typeof word === 'function') {
      return original.length === word.length ? [] : [name]
    }
    return []
  })
}

function isGroup(word: unknown): word is WordGroup {
  return typeof word === 'object' && word !== null
}
