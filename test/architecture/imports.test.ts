// The import table is a test: folders are layers, and an arrow that points the wrong way fails here.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { Glob } from 'bun'

const SRC = resolve(import.meta.dir, '../../src')

/** Folder → what it may import of ours (itself always) and from packages. The first row that matches counts. */
const TABLE: readonly { folder: string; ours: readonly string[]; packages: readonly string[] }[] = [
  { folder: 'base', ours: [], packages: [] },
  { folder: 'host', ours: ['base'], packages: ['bun', 'node:'] },
  { folder: 'media', ours: ['base'], packages: [] },
  { folder: 'core', ours: ['base', 'media'], packages: [] },
  {
    folder: 'engine/contract',
    ours: ['base', 'core', 'engine/ports.ts'],
    packages: ['bun', 'bun:test', 'fast-check', 'node:'],
  },
  { folder: 'engine', ours: ['base', 'host', 'core'], packages: ['bun', 'bun:sqlite', 'node:'] },
  {
    folder: 'roles/log',
    ours: ['base', 'host', 'media', 'core', 'engine'],
    packages: ['bun', 'bun:sqlite', 'node:'],
  },
  {
    folder: 'roles/control',
    ours: ['base', 'host', 'media', 'core', 'engine/ports.ts'],
    packages: [
      ...['bun', 'bun:sqlite', 'node:', 'hono', '@hono/zod-openapi', 'zod', 'acme-client'],
      ...['@resvg/resvg-wasm', '@expo-google-fonts/inter'],
    ],
  },
  {
    folder: 'roles/stage',
    ours: ['base', 'host', 'media', 'core', 'engine/ports.ts'],
    packages: ['bun', 'node:', 'node-datachannel', '@evan/opus', 'opus-encdec', '@mediabunny/aac-encoder'],
  },
  {
    folder: 'roles/edge',
    ours: ['base', 'host', 'media/cmaf', 'media/hls', 'media/ogg', 'core', 'engine/ports.ts'],
    packages: ['bun', 'node:'],
  },
  {
    folder: 'web',
    ours: ['base', 'media', 'core'],
    packages: ['preact', '@preact/signals', 'hls.js', '@jitsi/rnnoise-wasm'],
  },
  {
    folder: 'rehearsal',
    ours: ['base', 'host', 'media', 'core', 'web/player'],
    packages: ['bun', 'node:', 'node-datachannel', '@evan/opus'],
  },
  {
    folder: 'cli',
    ours: ['base', 'host', 'core', 'config.ts', 'settings.ts', 'node', 'pages.ts', 'rehearsal'],
    packages: ['bun', 'node:', 'smol-toml'],
  },
  { folder: 'settings.ts', ours: [], packages: ['node:'] },
  { folder: 'config.ts', ours: ['base', 'core/relay', 'settings.ts'], packages: ['node:'] },
  { folder: 'pages.ts', ours: ['base', 'core', 'web'], packages: ['bun', 'node:'] },
  { folder: 'node', ours: ['*'], packages: ['bun', 'node:'] },
  { folder: 'main.ts', ours: ['*'], packages: ['node:'] },
]

interface Import {
  readonly file: string
  readonly target: string
}

const files = [...new Glob('**/*.{ts,tsx}').scanSync(SRC)].filter((file) => !/\.test\.tsx?$/.test(file))

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  const pattern =
    /\bfrom\s+['"]([^'"\n]+)['"]|(?:^|\n)import\s+['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/g
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3]) as string
    const target = specifier.startsWith('.')
      ? relative(SRC, resolve(SRC, dirname(file), specifier))
      : specifier
    return { file, target }
  })
}

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

function isAllowed({ file, target }: Import): boolean {
  const row = TABLE.find(({ folder }) => isWithin(file, folder))
  if (row === undefined) return false
  const isOurs = files.includes(target) || /\.(ts|tsx|css|html|opus)$/.test(target)
  if (isOurs)
    return (
      isWithin(target, row.folder) || row.ours.some((folder) => folder === '*' || isWithin(target, folder))
    )
  return row.packages.some((name) => (name.endsWith(':') ? target.startsWith(name) : isWithin(target, name)))
}

test('every file is in a folder of the import table', () => {
  const strangers = files.filter((file) => !TABLE.some(({ folder }) => isWithin(file, folder)))
  expect(strangers).toEqual([])
})

test('imports follow the table', () => {
  const wrong = files.flatMap(importsOf).filter((found) => !isAllowed(found))
  expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
})

test('the scan sees the imports that it judges', () => {
  // A scan that found nothing would pass everything.
  expect(importsOf('core/part/part.ts').map(({ target }) => target)).toContain('base/bytes.ts')
  expect(isAllowed({ file: 'base/units.ts', target: 'core/part/part.ts' })).toBe(false)
  expect(isAllowed({ file: 'roles/edge/x.ts', target: 'media/opus/toc.ts' })).toBe(false)
  expect(isAllowed({ file: 'core/x.ts', target: 'node:fs' })).toBe(false)
  expect(isAllowed({ file: 'core/x.ts', target: 'host/system-clock.ts' })).toBe(false)
  expect(isAllowed({ file: 'web/x.ts', target: 'host/announce.ts' })).toBe(false)
})

test('no file has a name that says nothing', () => {
  const odd = /(^|\/)(utils?|misc|helpers?|common|manager)(\/|\.)/i
  expect(files.filter((file) => odd.test(file))).toEqual([])
})
