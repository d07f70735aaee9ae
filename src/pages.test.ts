import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import budget from '../size-budget.json' with { type: 'json' }
import { parseSpaceId } from './base/ids.ts'
import { fillPage, type PageTemplate } from './core/page/page.ts'
import {
  bundlePages,
  type LanguageSource,
  missingIn,
  PAGES,
  type PageName,
  readLanguages,
  readPage,
  readPages,
} from './pages.ts'

describe('pages', () => {
  let folder: string
  let listen: PageTemplate
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mimbar-pages-'))
    await bundlePages(folder)
    listen = await readPage(folder, 'listen')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('no page is larger than its budget in any language, gzipped: what is downloaded before anything happens', async () => {
    expect([...PAGES].sort()).toEqual(Object.keys(budget.gzippedBytes).sort() as PageName[])
    const tooLarge: string[] = []
    for (const tag of ['en', ...(await readLanguages()).map(({ language }) => language.tag)]) {
      const sizes: string[] = []
      for (const name of PAGES) {
        const size = Bun.gzipSync((await readPage(folder, name, tag)).html, { level: 9 }).length
        sizes.push(`${name} ${size}`)
        if (size > budget.gzippedBytes[name]) tooLarge.push(`${name} in ${tag}: ${size}`)
      }
      console.log(`   gzipped, ${tag}: ${sizes.join(', ')} bytes`)
    }
    expect(tooLarge).toEqual([])
  })

  test('the listening page is one response, and asks for nothing else by itself', () => {
    expect(listen.html).not.toMatch(/<script[^>]+src=|<link[^>]+href="(?!data:)|url\(|@import/)
  })

  test('the policy allows exactly the script and the style that are in the page', () => {
    for (const [element, directive] of [
      [/<script type="module">([\s\S]*?)<\/script>/, 'script-src'],
      [/<style>([\s\S]*?)<\/style>/, 'style-src'],
    ] as const) {
      const text = element.exec(listen.html)?.[1] as string
      const hash = createHash('sha256').update(text).digest('base64')
      expect(text.length).toBeGreaterThan(100)
      expect(listen.contentSecurityPolicy).toContain(`${directive} 'sha256-${hash}'`)
    }
    expect(listen.contentSecurityPolicy).not.toContain('unsafe')
    expect(listen.html).not.toMatch(/ (style|on[a-z]+)="/)
  })

  test('the page instead of an absent one is in the design, runs nothing, and says what it is told', async () => {
    const absent = await readPage(folder, 'absent')
    const style = /<style>([\s\S]*?)<\/style>/.exec(absent.html)?.[1] as string
    const hash = createHash('sha256').update(style).digest('base64')
    expect(style).toContain('--ground')
    expect(absent.contentSecurityPolicy).toContain(`style-src 'sha256-${hash}'`)
    expect(absent.contentSecurityPolicy).not.toMatch(/script-src|connect-src|unsafe/)
    expect(absent.html).not.toContain('<script')
    const html = fillPage(absent, { title: 'Not {{description}}', description: 'Try <again> {{title}}.' })
    expect(html).toContain('<h1>Not {{description}}</h1>')
    expect(html).toContain('>Try &lt;again&gt; {{title}}.</p>')
    expect(html).not.toMatch(/<!--mimbar:/)
  })

  test('a page in another language is the same page in other words, with none of the English ones left in it', async () => {
    const { translations = [], listen: english } = await readPages(folder)
    const indonesian = translations.find(({ language }) => language.tag === 'id')?.pages
      .listen as PageTemplate
    expect(english.html).toContain('<html lang="en" dir="ltr"')
    expect(indonesian.html).toContain('<html lang="id" dir="ltr"')
    expect(indonesian.html).toContain('Anda sedang mendengarkan langsung.')
    expect(indonesian.html).toContain('aria-label="−15 dtk: mundur 15 detik"')
    expect(indonesian.html).not.toContain('You are listening live.')
    for (const { html } of [english, indonesian]) {
      expect(html).toContain('<a href="?lang=id" lang="id" hreflang="id" dir="ltr"')
    }
    expect(indonesian.html).toMatch(/lang="id"[^>]* aria-current="true">Bahasa Indonesia/)
    expect(english.html).toMatch(/lang="en"[^>]* aria-current="true">English/)
    expect(indonesian.contentSecurityPolicy).not.toBe(english.contentSecurityPolicy)
  })

  test('one file is a language: what it has is said, the rest is English, and the page is written its way', async () => {
    const languages = join(folder, 'languages')
    const facts = { name: 'العربية', direction: 'rtl' }
    await Bun.write(
      join(languages, 'ar.ts'),
      `export const translation = ${JSON.stringify(facts)}
       export const phrases = { Share: 'مشاركة', 'Make spaces and their links.': 'x' }
       export const listen = { headline: { live: 'أنت تستمع' }, listening: (n: number) => 'مستمعون ' + n }`,
    )
    const out = join(folder, 'arabic')
    await bundlePages(out, PAGES, languages)
    const arabic = (await readPages(out)).translations?.[0]
    expect(arabic?.language).toEqual({ tag: 'ar', name: 'العربية', direction: 'rtl' })
    const html = arabic?.pages.listen.html as string
    expect(html).toContain('<html lang="ar" dir="rtl"')
    expect(html).toContain('<span>مشاركة</span>')
    // The bundler writes letters beyond ASCII as they are or escaped; both are the same word.
    expect(html).toMatch(/أنت تستمع|\\u0623/)
    expect(html).toContain('Press play to listen.')
    const missing = await missingIn((await readLanguages(languages))[0] as LanguageSource)
    expect(missing).toContain('listen.headline.ready')
    expect(missing).toContain('Other ways to listen')
    expect(missing).not.toContain('listen.headline.live')
    expect(missing).not.toContain('Share')
  })

  test('what few need are assets whose paths change with their content, and the page knows them', async () => {
    const { assets, listen: english, translations = [] } = await readPages(folder)
    const names = [...assets.keys()].map((path) =>
      /^\/assets\/(\w+-)[0-9a-f]{10}(\.\w+)$/.exec(path)?.slice(1).join(''),
    )
    expect(new Set(names)).toEqual(
      new Set(['beside-.js', 'hands-.js', 'hls-.js', 'noise-.js', 'rnnoise-.wasm']),
    )
    // What says something comes in each language.
    for (const one of ['beside-.js', 'hands-.js'])
      expect(names.filter((name) => name === one)).toHaveLength(1 + translations.length)
    for (const { html } of [english, ...translations.map(({ pages }) => pages.listen)]) {
      const named = [...assets.keys()].filter((path) => html.includes(path))
      expect(named.map((path) => path.slice('/assets/'.length).split('-')[0]).sort()).toEqual([
        'beside',
        'hands',
        'hls',
      ])
    }
  })

  test('a filled page carries its data and works without JavaScript, whatever the title says', () => {
    const title = '</script><b>&"{{space}}<!--mimbar:data-->$&'
    const html = fillPage(listen, { title, description: title, data: { title }, space: parseSpaceId('sea') })
    expect(html).not.toContain('<b>')
    expect(html).not.toMatch(/<!--mimbar:/)
    expect(html).toContain('href="/live/sea/opus.ogg"')
    const json = /<script type="application\/json" id="mimbar-data">(.*?)<\/script>/.exec(html)?.[1] as string
    expect(JSON.parse(json)).toEqual({ title })
  })
})
