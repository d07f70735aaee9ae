// A rehearsal on the terminal: a line while it runs, and a page when it is over.

import type { Durations, ProbeFindings, RehearsalReport } from '../core/rehearsal/report.ts'
import type { Progress } from './conductor.ts'

const LABEL_WIDTH = 14

/** Such as `12 s · 9,840 of 10,000 hear · 0.57 Gbit/s · first audio p99 812 ms · 0 gaps · 3 reconnects`. */
export function progressLine({ second, listeners, firstAudioMsP99, tally }: Progress): string {
  return [
    `${Math.round(second.atS)} s`,
    `${number(second.hearing)} of ${number(listeners)} hear`,
    ...(second.waiting > 0 ? [`${number(second.waiting)} wait in line`] : []),
    bitRate(second.bitsPerSecond),
    `first audio p99 ${ms(firstAudioMsP99)}`,
    plural(tally.gaps, 'gap'),
    plural(tally.reconnects, 'reconnect'),
  ].join(' · ')
}

/** The whole report in some twenty lines. */
export function reportText(report: RehearsalReport): string {
  const lines: string[] = ['']
  for (const [label, words] of rowsOf(report)) lines.push(`  ${label.padEnd(LABEL_WIDTH)}${words}`)
  lines.push('', `  ${verdictOf(report)}`, ...report.verdict.failures.map((failure) => `  ✗ ${failure}`), '')
  return lines.join('\n')
}

/** One sentence. */
export function verdictOf({ verdict, carried, isInterrupted }: RehearsalReport): string {
  const cut = isInterrupted ? ' The run was ended early.' : ''
  if (!verdict.passed)
    return `FAILED. Proven until then: ${plural(carried.listenersProven, 'listener')}.${cut}`
  const flow = bitRate(carried.bitsPerSecondFull)
  return `PASSED. Proven: ${plural(carried.listenersProven, 'listener')} at once, ${flow}.${cut}`
}

/** What stands in a report, as label and words; the page shows the same rows. */
export function rowsOf(report: RehearsalReport): readonly (readonly [label: string, words: string])[] {
  const { carried, tally, generator, attack } = report
  const rows: [string, string][] = [
    ['target', `${report.url} (${report.addresses.join(', ')}${report.tls ? ', TLS' : ''})`],
    ['offered', offeredWords(report)],
    [
      'carried',
      `${plural(carried.listenersMax, 'listener')} at once, ${bitRate(carried.bitsPerSecondFull)} (at most ${bitRate(carried.bitsPerSecondMax)}), ` +
        `${carried.bytesPerPart === null ? '–' : Math.round(carried.bytesPerPart).toLocaleString('en')} bytes a part, ` +
        `flush every ${report.flushMs} ms`,
    ],
    [
      'joins',
      `${number(tally.served)} of ${plural(tally.arrivals, 'arrival')} served, ${number(tally.placed)} given a place first, ` +
        `${tally.late} with neither after 3 s`,
    ],
    ['answered', durationWords(report.answeredMs, 'with audio or a place: ')],
    ['connected', durationWords(report.connectedMs)],
    ['first audio', durationWords(report.firstAudioMs)],
    ...lineRows(report),
    [
      'parts',
      `${number(tally.parts)} received and checked, ${number(report.partsSeen)} different ones` +
        (carried.deliveredShare === null
          ? ''
          : `; ${(carried.deliveredShare * 100).toFixed(3)} % of those due`),
    ],
    [
      'wrong',
      `${plural(tally.gaps, 'gap')}, ${plural(tally.different, 'part')} with other bytes, ` +
        `${plural(tally.skips - tally.slowSkips, 'skip')} (and ${tally.slowSkips} of slow readers), ${plural(tally.repeats, 'repeat')}`,
    ],
    ['on the way', durationWords(report.lagMs, 'from the end of a part to its arrival: ')],
    ['stalls', `${number(tally.stalls)}, ${share(stalledShareOf(report))} of all listening`],
    [
      'lost',
      `${plural(tally.lost + tally.silent, 'stream')}, ${plural(tally.reconnects, 'reconnect')}; without sound ${durationWords(report.outageMs)}`,
    ],
    [
      'turned away',
      `${number(tally.turnedAway)} answers "full"; ${number(tally.connectFailures)} connections failed`,
    ],
    ['probes', probeWords(report.probes)],
    ['server', costWords(report)],
    [
      'generator',
      `${plural(generator.processes, 'process', 'es')}, ${share(generator.cpuMax)} of a core at most, ` +
        `timers ${ms(generator.loopLateMs.p99)} late (p99), ${kilobytes(generator.memoryBytesPerListener)} a listener`,
    ],
    ...report.generatorLimits.map((limit): [string, string] => ['its limit', limit]),
  ]
  if (attack !== null) rows.push(['attack', attackWords(attack)])
  return rows
}

