// The language that this page is in, and what depends on it: numbers, plurals, lists, units and dates are Intl's
// business, so that a language's file has only its words.

/** BCP 47, as the server wrote it into `<html lang>`; English where there is no document. */
export const language: string = typeof document === 'undefined' ? 'en' : document.documentElement.lang || 'en'

/** Day and 24-hour time in the international order, where English says no more. */
const ENGLISH_REGION = 'en-GB'

/** For dates and lists: the reader's own region of the page's language, such as `en-AU`; the browser knows it. */
export const region: string = regionOf(language, typeof document === 'undefined' ? [] : navigator.languages)

/** The first of `preferred` that is a region of `tag`; without one, `tag` itself (and `en-GB` for English). */
export function regionOf(tag: string, preferred: readonly string[]): string {
  return preferred.find((one) => one.startsWith(`${tag}-`)) ?? (tag === 'en' ? ENGLISH_REGION : tag)
}

/** `1,234`. */
export function formatNumber(n: number, tag: string = language): string {
  return new Intl.NumberFormat(tag).format(n)
}

/** What a language says of a number; the kinds of CLDR, of which every language has `other`. */
export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }>

/** `1 person`, `1,234 people`: the number and the form that it asks for. */
export function plural(n: number, forms: PluralForms, tag: string = language): string {
  return `${formatNumber(n, tag)} ${forms[new Intl.PluralRules(tag).select(n)] ?? forms.other}`
}

/** `Ana, Budi and Citra`. */
export function joinNames(names: readonly string[], tag: string = region): string {
  return new Intl.ListFormat(tag, { type: 'conjunction' }).format(names)
}

/** `4 minutes`, `4 min`, `4m`. */
export function formatUnit(
  n: number,
  unit: 'second' | 'minute' | 'hour' | 'day',
  unitDisplay: 'long' | 'short' | 'narrow',
  tag: string = language,
): string {
  return new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay }).format(n)
}
