// The table "Figures to reach": every script one after the other, and what they printed as Markdown. A script that fails
// leaves its row without a figure, and the others go on.
//
//   bun bench/all.ts [--small] [--only fan-out,joins] [--soak 30]     20 min; with --small 5 min, which proves nothing
//                                                                     but that the scripts work

import { parseArgs } from 'node:util'
import { type Figure, figureTable, verdictOf } from './harness/figure.ts'

const { values } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    only: { type: 'string' },
    soak: { type: 'string', default: '0' },
  },
})

/** What is given to each script: at full size nothing, since that is its default. */
const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  'fan-out': ['--connections', '500', '--seconds', '4', '--rounds', '1'],
  'listeners-per-core': ['--connections', '500', '--seconds', '4', '--rounds', '1'],
  'against-icecast': ['--connections', '500', '--seconds', '4', '--rounds', '1'],
  'against-nginx': ['--connections', '500', '--seconds', '4', '--rounds', '1'],
  joins: ['--seconds', '3', '--rounds', '1', '--rate', '200'],
  storm: ['--connections', '500', '--seconds', '10', '--listening', '100', '--admit', '20'],
  count: ['--connections', '300', '--seconds', '15'],
  'origin-reads': ['--connections', '200', '--seconds', '4'],
}
const soakMinutes = Number(values.soak)

const startedAtMs = performance.now()
const figures: Figure[] = []
for (const [name, small] of Object.entries(SCRIPTS)) {
  if (values.only !== undefined && !values.only.split(',').includes(name)) continue
  figures.push(...(await run(name, values.small ? small : [])))
}
if (soakMinutes > 0) figures.push(...(await run('soak', ['--minutes', String(soakMinutes)])))
const minutes = (performance.now() - startedAtMs) / 60_000
console.log(`\n${figureTable(figures)}\n`)
console.log(`${minutes.toFixed(1)} minutes${values.small ? '; small sizes, which prove nothing' : ''}\n`)
process.exit(figures.some((figure) => verdictOf(figure) === 'missed') ? 1 : 0)

async function run(name: string, args: readonly string[]): Promise<readonly Figure[]> {
  console.error(`\n${name} ${args.join(' ')}`)
  const script = new URL(`./${name}.ts`, import.meta.url).pathname
  const child = Bun.spawn([process.execPath, script, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const text = await new Response(child.stdout).text()
  const code = await child.exited
  const found = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(parseFigure)
  if (code === 0) return found
  const words = `bench/${name}.ts ended with ${child.signalCode ?? code}`
  return [...found, { name, value: Number.NaN, unit: '', target: { kind: 'at-most', value: 0 }, words }]
}

/** What JSON cannot say, a figure that was not measured, comes as null. */
function parseFigure(line: string): Figure {
  const figure = JSON.parse(line) as Figure & { readonly value: number | null }
  return { ...figure, value: figure.value ?? Number.NaN }
}
