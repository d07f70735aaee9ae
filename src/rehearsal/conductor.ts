// Runs a rehearsal: proves that it is welcome, lets the swarm in, puts together what its processes tell, and hands
// back one report. It keeps sums and one sample a second, so a long run costs no more than a short one.

import { availableParallelism } from 'node:os'
import { DurationHistogram } from '../core/rehearsal/histogram.ts'
import {
  durationsOf,
  judge,
  type RehearsalReport,
  type SecondSample,
  type ServerCost,
} from '../core/rehearsal/report.ts'
import {
  addPresences,
  addTallies,
  type Presence,
  SERVED_WITHIN_MS,
  type Tally,
} from '../core/rehearsal/tally.ts'
import { acceptInvitation } from './invitation.ts'
import { Probe } from './probe.ts'
import { costBetween, type Readings, readEdges } from './server-cost.ts'
import {
  type AttackProfile,
  type AttackTally,
  DURATION_NAMES,
  type DurationName,
  type Join,
  type SwarmReport,
} from './swarm/messages.ts'
import { PartLedger } from './swarm/part-ledger.ts'
import { SwarmChild } from './swarm/swarm-child.ts'
import { TokenMint } from './swarm/token-mint.ts'
import { wait } from './swarm/wait.ts'
import { readMachineLimits, sizeSwarm } from './swarm-size.ts'

export interface RehearsalOptions {
  /** The listening page: `https://host/s/<id>`. */
  readonly url: string
  readonly key: string
  readonly listeners: number
  readonly join: Join
  readonly forMs: number
  readonly churnPercentPerMinute: number
  readonly slowPercent: number
  readonly vanishPercentPerMinute: number
  /** Of the listeners, those who poll HLS. */
  readonly hlsPercent: number
  /** Listeners with a real player's logic, beside the others. */
  readonly probes: number
  readonly processes?: number | undefined
  /** PEM of the authority to trust, for a certificate that no known one has signed. */
  readonly ca?: string | undefined
  readonly attack?: { readonly profile: AttackProfile; readonly attackers: number } | undefined
  /** Called once a second. */
  readonly onProgress: (progress: Progress) => void
  /** Ends the run early; the report is made all the same. */
  readonly signal: AbortSignal
}

export interface Progress {
  readonly second: SecondSample
  readonly listeners: number
  readonly firstAudioMsP99: number | null
  readonly tally: Readonly<Tally>
}

/** Seconds of which samples are kept: a day. */
const SERIES_MAX = 86_400
const SAMPLE_MS = 1_000
/** The server's cost is measured from here on in a run: joining costs something of its own. */
const COST_FROM_SHARE = 0.3
/** After `finish`, what was sent before it is still on its way. */
const NO_PRESENCE: Presence = { wanting: 0, hearing: 0, arriving: 0, waiting: 0, deaf: 0 }

