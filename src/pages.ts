// Bundles the pages once, at start: one HTML response per page with its own script and style inlined, so
// that a listener needs the page and the stream and nothing else. What a page may run is named by hash in its
// Content-Security-Policy. hls.js stays outside, as an asset that only a browser in need of it loads, and so do what
// raises a hand and what takes the noise out of a microphone.
//
// A page is a folder below `src/web`: `page.css`, `main.ts` or `main.tsx` unless it runs no script, and `index.html`
// with the marks `<!--mimbar:head-->` and `<!--mimbar:data-->` (filled per space, as other pieces, see core/page) and
// `<!--mimbar:meta-->`, `<!--mimbar:style-->`, `<!--mimbar:script-->`, `<!--mimbar:mark-->`,
// `<!--mimbar:languages-->` (filled here).
//
// Each page is bundled once per language: a file in `src/web/languages` gives another one. Where a page imports its
// `messages.en.ts`, its bundle gets the language's words; what these lack stays English.

import { createHash } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildConfig, BunPlugin } from 'bun'
import { assert } from './base/assert.ts'
import { MimbarError } from './base/errors.ts'
import { doorWords } from './core/page/door-words.ts'
import type { PageAsset, PageSet, Pages, PageTemplate } from './core/page/page.ts'
import { ENGLISH, type PageLanguage, type TranslatedPages } from './core/page/page-languages.ts'
import { phrasesOf, translateTemplate } from './core/page/phrases.ts'
import { missingWords, type TranslationFacts } from './web/languages/translation.ts'

/** Every page, by the folder in `src/web` that it is made from. */
export const PAGES = ['home', 'listen', 'stage', 'operator', 'count', 'absent'] as const
export type PageName = (typeof PAGES)[number]

const WEB = fileURLToPath(new URL('./web/', import.meta.url))
const HLS_SOURCE = fileURLToPath(import.meta.resolve('hls.js/dist/hls.light.min.mjs'))
const RNNOISE_SOURCE = fileURLToPath(import.meta.resolve('@jitsi/rnnoise-wasm/dist/rnnoise.wasm'))
const LANGUAGES = join(WEB, 'languages')
/** A language's file is named by its tag (BCP 47). */
const LANGUAGE_FILE = /^([a-z]{2,3}(?:-[A-Za-z\d]{2,8})*)\.ts$/
/** Beside the pages: which languages were bundled. */
const LANGUAGE_LIST = 'languages.json'
const ASSETS = 'assets'
/** By the end of a file's name. */
const CONTENT_TYPES = { js: 'text/javascript; charset=utf-8', wasm: 'application/wasm' } as const

/** One of `src/web/languages`: its facts, and its words by page. */
export interface LanguageSource {
  /** Absolute. */
  readonly path: string
  readonly language: PageLanguage
  /** It claims to lack nothing. */
  readonly isComplete: boolean
  /** What stands in templates and what the doors say, under the English. */
  readonly phrases: Readonly<Record<string, string>>
  /** The exports of the file, by {@link EnglishWords.folder}. */
  readonly words: Readonly<Record<string, object | undefined>>
}

/**
 * Writes pages (all, unless told which), in every language, and their assets into `outFolder`, which is made if it is
 * missing. Throws `unavailable` with the bundler's words when one does not build.
 */
export async function bundlePages(
  outFolder: string,
  names: readonly PageName[] = PAGES,
  languageFolder: string = LANGUAGES,
): Promise<void> {
  await mkdir(join(outFolder, ASSETS), { recursive: true })
  const [hls, noise, rnnoise] = await Promise.all([
    writeAsset(outFolder, 'hls', 'js', await Bun.file(HLS_SOURCE).bytes()),
    writeAsset(
      outFolder,
      'noise',
      'js',
      await buildAsset('stage/microphone/noise/audio-thread.ts', undefined),
    ),
    writeAsset(outFolder, 'rnnoise', 'wasm', await Bun.file(RNNOISE_SOURCE).bytes()),
  ])
  const sources = await readLanguages(languageFolder)
  const list = sources.map(({ language, phrases }) => ({ language, phrases }))
  await Bun.write(join(outFolder, LANGUAGE_LIST), JSON.stringify(list))
  const languages = [ENGLISH, ...sources.map(({ language }) => language)]
  await Promise.all(
    [undefined, ...sources].map(async (source) => {
      const later = async (name: 'hands' | 'beside') =>
        writeAsset(outFolder, name, 'js', await buildAsset(`listen/${name}/main.ts`, source))
      const [hands, beside] = await Promise.all([later('hands'), later('beside')])
      const paths = { hls, noise, rnnoise, hands, beside }
      await Promise.all(names.map((name) => bundlePage(name, source, languages, paths, outFolder)))
    }),
  )
}

