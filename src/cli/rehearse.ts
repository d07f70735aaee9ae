// `mimbar rehearse`: a crowd of synthetic listeners at one's own front door, and a report of what they met.

import { readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { parseArgs } from 'node:util'
import { MimbarError } from '../base/errors.ts'
import type { RehearsalReport } from '../core/rehearsal/report.ts'
import { type RehearsalOptions, rehearse as runRehearsal } from '../rehearsal/conductor.ts'
import { parsePageUrl } from '../rehearsal/invitation.ts'
import { reportPage } from '../rehearsal/report-page.ts'
import { progressLine, reportText } from '../rehearsal/report-text.ts'
import { ATTACKERS_MAX } from '../rehearsal/swarm/attack.ts'
import { ATTACKS, type AttackProfile, type Join } from '../rehearsal/swarm/messages.ts'
import { LISTENERS_MAX, PROCESSES_MAX } from '../rehearsal/swarm-size.ts'

/** Nobody was sent: the words are wrong, or the target is not there or has not invited anybody. */
const EXIT_NOT_BEGUN = 2
/** The key may be here, where other users of the machine do not see it. */
const KEY_VARIABLE = 'MIMBAR_REHEARSAL_KEY'
const FOR_MS_MAX = 24 * 60 * 60 * 1_000
/** Attacks end sooner: they are bounded in count and in time. */
const ATTACK_FOR_MS_MAX = 10 * 60 * 1_000
const PROBES_MAX = 50
/** Without a terminal to write over, a line this often. */
const PLAIN_PROGRESS_EVERY_S = 5

const FLAGS = {
  key: { type: 'string' },
  listeners: { type: 'string', default: '1000' },
  join: { type: 'string', default: 'storm' },
  over: { type: 'string' },
  for: { type: 'string', default: '1m' },
  churn: { type: 'string', default: '0' },
  slow: { type: 'string', default: '0' },
  vanish: { type: 'string', default: '0' },
  hls: { type: 'string', default: '0' },
  probes: { type: 'string', default: '4' },
  processes: { type: 'string' },
  ca: { type: 'string' },
  attack: { type: 'string' },
  attackers: { type: 'string', default: '200' },
  'i-own-this-server': { type: 'string' },
  json: { type: 'boolean', default: false },
  report: { type: 'string' },
} as const

type Flags = ReturnType<typeof parseFlags>['values']

/**
 * The exit code is 0 when the run passed, 1 when a listener met a gap, had neither audio nor a place in line within 3 s
 * or anything else failed, and 2 when nobody was sent. Throws `bad-request` for wrong words.
 */
export async function rehearse(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(args)
  const [url, ...rest] = positionals
  if (url === undefined || rest.length > 0) {
    throw new MimbarError('bad-request', 'Which page? "mimbar rehearse https://host/s/<space> --key <key>".')
  }
  const stopping = new AbortController()
  const options = parseOptions(url, values, stopping.signal)
  const progress = new ProgressLine()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  const report = await begun({
    ...options,
    onProgress: (at) => progress.show(progressLine(at), at.second.atS),
  })
  progress.end()
  if (report === undefined) return EXIT_NOT_BEGUN
  console.log(values.json ? JSON.stringify(report) : reportText(report))
  if (values.report !== undefined) {
    writeFileSync(values.report, reportPage(report))
    console.error(`The report is in ${values.report}.`)
  }
  return report.verdict.passed ? 0 : 1
}

/** The report; `undefined`, after saying why, when it could not begin. */
async function begun(options: RehearsalOptions): Promise<RehearsalReport | undefined> {
  try {
    return await runRehearsal(options)
  } catch (error) {
    if (!(error instanceof MimbarError)) throw error
    console.error(`mimbar: ${error.message}`)
    return undefined
  }
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: true })
  } catch (cause) {
    throw new MimbarError(
      'bad-request',
      `${(cause as Error).message} "mimbar help" lists what rehearse takes.`,
      {
        cause,
      },
    )
  }
}

