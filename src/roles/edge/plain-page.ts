// A page for people who followed a link to something that is not there: one sentence, and a way home. It needs no
// script and no template, so it can be served whatever else is broken.

import { createHash } from 'node:crypto'

const STYLE =
  ':root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem}a{color:inherit}'
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

export const PLAIN_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`

/** `title` and `sentence` are ours, never a visitor's words. */
export function plainPage(title: string, sentence: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style><h1>${title}</h1><p>${sentence}</p><p><a href="/">All spaces</a></p></html>`
}
