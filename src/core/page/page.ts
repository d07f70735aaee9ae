// Pages as the doors serve them: bundled once at start (`src/pages.ts`), filled per space, kept in memory.

import type { SpaceId } from '../../base/ids.ts'
import { escapeHtml } from './escape-html.ts'
import { type LinkPreview, previewTags } from './link-preview.ts'
import type { TranslatedPages } from './page-languages.ts'

/** One page: a single HTML response with its own script and style inlined. */
export interface PageTemplate {
  /** With the marks that {@link fillPage} replaces: `<!--mimbar:head-->` and `<!--mimbar:data-->`. */
  readonly html: string
  /** Allows the inlined script, if there is one, and style by their hashes and nothing else that runs. */
  readonly contentSecurityPolicy: string
}

/** A file that a page loads later, such as hls.js; its path carries a hash of its content and never changes. */
export interface PageAsset {
  readonly path: string
  readonly contentType: string
  readonly body: Uint8Array
}

/** Each page, in one language. */
export interface PageSet {
  /** `GET /` on the public door. */
  readonly home: PageTemplate
  /** `GET /s/:space` on the public door. */
  readonly listen: PageTemplate
  /** `GET /s/:space/stage` on the studio door. */
  readonly stage: PageTemplate
  /** `GET /operator` on the studio door. */
  readonly operator: PageTemplate
  /** `GET /about/count` on the public door. Runs no script. */
  readonly count: PageTemplate
  /** On the public door, instead of a page that is not there, or not now. Runs no script. */
  readonly absent: PageTemplate
}

/** In English, and in every other language that was bundled. */
export interface Pages extends PageSet {
  readonly translations?: readonly TranslatedPages[]
  /** By path, such as `/assets/hls-1a2b3c4d.js`; served by both doors. */
  readonly assets: ReadonlyMap<string, PageAsset>
}

/**
 * Puts a title, a description (both also as Open Graph) and the page's data into a template. Title and description
 * also come wherever it says `{{title}}` and `{{description}}`, the space's id where it says `{{space}}`, and the
 * language of what people wrote where it says `{{language}}`: what works without JavaScript. Pieces of HTML take the
 * places of their marks, `<!--mimbar:<name>-->`. A page without a script needs no data.
 */
export function fillPage(
  template: PageTemplate,
  page: {
    readonly title: string
    readonly description: string
    readonly data?: unknown
    readonly space?: SpaceId
    /** BCP 47. */
    readonly language?: string
    readonly preview?: LinkPreview
    readonly pieces?: Readonly<Record<string, string>>
  },
): string {
  const title = escapeHtml(page.title)
  const description = escapeHtml(page.description)
  const head = [
    `<title>${title}</title>`,
    `<meta name="description" content="${description}">`,
    `<meta property="og:title" content="${title}">`,
    `<meta property="og:description" content="${description}">`,
    ...(page.preview === undefined ? [] : [previewTags(page.preview)]),
  ].join('')
  // `<` is escaped so that no title can close the script element; the function forms keep `$&` harmless.
  const json = JSON.stringify(page.data ?? null).replaceAll('<', '\\u003c')
  const data = `<script type="application/json" id="mimbar-data">${json}</script>`
  const language = escapeHtml(page.language ?? '')
  const words = { space: page.space ?? '', title, description, language }
  const pieces: Readonly<Record<string, string>> = { ...page.pieces, head, data }
  // What is put in is not looked through again: words in one pass, then marks, whose `<` no text of people has.
  return template.html
    .replace(/\{\{(space|title|description|language)\}\}/g, (_, name: keyof typeof words) => words[name])
    .replace(/<!--mimbar:([a-z]+)-->/g, (_, name: string) => pieces[name] ?? '')
}