/** Resolves with the judged report. Throws what `acceptInvitation` and `sizeSwarm` do, before anybody was sent. */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalReport> {
  const { target, clockOffsetMs } = await acceptInvitation(options)
  const sizes = sizeSwarm(options.listeners, target.addresses.length, readMachineLimits(), options.processes)
  const run = new Run(options, sizes.length)
  const { key } = options
  try {
    await Promise.all(
      sizes.map((listeners, i) =>
        run.child(i).prepare({
          kind: 'listen',
          plan: { ...pick(options), target, key, clockOffsetMs, listeners },
        }),
      ),
    )
    const attacker = await startAttack()
    const tokens = new TokenMint({ key, space: target.space, clockOffsetMs })
    const startedAtMs = Date.now()
    run.go()
    attacker?.go()
    const probes = Array.from({ length: options.probes }, () => new Probe(target, tokens, clockOffsetMs))
    const serverCost = await watch()
    const findings = probes.map((probe) => probe.stop())
    await Promise.all([run.finish(), attacker?.finish()])
    return judge({
      ...run.measured(),
      url: options.url,
      addresses: target.addresses,
      tls: target.tls,
      startedAtMs,
      isInterrupted: options.signal.aborted,
      probes: findings,
      serverCost,
      attack: options.attack === undefined ? null : { ...options.attack, ...run.attackTally },
    })
  } finally {
    run.kill()
  }

  async function startAttack(): Promise<SwarmChild | undefined> {
    if (options.attack === undefined) return undefined
    const child = run.addAttacker()
    await child.prepare({ kind: 'attack', plan: { target, key, clockOffsetMs, ...options.attack } })
    return child
  }

  async function watch(): Promise<ServerCost> {
    const overMs = options.join.kind === 'ramp' ? options.join.overMs : 0
    const steadyFromMs = Math.min(options.forMs * 0.9, Math.max(overMs, options.forMs * COST_FROM_SHARE))
    let sampling: ReturnType<typeof setInterval> | undefined
    // Between two reports of the swarm, so that each sample holds a whole one.
    const offset = setTimeout(() => {
      sampling = setInterval(() => options.onProgress(run.sample()), SAMPLE_MS)
    }, SAMPLE_MS / 4)
    try {
      await wait(steadyFromMs, options.signal)
      const [before] = await Promise.all([
        readEdges(target),
        wait(options.forMs - steadyFromMs, options.signal),
      ])
      const after: Readings = options.signal.aborted ? new Map() : await readEdges(target)
      return costBetween(before, after)
    } finally {
      clearTimeout(offset)
      clearInterval(sampling)
      run.sample()
    }
  }
}

function pick(options: RehearsalOptions) {
  const { join, churnPercentPerMinute, slowPercent, vanishPercentPerMinute, hlsPercent } = options
  return { join, churnPercentPerMinute, slowPercent, vanishPercentPerMinute, hlsPercent }
}

/** What is known of a run so far. */
class Run {
  readonly #options: RehearsalOptions
  readonly #children: SwarmChild[]
  readonly #latest: (SwarmReport | undefined)[]
  readonly #ledger = new PartLedger()
  readonly #whole = newDurations()
  readonly #second = newDurations()
  readonly #series: SecondSample[] = []
  /** Of each process, over the time of its latest report. */
  readonly #bitRates: number[] = []
  #attackers: SwarmChild[] = []
  #differentBetweenProcesses = 0
  #startedAtMs = 0
  #endedAtMs = 0
  #cpuMax = 0
  #cpuOfSecond = 0
  #memoryBytesMax = 0
  #before: Tally = addTallies([])
  #sampledAtMs = 0
  attackTally: AttackTally = { opened: 0, failed: 0, closedByServer: 0, requests: 0, answers: {} }