/** Every language but English that has a file in `folder`, in the order of their tags. */
export async function readLanguages(folder: string = LANGUAGES): Promise<readonly LanguageSource[]> {
  const files = (await readdir(folder)).sort()
  const tags = files.map((file) => LANGUAGE_FILE.exec(file)?.[1]).filter((tag) => tag !== undefined)
  return await Promise.all(
    tags.map(async (tag) => {
      const path = join(folder, `${tag}.ts`)
      const words = (await import(path)) as LanguageSource['words']
      const { name, direction, isComplete = false } = words.translation as TranslationFacts
      const phrases = words.phrases as LanguageSource['phrases']
      return { path, language: { tag, name, direction }, isComplete, phrases, words }
    }),
  )
}

/**
 * What a language lacks, by name: `listen.line.wait` for a word of a page's messages, and a phrase of a template or
 * a door by its English text.
 */
export async function missingIn({ words, phrases }: LanguageSource): Promise<readonly string[]> {
  const said: string[] = Object.values(doorWords)
  const missing: string[] = []
  for (const name of PAGES) said.push(...phrasesOf(tighten(await readTemplate(name))))
  for (const { folder, words: english } of await allEnglishWords()) {
    missing.push(...missingWords(english, words[folder]).map((word) => `${folder}.${word}`))
  }
  return [...missing, ...new Set(said.filter((phrase) => phrases[phrase] === undefined))]
}

/** The words of a `messages.en.ts`. */
export interface EnglishWords {
  /** The last name of its folder: a page, or what pages share. A language's file exports its words under it. */
  readonly folder: string
  readonly exportedAs: string
  readonly words: object
}

/** Every `messages.en.ts` below `src/web`. */
export async function allEnglishWords(): Promise<readonly EnglishWords[]> {
  const paths = await Array.fromAsync(new Bun.Glob('**/messages.en.ts').scan({ cwd: WEB, absolute: true }))
  return await Promise.all(paths.sort().map(readEnglishWords))
}

async function readEnglishWords(path: string): Promise<EnglishWords> {
  const exported = Object.entries((await import(path)) as Record<string, unknown>)
  const found = exported.find(([, words]) => typeof words === 'object')
  assert(found !== undefined, 'messages are exported as an object')
  return { folder: basename(dirname(path)), exportedAs: found[0], words: found[1] as object }
}

/** Reads what {@link bundlePages} wrote, into memory. Throws `unavailable` when a page is missing. */
export async function readPages(outFolder: string): Promise<Pages> {
  const list = (await Bun.file(join(outFolder, LANGUAGE_LIST)).json()) as Omit<TranslatedPages, 'pages'>[]
  const [english, assets, ...translations] = await Promise.all([
    readPageSet(outFolder, ENGLISH),
    readAssets(outFolder),
    ...list.map(async (facts) => ({ ...facts, pages: await readPageSet(outFolder, facts.language) })),
  ])
  return { ...english, assets, translations }
}

async function readPageSet(outFolder: string, { tag }: PageLanguage): Promise<PageSet> {
  const read = async (name: PageName) => [name, await readPage(outFolder, name, tag)] as const
  return Object.fromEntries(await Promise.all(PAGES.map(read))) as Record<PageName, PageTemplate>
}

/** Reads the assets of all pages, by path. */
export async function readAssets(outFolder: string): Promise<ReadonlyMap<string, PageAsset>> {
  const assets = new Map<string, PageAsset>()
  for (const file of await readdir(join(outFolder, ASSETS))) {
    const path = `/${ASSETS}/${file}`
    const contentType = CONTENT_TYPES[file.endsWith('.wasm') ? 'wasm' : 'js']
    assets.set(path, { path, contentType, body: await Bun.file(join(outFolder, path)).bytes() })
  }
  return assets
}

/** What pages load when they need it. */
interface AssetPaths {
  readonly hls: string
  readonly hands: string
  readonly beside: string
  readonly noise: string
  readonly rnnoise: string
}