function parseOptions(url: string, flags: Flags, signal: AbortSignal): Omit<RehearsalOptions, 'onProgress'> {
  const key = flags.key ?? process.env[KEY_VARIABLE]
  if (key === undefined) {
    throw new MimbarError(
      'bad-request',
      `--key is what the server was started with as --rehearsal-key; ${KEY_VARIABLE} in the environment does as well.`,
    )
  }
  const forMs = duration('for', flags.for, FOR_MS_MAX)
  const attack = parseAttack(url, flags, forMs)
  return {
    url,
    key,
    listeners: count('listeners', flags.listeners, 1, LISTENERS_MAX),
    join: parseJoin(flags, forMs),
    forMs,
    churnPercentPerMinute: percent('churn', flags.churn, 1_000),
    slowPercent: percent('slow', flags.slow, 100),
    vanishPercentPerMinute: percent('vanish', flags.vanish, 100),
    hlsPercent: percent('hls', flags.hls, 100),
    probes: count('probes', flags.probes, 0, PROBES_MAX),
    processes:
      flags.processes === undefined ? undefined : count('processes', flags.processes, 1, PROCESSES_MAX),
    ca: flags.ca === undefined ? undefined : readPem(flags.ca),
    ...(attack === undefined ? {} : { attack }),
    signal,
  }
}

function parseJoin(flags: Flags, forMs: number): Join {
  if (flags.join === 'storm') return { kind: 'storm' }
  if (flags.join !== 'ramp')
    throw new MimbarError('bad-request', `--join is storm or ramp, not "${flags.join}".`)
  const overMs = flags.over === undefined ? forMs / 2 : duration('over', flags.over, FOR_MS_MAX)
  if (overMs > forMs) throw new MimbarError('bad-request', '--over cannot be longer than --for.')
  return { kind: 'ramp', overMs }
}

/** An attack is for one's own server: on this machine, or named once more. */
function parseAttack(
  url: string,
  flags: Flags,
  forMs: number,
): { readonly profile: AttackProfile; readonly attackers: number } | undefined {
  if (flags.attack === undefined) return undefined
  const profile = ATTACKS.find((name) => name === flags.attack)
  if (profile === undefined) {
    throw new MimbarError('bad-request', `--attack is one of ${ATTACKS.join(', ')}, not "${flags.attack}".`)
  }
  const { hostName } = parsePageUrl(url)
  if (!isLoopback(hostName) && flags['i-own-this-server'] !== hostName) {
    throw new MimbarError(
      'bad-request',
      `An attack is for your own server only. If ${hostName} is yours, say so: --i-own-this-server ${hostName}`,
    )
  }
  if (forMs > ATTACK_FOR_MS_MAX) {
    throw new MimbarError('bad-request', `With --attack, --for is at most ${ATTACK_FOR_MS_MAX / 60_000}m.`)
  }
  return { profile, attackers: count('attackers', flags.attackers, 1, ATTACKERS_MAX) }
}

function isLoopback(hostName: string): boolean {
  if (hostName === 'localhost' || hostName === '::1') return true
  return isIP(hostName) === 4 && hostName.startsWith('127.')
}

function count(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new MimbarError('bad-request', `--${flag} takes a whole number from ${min} to ${max}, not "${text}".`)
}

/** `20` and `20%` are the same. */
function percent(flag: string, text: string, max: number): number {
  return count(flag, text.replace(/%$/, ''), 0, max)
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

function duration(flag: string, text: string, maxMs: number): number {
  const match = /^(\d{1,6})([smh])$/.exec(text)
  const ms = match === null ? Number.NaN : Number(match[1]) * (UNITS_MS[match[2] as string] as number)
  if (ms > 0 && ms <= maxMs) return ms
  throw new MimbarError('bad-request', `--${flag} takes a time such as 30s, 5m or 1h, not "${text}".`)
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new MimbarError('bad-request', `--ca: ${(cause as Error).message}`, { cause })
  }
}

/** One line that is written over on a terminal; elsewhere a line every few seconds. On stderr, so that --json is clean. */
class ProgressLine {
  #plainDueS = 0
  #isShown = false

  show(line: string, atS: number): void {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[2K${line}`)
      this.#isShown = true
    } else if (atS >= this.#plainDueS) {
      this.#plainDueS = atS + PLAIN_PROGRESS_EVERY_S
      console.error(line)
    }
  }

  end(): void {
    if (this.#isShown) process.stderr.write('\n')
  }
}
