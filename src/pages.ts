// Bundles the pages once, at start: one HTML response per page with its own script and style inlined, so
// that a listener needs the page and the stream and nothing else. What a page may run is named by hash in its
// Content-Security-Policy. hls.js stays outside, as an asset that only a browser in need of it loads, and so does what
// raises a hand.
//
// A page is a folder below `src/web`: `page.css`, `main.ts` or `main.tsx` unless it runs no script, and `index.html`
// with the marks `<!--mimbar:head-->` and `<!--mimbar:data-->` (filled per space, see core/page) and
// `<!--mimbar:meta-->`, `<!--mimbar:style-->`, `<!--mimbar:script-->`, `<!--mimbar:mark-->` (filled here).

import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MimbarError } from './base/errors.ts'
import type { PageAsset, Pages, PageTemplate } from './core/page/page.ts'

/** Every page, by the folder in `src/web` that it is made from. */
export const PAGES = ['home', 'listen', 'stage', 'operator', 'count', 'absent'] as const
export type PageName = (typeof PAGES)[number]

const WEB = fileURLToPath(new URL('./web/', import.meta.url))
const HLS_SOURCE = fileURLToPath(import.meta.resolve('hls.js/dist/hls.light.min.mjs'))
const ASSETS = 'assets'
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/**
 * Writes pages (all, unless told which) and their assets into `outFolder`, which is made if it is missing.
 * Throws `unavailable` with the bundler's words when one does not build.
 */
export async function bundlePages(outFolder: string, names: readonly PageName[] = PAGES): Promise<void> {
  await mkdir(join(outFolder, ASSETS), { recursive: true })
  const handsPath = await bundleHands(outFolder)
  const hls = await Bun.file(HLS_SOURCE).bytes()
  const hlsPath = `/${ASSETS}/hls-${createHash('sha256').update(hls).digest('hex').slice(0, 10)}.js`
  await Bun.write(join(outFolder, hlsPath), hls)
  await Promise.all(names.map((name) => bundlePage(name, { hlsPath, handsPath }, outFolder)))
}

/** Reads what {@link bundlePages} wrote, into memory. Throws `unavailable` when a page is missing. */
export async function readPages(outFolder: string): Promise<Pages> {
  const [home, listen, stage, operator, count, absent, assets] = await Promise.all([
    readPage(outFolder, 'home'),
    readPage(outFolder, 'listen'),
    readPage(outFolder, 'stage'),
    readPage(outFolder, 'operator'),
    readPage(outFolder, 'count'),
    readPage(outFolder, 'absent'),
    readAssets(outFolder),
  ])
  return { home, listen, stage, operator, count, absent, assets }
}

/** Reads the assets of all pages, by path. */
export async function readAssets(outFolder: string): Promise<ReadonlyMap<string, PageAsset>> {
  const assets = new Map<string, PageAsset>()
  for (const file of await readdir(join(outFolder, ASSETS))) {
    const path = `/${ASSETS}/${file}`
    assets.set(path, { path, contentType: JAVASCRIPT, body: await Bun.file(join(outFolder, path)).bytes() })
  }
  return assets
}

/** What the listening page loads for who raises a hand. Answers its path. */
async function bundleHands(outFolder: string): Promise<string> {
  const script = await build(join(WEB, 'listen/hands/main.ts'), {})
  const path = `/${ASSETS}/hands-${createHash('sha256').update(script).digest('hex').slice(0, 10)}.js`
  await Bun.write(join(outFolder, path), script)
  return path
}

async function bundlePage(
  name: PageName,
  { hlsPath, handsPath }: { readonly hlsPath: string; readonly handsPath: string },
  outFolder: string,
): Promise<void> {
  const folder = join(WEB, name)
  const template = await Bun.file(join(folder, 'index.html')).text()
  const main = (await readdir(folder)).find((file) => file === 'main.ts' || file === 'main.tsx')
  const [script, style, mark, meta] = await Promise.all([
    main === undefined
      ? ''
      : build(join(folder, main), {
          MIMBAR_HLS_PATH: JSON.stringify(hlsPath),
          MIMBAR_HANDS_PATH: JSON.stringify(handsPath),
        }),
    build(join(folder, 'page.css'), {}),
    Bun.file(join(WEB, 'design/mark.svg')).text(),
    Bun.file(join(WEB, 'design/meta.html')).text(),
  ])
  // The text of a script element ends at the first `</script`, whatever JavaScript thinks of it.
  const code = script.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  const html = tighten(template)
    .replace('<!--mimbar:meta-->', () => meta.trim())
    .replaceAll('<!--mimbar:mark-->', () => mark.trim())
    .replace('<!--mimbar:icon-->', () => iconLink(mark.trim()))
    .replace('<!--mimbar:style-->', () => `<style>${style.trim()}</style>`)
    .replace('<!--mimbar:script-->', () => `<script type="module">${code}</script>`)
  const page: PageTemplate = { html, contentSecurityPolicy: policyFor(code, style.trim()) }
  await Bun.write(join(outFolder, `${name}.json`), JSON.stringify(page))
}

async function build(entry: string, define: Record<string, string>): Promise<string> {
  const result = await Bun.build({
    entrypoints: [entry],
    target: 'browser',
    format: 'esm',
    minify: true,
    // An import by a path of ours stays an import, for the browser to load when it needs it.
    external: ['/assets/*'],
    throw: false,
    jsx: { runtime: 'automatic', importSource: 'preact', development: false },
    define: { ...define, 'process.env.NODE_ENV': '"production"' },
  })
  const output = result.outputs[0]
  if (!result.success || output === undefined) {
    throw new MimbarError('unavailable', `A page does not build: ${result.logs.map(String).join('\n')}`)
  }
  return await output.text()
}

/** The mark as the page's icon, inlined: a browser that is told of none asks the server for one. */
function iconLink(mark: string): string {
  const svg = mark
    .replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
    .replaceAll('currentColor', '#4b4dc4')
    .replaceAll('var(--voice)', '#e0901f')
  return `<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(svg)}">`
}

/** Leading white space of lines says nothing in our templates; comments other than marks are for us. */
function tighten(html: string): string {
  return html.replace(/<!--(?!mimbar:)[\s\S]*?-->/g, '').replace(/\n\s*/g, '\n')
}

/** Nothing runs that we did not write; nothing is fetched from elsewhere; nobody frames the page. */
function policyFor(script: string, style: string): string {
  const forScript = [
    `script-src '${hashSource(script)}' 'self'`,
    "connect-src 'self'",
    "media-src 'self' blob:",
  ]
  return [
    "default-src 'none'",
    `style-src '${hashSource(style)}'`,
    ...(script === '' ? [] : forScript),
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')
}

/** A CSP hash source (CSP3, section 2.3.1) of an inline element's text. */
function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** Reads one bundled page. */
export async function readPage(outFolder: string, name: PageName): Promise<PageTemplate> {
  const file = Bun.file(join(outFolder, `${name}.json`))
  if (!(await file.exists())) throw new MimbarError('unavailable', `The page "${name}" was not bundled.`)
  return (await file.json()) as PageTemplate
}
