// The sentences that stand in a page's template, found and replaced. A template is written in English; a language's
// file has its own words for each phrase under the English ones, so that a template stays readable, and a phrase
// without a translation stays English. `In VLC: <1>Ogg stream</1>.` is a phrase with an element in it: whatever tag
// and attributes it has in the template, they are put back round the translated words.

/** Elements that are part of a sentence; every other one ends it. */
const INLINE = new Set(['a', 'span', 'code', 'i', 'b', 'em', 'strong', 'small', 'abbr', 'kbd'])
/** Names, and formats by name, in every language. */
const NAMES = new Set(['Mimbar', 'HLS'])
/** Attributes that people read or hear. */
const SPOKEN_ATTRIBUTE = /( (?:aria-label|title|placeholder|alt)=")([^"]+)(")/g
/** A comment (marks are comments), a tag, or text, of which a lone `<` is one. */
const TOKEN = /<!--[\s\S]*?-->|<!?\/?[a-z][^>]*>|[^<]+|</gi

/** Says a phrase in the page's language; undefined leaves it as it is. */
export type Say = (phrase: string) => string | undefined

/** Every phrase of a template, in order; one that comes twice comes twice. */
export function phrasesOf(html: string): readonly string[] {
  const phrases: string[] = []
  translateTemplate(html, (phrase) => {
    phrases.push(phrase)
    return undefined
  })
  return phrases
}

/** The template with each phrase as `say` has it. The text of a translation is HTML, as the template's own is. */
export function translateTemplate(html: string, say: Say): string {
  const output: string[] = []
  let run: string[] = []
  let depth = 0
  const endRun = () => {
    output.push(translateRun(run, say))
    run = []
    depth = 0
  }
  for (const [token] of html.matchAll(TOKEN)) {
    if (!isTag(token)) {
      run.push(token)
      continue
    }
    const step = token.startsWith('</') ? -1 : 1
    // An end whose beginning is outside ends the run, too.
    if (INLINE.has(nameOf(token)) && depth + step >= 0) {
      depth += step
      run.push(translateAttributes(token, say))
      continue
    }
    endRun()
    output.push(translateAttributes(token, say))
  }
  endRun()
  return output.join('')
}

/** A comment or a tag; a lone `<` is text. */
function isTag(token: string | undefined): boolean {
  return token !== undefined && token.length > 1 && token.startsWith('<')
}

/** `<a …>` and `</a>` are `a`; a comment is nothing. */
function nameOf(tag: string): string {
  return /^<\/?([a-z\d]+)/i.exec(tag)?.[1]?.toLowerCase() ?? ''
}

function translateAttributes(tag: string, say: Say): string {
  return tag.replace(SPOKEN_ATTRIBUTE, (whole, before: string, text: string, after: string) => {
    if (!isSentence(text)) return whole
    return `${before}${say(text) ?? text}${after}`
  })
}

/** Text and inline tags between two other tags: its outer tags and white space stay, what is inside is the phrase. */
function translateRun(run: readonly string[], say: Say): string {
  const [first, last] = innerBounds(run)
  const inner = run.slice(first, last)
  const tags: string[] = []
  const open: number[] = []
  const text = inner
    .map((token) => {
      if (!isTag(token)) return token
      if (token.startsWith('</')) return `</${open.pop() ?? 0}>`
      tags.push(token)
      open.push(tags.length)
      return `<${tags.length}>`
    })
    .join('')
  const [, before = '', phrase = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? []
  const said = isSentence(phrase) ? say(phrase.replace(/\s+/g, ' ')) : undefined
  if (said === undefined) return run.join('')
  const html = said.replace(/<(\/?)(\d+)>/g, (_, slash: string, index: string) => {
    const tag = tags[Number(index) - 1] ?? ''
    return slash === '' ? tag : `</${nameOf(tag)}>`
  })
  return [...run.slice(0, first), before, html, after, ...run.slice(last)].join('')
}

/** Without white space, a pair of tags round the whole, or a tag whose other half is outside the run. */
function innerBounds(run: readonly string[]): readonly [first: number, last: number] {
  let first = 0
  let last = run.length
  for (;;) {
    const partners = pair(run.slice(first, last))
    const end = last - first - 1
    if (run[first]?.trim() === '') first += 1
    else if (run[last - 1]?.trim() === '') last -= 1
    else if (partners.length > 0 && isTag(run[first]) && partners[0] === end) {
      first += 1
      last -= 1
    } else if (isTag(run[first]) && partners[0] === undefined) first += 1
    else if (isTag(run[last - 1]) && partners[end] === undefined) last -= 1
    else return [first, last]
    if (first >= last) return [first, first]
  }
}

/** For each token the index of the tag that it belongs with. */
function pair(tokens: readonly string[]): readonly (number | undefined)[] {
  const partners: (number | undefined)[] = tokens.map(() => undefined)
  const open: number[] = []
  tokens.forEach((token, index) => {
    if (!isTag(token)) return
    if (!token.startsWith('</')) {
      open.push(index)
      return
    }
    const partner = open.pop()
    if (partner === undefined) return
    partners[index] = partner
    partners[partner] = index
  })
  return partners
}

/** Something that one could say in other words: it has letters, beside what is filled in, and is not just a name. */
function isSentence(text: string): boolean {
  const words = text.replace(/\{\{\w+\}\}|<\/?\d+>/g, '').trim()
  return /\p{L}/u.test(words) && !NAMES.has(words)
}
