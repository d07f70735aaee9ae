import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sizeBudget from '../size-budget.json' with { type: 'json' }
import { parseSpaceId } from './base/ids.ts'
import { fillPage, type PageTemplate } from './core/page/page.ts'
import { bundlePages, PAGES, type PageName, readPage } from './pages.ts'

describe('pages', () => {
  let folder: string
  let listen: PageTemplate
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mimbar-pages-'))
    await bundlePages(folder)
    listen = await readPage(folder, 'listen')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('no page is larger than its budget, gzipped: what is downloaded before anything happens', async () => {
    const sizes: Record<string, number> = {}
    for (const name of PAGES) {
      sizes[name] = Bun.gzipSync((await readPage(folder, name)).html, { level: 9 }).length
    }
    console.log(
      `   gzipped: ${Object.entries(sizes)
        .map(([name, size]) => `${name} ${size}`)
        .join(', ')} bytes`,
    )
    const tooLarge = Object.entries(sizes).filter(([name, size]) => size > sizeBudget[name as PageName])
    expect(Object.keys(sizes).sort()).toEqual(Object.keys(sizeBudget).sort())
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

  test('what few need are assets whose paths change with their content, and the page knows them', async () => {
    const files = (await readdir(join(folder, 'assets'))).sort()
    expect(files.map((file) => file.replace(/-[0-9a-f]{10}\.js$/, ''))).toEqual(['hands', 'hls'])
    for (const file of files) expect(listen.html).toContain(`/assets/${file}`)
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
