// A figure of the table, the number that was to be reached, and how both are printed.

import type { BenchOptions } from './options.ts'

export interface Figure {
  readonly name: string
  /** Not a number where it could not be measured; `words` say why. */
  readonly value: number
  readonly unit: string
  /** Absent for figures that only explain another one. */
  readonly target?: { readonly kind: 'at-most' | 'at-least' | 'below'; readonly value: number }
  /** At which size, and what else one must know to believe it. */
  readonly words: string
}

export type Verdict = 'met' | 'missed' | '–'

export function verdictOf({ value, target }: Figure): Verdict {
  if (target === undefined) return '–'
  if (target.kind === 'at-most') return value <= target.value ? 'met' : 'missed'
  if (target.kind === 'below') return value < target.value ? 'met' : 'missed'
  return value >= target.value ? 'met' : 'missed'
}

/** One Markdown row per figure. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, unit, target, words } = figure
    const wanted = target === undefined ? '' : `${SIGNS[target.kind]} ${number(target.value)}${unit}`
    return `| ${name} | ${wanted} | ${number(figure.value)}${unit} | ${verdictOf(figure)} | ${words} |`
  })
  return ['| figure | target | measured | | how |', '|---|---|---|---|---|', ...rows].join('\n')
}

const SIGNS = { 'at-most': '≤', below: '<', 'at-least': '≥' } as const

/** Prints figures as a table, or as JSON lines that `all.ts` reads. */
export function showFigures(figures: readonly Figure[], { json }: Pick<BenchOptions, 'json'>): void {
  // JSON has no NaN: what could not be measured is null, and no target is met by it.
  if (json) for (const figure of figures) console.log(JSON.stringify(figure))
  else console.log(`\n${figureTable(figures)}\n`)
}

/** A line for whoever watches; never among the figures. */
export function say(line: string): void {
  console.error(`  ${line}`)
}

/** Few digits that mean something. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return 'not measured'
  const digits = Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 100 ? 1 : 2
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
}

/** The value that `share` of all do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
