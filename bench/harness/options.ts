// What every script of the table takes: how many, how long, how often; and whether the figures are to be JSON.

import { parseArgs } from 'node:util'

/** Settings of one run of a script. */
export interface BenchOptions {
  readonly connections: number
  readonly seconds: number
  readonly rounds: number
  /** Figures as a line of JSON each, for `all.ts`; words go to stderr in any case. */
  readonly json: boolean
  /** Settings of this script alone, as texts; those without a value are `'true'`. */
  readonly more: Readonly<Record<string, string>>
}

/** Reads `--connections`, `--seconds`, `--rounds`, `--json`, and what `more` names, with its defaults. */
export function benchOptions(
  defaults: Pick<BenchOptions, 'connections' | 'seconds' | 'rounds'>,
  more: Readonly<Record<string, string>> = {},
): BenchOptions {
  const own = Object.fromEntries(Object.keys(more).map((name) => [name, { type: 'string' } as const]))
  const { values } = parseArgs({
    options: {
      ...own,
      connections: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const given = values as Record<string, string | boolean | undefined>
  const number = (name: keyof typeof defaults): number => {
    const value = Number(given[name] ?? defaults[name])
    if (Number.isFinite(value) && value > 0) return value
    throw new Error(`--${name} takes a number above 0, not "${String(given[name])}"`)
  }
  return {
    connections: Math.floor(number('connections')),
    seconds: number('seconds'),
    rounds: Math.floor(number('rounds')),
    json: given.json === true,
    more: Object.fromEntries(
      Object.entries(more).map(([name, value]) => [name, String(given[name] ?? value)]),
    ),
  }
}
