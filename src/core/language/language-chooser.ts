// In which language a page is shown: what its address asks for (`?lang=id`), otherwise what the browser says that its
// person reads (Accept-Language), otherwise the first that there is.

/** What of an Accept-Language is read; browsers send a handful of ranges. */
const HEADER_CHARACTERS_MAX = 256
/** How many different headers are remembered; when it is full, the oldest goes. */
const REMEMBERED_MAX = 512

/** One language range of an Accept-Language (RFC 9110, section 12.5.4). */
export interface LanguageRange {
  /** In lower case, such as `id`, `pt-br` or `*`. */
  readonly range: string
  /** 0 … 1; 0 is "not this one". */
  readonly quality: number
}

/**
 * The ranges of an Accept-Language, the most wanted first, those of equal quality in the order in which they came.
 * What is malformed is left out: a header of nonsense is as good as none.
 */
export function parseAcceptLanguage(header: string): readonly LanguageRange[] {
  return header
    .slice(0, HEADER_CHARACTERS_MAX)
    .split(',')
    .map(parseRange)
    .filter((range) => range !== undefined)
    .sort((a, b) => b.quality - a.quality)
}

/** `range [OWS] ; [OWS] q=qvalue` (RFC 9110, section 12.4.2), with a range of RFC 4647, section 2.1. */
function parseRange(text: string): LanguageRange | undefined {
  const match =
    /^\s*(\*|[a-z]{1,8}(?:-[a-z\d]{1,8})*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i.exec(text)
  if (match === null) return undefined
  return { range: (match[1] as string).toLowerCase(), quality: match[2] === undefined ? 1 : Number(match[2]) }
}

/** Chooses among `offered` tags; a header that was seen before costs a look-up. */
export class LanguageChooser {
  readonly #offered: readonly [string, ...string[]]
  readonly #byHeader = new Map<string, string>()

  /** The first is for those who want none of them. */
  constructor(offered: readonly [string, ...string[]]) {
    this.#offered = offered
  }

  /** `asked` is the address's own wish; it counts only when there is such a language. */
  choose(asked: string | null, acceptLanguage: string | null): string {
    if (asked !== null) {
      const match = this.#match(asked.toLowerCase().slice(0, HEADER_CHARACTERS_MAX))
      if (match !== undefined) return match
    }
    if (acceptLanguage === null || this.#offered.length === 1) return this.#offered[0]
    const header = acceptLanguage.slice(0, HEADER_CHARACTERS_MAX)
    const known = this.#byHeader.get(header)
    if (known !== undefined) return known
    const chosen = this.#negotiate(parseAcceptLanguage(header))
    if (this.#byHeader.size >= REMEMBERED_MAX) {
      this.#byHeader.delete(this.#byHeader.keys().next().value as string)
    }
    this.#byHeader.set(header, chosen)
    return chosen
  }

  #negotiate(ranges: readonly LanguageRange[]): string {
    const refused = new Set(ranges.filter(({ quality }) => quality === 0).map(({ range }) => range))
    for (const { range, quality } of ranges) {
      if (quality === 0) break
      // `*` is every language that no other range names (RFC 4647, section 3.4.1).
      const match =
        range === '*' ? this.#offered.find((tag) => !refused.has(tag.toLowerCase())) : this.#match(range)
      if (match !== undefined) return match
    }
    return this.#offered[0]
  }

  /** Lookup (RFC 4647, section 3.4), and where that finds nothing a more exact tag: who reads `pt` reads `pt-BR`. */
  #match(range: string): string | undefined {
    const wanted = canonical(range)
    for (let tag = wanted; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
      const match = this.#offered.find((offered) => offered.toLowerCase() === tag)
      if (match !== undefined) return match
    }
    return this.#offered.find((offered) => offered.toLowerCase().startsWith(`${wanted}-`))
  }
}

/** Old codes as they are written today: Android long said `in` for Indonesian. Unknown shapes stay as they are. */
function canonical(range: string): string {
  try {
    return (Intl.getCanonicalLocales(range)[0] ?? range).toLowerCase()
  } catch {
    // Not a well-formed tag: it will match nothing, which is the answer.
    return range
  }
}
