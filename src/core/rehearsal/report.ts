// What a rehearsal found, as one value: the terminal, `--json` and the page all show this and nothing else. It is
// judged here, so that every way of looking at it agrees.

import { PART_MS } from '../../base/units.ts'
import type { DurationHistogram } from './histogram.ts'
import { type Presence, SERVED_WITHIN_MS, type Tally } from './tally.ts'

/** Percentiles in ms; `null` where nothing was measured. */
export interface Durations {
  readonly count: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** One second of the run. */
export interface SecondSample extends Presence {
  /** Since the first listener came. */
  readonly atS: number
  readonly bitsPerSecond: number
  readonly parts: number
  readonly gaps: number
  readonly late: number
  readonly reconnects: number
  readonly lagMsP50: number | null
  readonly lagMsP99: number | null
  readonly loopLateMsP99: number | null
  /** Of the busiest process; 1 is a core. */
  readonly generatorCpu: number
}

/** What one listener with a real player's logic heard. */
export interface ProbeFindings {
  readonly firstAudioMs: number | null
  /** Behind the stage's clock, at the playhead. */
  readonly latencyMsP50: number | null
  readonly latencyMsP99: number | null
  readonly stalls: number
  readonly gaps: number
  readonly skips: number
  readonly reconnects: number
}

export interface EdgeCost {
  readonly edge: string
  readonly cpuSeconds: number
  readonly partsDelivered: number
}

export type ServerCost =
  | { readonly kind: 'measured'; readonly edges: readonly EdgeCost[] }
  | { readonly kind: 'unknown'; readonly why: string }

/** Listeners who missed the parts `from` ≤ n < `to`. */
export interface MissedParts {
  readonly from: number
  readonly to: number
  readonly listeners: number
}

export interface AttackFindings {
  readonly profile: string
  readonly attackers: number
  readonly opened: number
  readonly failed: number
  readonly closedByServer: number
  readonly requests: number
  readonly answers: Readonly<Record<string, number>>
}

export interface Offered {
  readonly listeners: number
  readonly join: 'storm' | 'ramp'
  /** 0 for a storm. */
  readonly joinOverMs: number
  readonly forMs: number
  readonly churnPercentPerMinute: number
  readonly slowPercent: number
  readonly vanishPercentPerMinute: number
  /** Of the listeners, those who poll HLS. */
  readonly hlsPercent: number
}

export interface Generator {
  readonly processes: number
  readonly cores: number
  /** Of the busiest process in its busiest second; 1 is a core. */
  readonly cpuMax: number
  readonly memoryBytesPerListener: number
  readonly loopLateMs: Durations
  /** How much later than planned it tried to connect. */
  readonly startSlipMs: Durations
  /** Processes that ended before their time. */
  readonly died: number
}

/** What was measured, before it is judged. */
export interface RunRecord {
  readonly url: string
  readonly addresses: readonly string[]
  readonly tls: boolean
  readonly startedAtMs: number
  readonly ranForMs: number
  readonly isInterrupted: boolean
  readonly offered: Offered
  readonly tally: Readonly<Tally>
  readonly presenceAtEnd: Presence
  readonly partsSeen: number
  readonly missed: readonly MissedParts[]
  readonly holes: readonly MissedParts[]
  readonly flushMs: number
  readonly connectedMs: Durations
  /** Of those who had not to wait in line. */
  readonly firstAudioMs: Durations
  /** To audio or a place in the line, retries counted: what every arrival is promised. */
  readonly answeredMs: Durations
  /** From a place to audio. */
  readonly waitedMs: Durations
  readonly outageMs: Durations
  readonly outagesTooLong: number
  readonly lagMs: Durations
  readonly firstAudioCurve: readonly (readonly [ms: number, share: number])[]
  readonly lagCurve: readonly (readonly [ms: number, share: number])[]
  readonly probes: readonly ProbeFindings[]
  readonly serverCost: ServerCost
  readonly generator: Generator
  readonly attack: AttackFindings | null
  readonly series: readonly SecondSample[]
}

export interface Carried {
  /** The most listeners to whom sound came, in any second. */
  readonly listenersMax: number
  /** The same, before anything went wrong: what this run proves. */
  readonly listenersProven: number
  /** The busiest second, which is often that of a storm with its bursts. */
  readonly bitsPerSecondMax: number
  /** The median of the seconds in which nine tenths of `listenersMax` heard. */
  readonly bitsPerSecondFull: number
  readonly bitsPerSecondMean: number
  /** Of the parts that were due to whoever had been let in, the share that came; `null` without any. */
  readonly deliveredShare: number | null
  /** Bytes received for each part, HTTP and joining included. */
  readonly bytesPerPart: number | null
}

/** Of the edges' processor time, for each part that they delivered, and what follows from it. */
export interface CostPerListener {
  readonly cpuMicrosPerPart: number
  /** How many listeners one core of the server would carry at this flush interval, without reserve. */
  readonly listenersPerCore: number
}

export interface RehearsalReport extends RunRecord {
  readonly version: 1
  readonly carried: Carried
  readonly cost: CostPerListener | null
  /** Where the generator itself was the limit, in sentences; empty where the server alone was measured. */
  readonly generatorLimits: readonly string[]
  readonly verdict: { readonly passed: boolean; readonly failures: readonly string[] }
}

export function durationsOf(histogram: DurationHistogram): Durations {
  const at = (share: number) => histogram.percentile(share) ?? null
  return { count: histogram.count, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

/** Judges a run. */
export function judge(run: RunRecord): RehearsalReport {
  const failures = failuresOf(run)
  return {
    version: 1,
    ...run,
    carried: carriedOf(run),
    cost: costOf(run.serverCost),
    generatorLimits: generatorLimitsOf(run),
    verdict: { passed: failures.length === 0, failures },
  }
}

function failuresOf(run: RunRecord): string[] {
  const { tally, presenceAtEnd } = run
  const failures: string[] = []
  const failIf = (count: number, sentence: (count: string) => string) => {
    if (count > 0) failures.push(sentence(count.toLocaleString('en')))
  }
  if (tally.parts === 0) failures.push('No part was delivered to anybody.')
  failIf(
    sumOf(run.missed),
    (n) => `${n} times a listener was not given parts that others got, and was not told.`,
  )
  failIf(sumOf(run.holes), (n) => `${n} times a listener met a hole in the program that nobody was given.`)
  const unlisted = tally.gaps - sumOf(run.missed) - sumOf(run.holes)
  failIf(unlisted, (n) => `${n} more gaps were counted than are listed one by one.`)
  failIf(
    tally.skips - tally.slowSkips,
    (n) => `${n} times an edge skipped parts for a listener who read at full speed.`,
  )
  failIf(tally.different, (n) => `${n} parts had other bytes than other listeners were given.`)
  failIf(tally.broken, (n) => `${n} streams were not a stream of parts.`)
  failIf(
    tally.late,
    (n) => `${n} arrivals had neither audio nor a place within ${SERVED_WITHIN_MS / 1000} s.`,
  )
  failIf(
    run.outagesTooLong,
    (n) => `${n} listeners who lost their stream had no other within ${SERVED_WITHIN_MS / 1000} s.`,
  )
  failIf(presenceAtEnd.deaf, (n) => `${n} listeners had neither sound nor a place at the end.`)
  failIf(tally.refused, (n) => `${n} requests were answered with an error.`)
  failIf(
    run.probes.filter(({ firstAudioMs, gaps }) => firstAudioMs === null || gaps > 0).length,
    (n) => `${n} of the probes heard a gap, or nothing.`,
  )
  failIf(run.generator.died, (n) => `${n} of the swarm's own processes ended before their time.`)
  return failures
}

const sumOf = (jumps: readonly MissedParts[]) => jumps.reduce((sum, { listeners }) => sum + listeners, 0)

function carriedOf({ series, tally, ranForMs }: RunRecord): Carried {
  const isFlawed = ({ gaps, late, deaf }: SecondSample) => gaps > 0 || late > 0 || deaf > 0
  const firstFlaw = series.findIndex(isFlawed)
  const listenersMax = most(series.map(({ hearing }) => hearing))
  const flawless = firstFlaw < 0 ? series : series.slice(0, firstFlaw)
  return {
    listenersMax,
    listenersProven: most(flawless.map(({ hearing }) => hearing)),
    bitsPerSecondFull: medianOf(
      series.filter(({ hearing }) => hearing >= 0.9 * listenersMax).map(({ bitsPerSecond }) => bitsPerSecond),
    ),
    bitsPerSecondMax: most(series.map(({ bitsPerSecond }) => bitsPerSecond)),
    bitsPerSecondMean: ranForMs === 0 ? 0 : (tally.bytes * 8) / (ranForMs / 1000),
    deliveredShare: deliveredShareOf(tally),
    bytesPerPart: tally.parts === 0 ? null : tally.bytes / tally.parts,
  }
}

function deliveredShareOf({ parts, gapParts, skippedParts, owedParts }: RunRecord['tally']): number | null {
  return parts === 0 ? null : parts / (parts + gapParts + skippedParts + owedParts)
}

function costOf(cost: ServerCost): CostPerListener | null {
  if (cost.kind === 'unknown') return null
  const cpuSeconds = cost.edges.reduce((sum, edge) => sum + edge.cpuSeconds, 0)
  const parts = cost.edges.reduce((sum, edge) => sum + edge.partsDelivered, 0)
  if (parts === 0 || cpuSeconds === 0) return null
  const cpuMicrosPerPart = (cpuSeconds * 1e6) / parts
  const partsPerListenerSecond = 1000 / PART_MS
  return { cpuMicrosPerPart, listenersPerCore: 1e6 / (cpuMicrosPerPart * partsPerListenerSecond) }
}

/** A generator busier than this measures itself. */
const BUSY_CPU = 0.85
/** Timers later than this, in one of a hundred cases, blur what is measured. */
const LATE_LOOP_MS = 50
const SLIP_MS = 1_000

function generatorLimitsOf({ generator, offered }: RunRecord): string[] {
  const limits: string[] = []
  if (generator.cpuMax > BUSY_CPU) {
    limits.push(`One of its processes used ${percent(generator.cpuMax)} of a core in its busiest second.`)
  }
  const late = generator.loopLateMs.p99 ?? 0
  if (late > LATE_LOOP_MS)
    limits.push(`Its timers were up to ${late} ms late (p99), and so are its durations.`)
  const slip = generator.startSlipMs.p99 ?? 0
  if (slip > SLIP_MS) {
    const what = offered.join === 'storm' ? 'the storm took it' : 'it fell behind the ramp by'
    limits.push(`It could not knock as fast as was asked: ${what} ${(slip / 1000).toFixed(1)} s (p99).`)
  }
  if (generator.processes > generator.cores) {
    limits.push(`Its ${generator.processes} processes shared ${generator.cores} cores.`)
  }
  return limits
}

const percent = (share: number) => `${Math.round(share * 100)} %`
function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

const most = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.max(a, b), 0)