  constructor(options: RehearsalOptions, processes: number) {
    this.#options = options
    this.#latest = new Array<SwarmReport | undefined>(processes)
    this.#children = Array.from(
      { length: processes },
      (_, i) =>
        new SwarmChild((word) => {
          if (word.kind === 'report') this.#hear(i, word)
        }),
    )
  }

  child(i: number): SwarmChild {
    return this.#children[i] as SwarmChild
  }

  addAttacker(): SwarmChild {
    const child = new SwarmChild((word) => {
      if (word.kind === 'attacked') this.attackTally = word.tally
    })
    this.#attackers.push(child)
    return child
  }

  go(): void {
    this.#startedAtMs = performance.now()
    this.#sampledAtMs = this.#startedAtMs
    for (const child of this.#children) child.go()
  }

  async finish(): Promise<void> {
    this.#endedAtMs = performance.now()
    await Promise.all(this.#children.map((child) => child.finish()))
  }

  kill(): void {
    for (const child of [...this.#children, ...this.#attackers]) child.kill()
  }

  #hear(from: number, report: SwarmReport): void {
    const bytes = report.tally.bytes - (this.#latest[from]?.tally.bytes ?? 0)
    // The last report comes early: over so short a time a rate says nothing.
    if (report.load.overMs > SAMPLE_MS / 2) this.#bitRates[from] = (bytes * 8_000) / report.load.overMs
    this.#latest[from] = report
    this.#differentBetweenProcesses += this.#ledger.add(report.news)
    this.#ledger.takeNews()
    for (const name of DURATION_NAMES) {
      this.#whole[name].add(report.durations[name])
      this.#second[name].add(report.durations[name])
    }
    this.#cpuMax = Math.max(this.#cpuMax, report.load.cpu)
    this.#cpuOfSecond = Math.max(this.#cpuOfSecond, report.load.cpu)
    this.#memoryBytesMax = Math.max(this.#memoryBytesMax, report.load.memoryBytes)
  }

  #tally(): Tally {
    const sum = addTallies(this.#reports().map(({ tally }) => tally))
    sum.different += this.#differentBetweenProcesses
    return sum
  }

  #reports(): readonly SwarmReport[] {
    return this.#latest.filter((report) => report !== undefined)
  }

  #presence(): Presence {
    const all = this.#reports().map(({ presence }) => presence)
    return all.length === 0 ? NO_PRESENCE : addPresences(all)
  }

  /** What the last second brought. */
  sample(): Progress {
    const now = performance.now()
    const tally = this.#tally()
    const since = (name: 'parts' | 'gaps' | 'late' | 'reconnects') => tally[name] - this.#before[name]
    const second: SecondSample = {
      ...this.#presence(),
      atS: Math.round((now - this.#startedAtMs) / 100) / 10,
      bitsPerSecond: this.#bitRates.reduce((sum, rate) => sum + rate, 0),
      parts: since('parts'),
      gaps: since('gaps'),
      late: since('late'),
      reconnects: since('reconnects'),
      lagMsP50: this.#second.lag.percentile(0.5) ?? null,
      lagMsP99: this.#second.lag.percentile(0.99) ?? null,
      loopLateMsP99: this.#second.loopLate.percentile(0.99) ?? null,
      generatorCpu: this.#cpuOfSecond,
    }
    // A last sample that is not a whole second would show a rate that was never there.
    if (now - this.#sampledAtMs > SAMPLE_MS / 2 && this.#series.length < SERIES_MAX) this.#series.push(second)
    for (const name of DURATION_NAMES) this.#second[name].clear()
    this.#before = tally
    this.#sampledAtMs = now
    this.#cpuOfSecond = 0
    const firstAudioMsP99 = this.#whole.firstAudio.percentile(0.99) ?? null
    return { second, listeners: this.#options.listeners, firstAudioMsP99, tally }
  }

  measured() {
    const { listeners, join, forMs } = this.#options
    const whole = this.#whole
    const processes = this.#children.length
    return {
      offered: {
        ...pick(this.#options),
        listeners,
        forMs,
        join: join.kind,
        joinOverMs: join.kind === 'ramp' ? join.overMs : 0,
      },
      ranForMs: Math.round(this.#endedAtMs - this.#startedAtMs),
      tally: this.#tally(),
      presenceAtEnd: this.#presence(),
      partsSeen: this.#ledger.partsSeen,
      ...this.#ledger.judgeJumps(),
      flushMs: Math.max(...this.#reports().map(({ flushMs }) => flushMs), 0),
      connectedMs: durationsOf(whole.connected),
      firstAudioMs: durationsOf(whole.firstAudio),
      answeredMs: durationsOf(whole.answered),
      waitedMs: durationsOf(whole.waited),
      outageMs: durationsOf(whole.outage),
      outagesTooLong: whole.outage.countAbove(SERVED_WITHIN_MS),
      lagMs: durationsOf(whole.lag),
      firstAudioCurve: whole.firstAudio.curve(),
      lagCurve: whole.lag.curve(),
      generator: {
        processes,
        cores: availableParallelism(),
        cpuMax: this.#cpuMax,
        memoryBytesPerListener: Math.round((this.#memoryBytesMax * processes) / listeners),
        loopLateMs: durationsOf(whole.loopLate),
        startSlipMs: durationsOf(whole.startSlip),
        died: this.#children.filter(({ hasDied }) => hasDied).length,
      },
      series: this.#series,
    }
  }
}

function newDurations(): Record<DurationName, DurationHistogram> {
  return Object.fromEntries(DURATION_NAMES.map((name) => [name, new DurationHistogram()])) as Record<
    DurationName,
    DurationHistogram
  >
}