/** Nothing while nobody had to wait. */
function lineRows({ tally, waitedMs }: RehearsalReport): readonly [string, string][] {
  if (tally.placed === 0) return []
  const asked = `${number(tally.lineAsks)} questions how the line stands, ${plural(tally.shown, 'place')} shown`
  return [['in line', `${durationWords(waitedMs, 'from a place to audio: ')}; ${asked}`]]
}

function offeredWords({ offered, ranForMs }: RehearsalReport): string {
  const join = offered.join === 'storm' ? 'all at once' : `over ${seconds(offered.joinOverMs)}`
  const extras = [
    offered.churnPercentPerMinute > 0 ? `${offered.churnPercentPerMinute} % leave and return a minute` : '',
    offered.hlsPercent > 0 ? `${offered.hlsPercent} % poll HLS` : '',
    offered.slowPercent > 0 ? `${offered.slowPercent} % read slowly` : '',
    offered.vanishPercentPerMinute > 0 ? `${offered.vanishPercentPerMinute} % vanish a minute` : '',
  ].filter((words) => words !== '')
  const told = [`${plural(offered.listeners, 'listener')}, ${join}`, `for ${seconds(ranForMs)}`, ...extras]
  return told.join(', ')
}

function costWords({ cost, serverCost }: RehearsalReport): string {
  if (serverCost.kind === 'unknown') return `cost unknown: ${serverCost.why}`
  if (cost === null) return 'cost unknown: nothing was delivered while it was measured'
  return (
    `${cost.cpuMicrosPerPart.toFixed(1)} µs of processor time a part: ${number(Math.round(cost.listenersPerCore))} ` +
    `listeners a core (${plural(serverCost.edges.length, 'edge')} measured)`
  )
}

function probeWords(probes: readonly ProbeFindings[]): string {
  if (probes.length === 0) return 'none'
  const worst = (pick: (probe: ProbeFindings) => number | null) =>
    probes.reduce<number | null>(
      (a, probe) => (a === null ? pick(probe) : Math.max(a, pick(probe) ?? a)),
      null,
    )
  const sum = (pick: (probe: ProbeFindings) => number) => probes.reduce((a, probe) => a + pick(probe), 0)
  const stalls = sum((probe) => probe.stalls)
  return (
    `${plural(probes.length, 'player')}: first audio within ${ms(worst((probe) => probe.firstAudioMs))}, ` +
    `mouth to ear ${ms(worst((probe) => probe.latencyMsP50))} (worst median), ` +
    `${plural(stalls, 'stall')}, ${plural(
      sum((probe) => probe.gaps),
      'gap',
    )}`
  )
}

function attackWords(attack: NonNullable<RehearsalReport['attack']>): string {
  const answers = Object.entries(attack.answers).map(([status, count]) => `${number(count)} × ${status}`)
  return (
    `${attack.profile} by ${attack.attackers}: ${number(attack.opened)} connections, ${number(attack.failed)} failed, ` +
    `${number(attack.closedByServer)} closed by the server, ${plural(attack.requests, 'request')}` +
    (answers.length === 0 ? '' : ` (${answers.join(', ')})`)
  )
}

/** Of all listening, the share in which a player would have had no sound. */
function stalledShareOf({ tally }: RehearsalReport): number {
  const listenedMs = tally.parts * 200
  return listenedMs === 0 ? 0 : tally.stalledMs / (listenedMs + tally.stalledMs)
}

function durationWords(durations: Durations, before = ''): string {
  if (durations.count === 0) return `${before}nothing measured`
  return `${before}p50 ${ms(durations.p50)}, p90 ${ms(durations.p90)}, p99 ${ms(durations.p99)}, most ${ms(durations.max)}`
}

export const number = (value: number): string => Math.round(value).toLocaleString('en')
export const ms = (value: number | null): string => (value === null ? '–' : `${number(value)} ms`)
const seconds = (value: number) => `${(value / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} s`
const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`
const share = (value: number) => `${(value * 100).toFixed(value < 0.01 ? 2 : 0)} %`
const plural = (count: number, noun: string, ending = 's') =>
  `${number(count)} ${noun}${count === 1 ? '' : ending}`

export function bitRate(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e8) return `${(bitsPerSecond / 1e9).toFixed(2)} Gbit/s`
  return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
}