/** Writes it under a name that changes with its content. Answers its path. */
async function writeAsset(
  outFolder: string,
  name: string,
  extension: keyof typeof CONTENT_TYPES,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<string> {
  const path = `/${ASSETS}/${name}-${createHash('sha256').update(body).digest('hex').slice(0, 10)}.${extension}`
  await Bun.write(join(outFolder, path), body)
  return path
}

/** A script that a page loads when it needs it, from its `entry` below `src/web`. */
async function buildAsset(entry: string, source: LanguageSource | undefined): Promise<string> {
  return await build({
    entrypoints: [join(WEB, entry)],
    format: 'esm',
    jsx: { runtime: 'automatic', importSource: 'preact', development: false },
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: source === undefined ? [] : [translator(source)],
  })
}

async function bundlePage(
  name: PageName,
  source: LanguageSource | undefined,
  languages: readonly PageLanguage[],
  paths: AssetPaths,
  outFolder: string,
): Promise<void> {
  const folder = join(WEB, name)
  const { tag, direction } = source?.language ?? ENGLISH
  const say = (phrase: string) => source?.phrases[phrase]
  const main = (await readdir(folder)).find((file) => file === 'main.ts' || file === 'main.tsx')
  const [template, script, style, mark, meta] = await Promise.all([
    readTemplate(name),
    main === undefined ? '' : buildScript(join(folder, main), paths, source),
    build({ entrypoints: [join(folder, 'page.css')] }),
    Bun.file(join(WEB, 'design/mark.svg')).text(),
    Bun.file(join(WEB, 'design/meta.html')).text(),
  ])
  // The text of a script element ends at the first `</script`, whatever JavaScript thinks of it.
  const code = script.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  const html = translateTemplate(tighten(template), say)
    .replace(
      '<html lang="en"',
      () => `<html lang="${tag}" dir="${direction}" data-page="${versionOf(code, style)}"`,
    )
    .replace('<!--mimbar:meta-->', () => meta.trim())
    .replaceAll('<!--mimbar:mark-->', () => mark.trim())
    .replace('<!--mimbar:icon-->', () => iconLink(mark.trim()))
    .replace('<!--mimbar:languages-->', () => languageLinks(languages, tag))
    .replace('<!--mimbar:style-->', () => `<style>${style.trim()}</style>`)
    .replace('<!--mimbar:script-->', () => `<script type="module">${code}</script>`)
  const page: PageTemplate = { html, contentSecurityPolicy: policyFor(name, code, style.trim()) }
  await Bun.write(join(outFolder, fileOf(name, tag)), JSON.stringify(page))
}

async function readTemplate(name: PageName): Promise<string> {
  return await Bun.file(join(WEB, name, 'index.html')).text()
}

/** Each language by its own name, so that whoever cannot read this page finds theirs. */
function languageLinks(languages: readonly PageLanguage[], current: string): string {
  const links = languages.map(({ tag, name, direction }) => {
    const mark = tag === current ? ' aria-current="true"' : ''
    return `<a href="?lang=${tag}" lang="${tag}" hreflang="${tag}" dir="${direction}"${mark}>${name}</a>`
  })
  return links.join('\n')
}

async function buildScript(
  entry: string,
  { hls, hands, beside, noise, rnnoise }: AssetPaths,
  source: LanguageSource | undefined,
): Promise<string> {
  return await build({
    entrypoints: [entry],
    format: 'esm',
    // An import by a path of ours stays an import, for the browser to load when it needs it.
    external: ['/assets/*'],
    jsx: { runtime: 'automatic', importSource: 'preact', development: false },
    define: {
      MIMBAR_HLS_PATH: JSON.stringify(hls),
      MIMBAR_HANDS_PATH: JSON.stringify(hands),
      MIMBAR_BESIDE_PATH: JSON.stringify(beside),
      MIMBAR_NOISE_PATH: JSON.stringify(noise),
      MIMBAR_RNNOISE_PATH: JSON.stringify(rnnoise),
      'process.env.NODE_ENV': '"production"',
    },
    plugins: source === undefined ? [] : [translator(source)],
  })
}

/** In the place of English words a bundle gets the language's: alone, if they are all there. */
function translator({ path: languagePath, words }: LanguageSource): BunPlugin {
  const from = JSON.stringify(languagePath)
  const over = JSON.stringify(join(LANGUAGES, 'translation.ts'))
  return {
    name: 'mimbar-language',
    setup({ onLoad }) {
      onLoad({ filter: /\/messages\.en\.ts$/ }, async ({ path }) => {
        const { folder, exportedAs, words: english } = await readEnglishWords(path)
        const translated = words[folder]
        if (translated === undefined) return undefined
        if (missingWords(english, translated).length === 0) {
          return { loader: 'ts', contents: `export { ${folder} as ${exportedAs} } from ${from}` }
        }
        const imports = `import { ${folder} as translated } from ${from}\nimport { overlay } from ${over}`
        const text = await Bun.file(path).text()
        return { loader: 'ts', contents: `${imports}\n${text}\noverlay(${exportedAs}, translated)\n` }
      })
    },
  }
}

async function build(options: BuildConfig): Promise<string> {
  const result = await Bun.build({ target: 'browser', minify: true, throw: false, ...options })
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
function policyFor(name: PageName, script: string, style: string): string {
  // The stage page compiles RNNoise. This allows WebAssembly, and no text as a program (CSP3, section 4.4).
  const wasm = name === 'stage' ? " 'wasm-unsafe-eval'" : ''
  const forScript = [
    `script-src '${hashSource(script)}' 'self'${wasm}`,
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

/** By which a report of a problem says what page it comes from: eight digits, base 16. */
function versionOf(...texts: readonly string[]): string {
  return createHash('sha256').update(texts.join()).digest('hex').slice(0, 8)
}

/** English is the one without a tag. */
function fileOf(name: PageName, tag: string): string {
  return tag === ENGLISH.tag ? `${name}.json` : `${name}.${tag}.json`
}

/** Reads one bundled page, in English unless told otherwise. */
export async function readPage(
  outFolder: string,
  name: PageName,
  tag: string = ENGLISH.tag,
): Promise<PageTemplate> {
  const file = Bun.file(join(outFolder, fileOf(name, tag)))
  if (!(await file.exists())) throw new MimbarError('unavailable', `The page "${name}" was not bundled.`)
  return (await file.json()) as PageTemplate
}
