// What a messenger or a social page shows of a link: Open Graph (ogp.me), which X reads as well once it is told how
// large the picture may be. Title and description are told of every page (`fillPage`).

import { escapeHtml } from './escape-html.ts'

/** Longer descriptions are cut off by everyone who shows them. */
const DESCRIPTION_CHARACTERS_MAX = 200

export interface LinkPreview {
  /** Absolute, as people should pass it on. */
  readonly url: string
  /** Absolute address of a PNG. */
  readonly image: {
    readonly url: string
    readonly width: number
    readonly height: number
    readonly alt: string
  }
  /** BCP 47. */
  readonly language: string
}

/** The tags for a page's head. */
export function previewTags({ url, image, language }: LinkPreview): string {
  const tags: readonly (readonly [property: string, content: string])[] = [
    ['og:type', 'website'],
    ['og:site_name', 'Mimbar'],
    ['og:url', url],
    ['og:locale', localeOf(language)],
    ['og:image', image.url],
    ['og:image:type', 'image/png'],
    ['og:image:width', String(image.width)],
    ['og:image:height', String(image.height)],
    ['og:image:alt', image.alt],
  ]
  const graph = tags.map(([name, content]) => `<meta property="${name}" content="${escapeHtml(content)}">`)
  return `${graph.join('')}<meta name="twitter:card" content="summary_large_image">`
}

/** Open Graph writes `id_ID`; where a tag names no region, the likeliest one. */
function localeOf(tag: string): string {
  const { language, region } = new Intl.Locale(tag).maximize()
  return region === undefined ? language : `${language}_${region}`
}

/** A text of several paragraphs in one line that is short enough. */
export function inOneLine(text: string): string {
  const characters = [...text.replace(/\s+/g, ' ').trim()]
  if (characters.length <= DESCRIPTION_CHARACTERS_MAX) return characters.join('')
  return `${characters
    .slice(0, DESCRIPTION_CHARACTERS_MAX - 1)
    .join('')
    .trimEnd()}…`
}
