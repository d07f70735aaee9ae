// Pages as the doors serve them: bundled once at start (`src/pages.ts`), filled per space, kept in memory.

import type { SpaceId } from '../../base/ids.ts'
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
 * also come wherever it says `{{title}}` and `{{description}}`, and the space's id where it says `{{space}}`: what
 * works without JavaScript. A page without a script needs no data.
 */
export function fillPage(
  template: PageTemplate,
  page: {
    readonly title: string
    readonly description: string
    readonly data?: unknown
    readonly space?: SpaceId
  },
): string {
  const title = escapeHtml(page.title)
  const description = escapeHtml(page.description)
  const head = [
    `<title>${title}</title>`,
    `<meta name="description" content="${description}">`,
    `<meta property="og:title" content="${title}">`,
    `<meta property="og:description" content="${description}">`,
  ].join('')
  // `<` is escaped so that no title can close the script element; the function forms keep `$&` harmless.
  const json = JSON.stringify(page.data ?? null).replaceAll('<', '\\u003c')
  const data = `<script type="application/json" id="mimbar-data">${json}</script>`
  const words = { space: page.space ?? '', title, description }
  // All in one pass: what is put in is not looked through again.
  return template.html
    .replace(/\{\{(space|title|description)\}\}/g, (_, name: keyof typeof words) => words[name])
    .replace('<!--mimbar:head-->', () => head)
    .replace('<!--mimbar:data-->', () => data)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] as string)
}
