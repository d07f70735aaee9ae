// Many listeners in one process: when each comes and goes, and one report a second of what they met.

import { HlsListener } from './hls-listener.ts'
import type { SwarmPlan, SwarmReport } from './messages.ts'
import { SwarmListener } from './swarm-listener.ts'
import type { SwarmMember } from './swarm-member.ts'
import { SwarmScope } from './swarm-scope.ts'
import { TokenMint } from './token-mint.ts'
import { wait } from './wait.ts'

/** Connections begun before what has arrived is read: the generator must not be deaf while it knocks. */
const CONNECT_SLICE = 50
const SWEEP_MS = 100
const REPORT_MS = 1_000
const LOOP_PROBE_MS = 20
/** How long who has left stays away. */
const AWAY_MS = { least: 500, most: 3_000 } as const

export class Swarm {
  readonly #scope: SwarmScope
  readonly #listeners: readonly SwarmMember[]
  readonly #say: (report: SwarmReport) => void
  readonly #stopping = new AbortController()
  readonly #returning = new Set<ReturnType<typeof setTimeout>>()
  #timers: ReturnType<typeof setInterval>[] = []
  #churnOwed = 0
  #vanishOwed = 0
  #cpu = process.cpuUsage()
  #reportedAtMs = performance.now()
  readonly #memoryBefore = process.memoryUsage.rss()

  constructor(plan: SwarmPlan, say: (report: SwarmReport) => void) {
    const tokens = new TokenMint({
      key: plan.key,
      space: plan.target.space,
      clockOffsetMs: plan.clockOffsetMs,
    })
    this.#scope = new SwarmScope(plan, tokens)
    this.#say = say
    const slow = Math.round((plan.listeners * plan.slowPercent) / 100)
    // Every nth of them polls, so that a ramp has both kinds from its beginning.
    const isPoller = (i: number) =>
      Math.floor(((i + 1) * plan.hlsPercent) / 100) > Math.floor((i * plan.hlsPercent) / 100)
    this.#listeners = Array.from({ length: plan.listeners }, (_, i) =>
      isPoller(i) ? new HlsListener(this.#scope) : new SwarmListener(this.#scope, i < slow),
    )
  }

  /** Everyone comes, as planned. */
  start(): void {
    this.#watchLoop()
    this.#timers.push(
      setInterval(() => this.#sweep(), SWEEP_MS),
      setInterval(() => this.#report(), REPORT_MS),
    )
    void this.#arriveAll(this.#scope.now())
  }

  /** A last report, then everyone leaves. */
  stop(): void {
    this.#stopping.abort()
    for (const timer of this.#timers) clearInterval(timer)
    for (const timer of this.#returning) clearTimeout(timer)
    this.#sweepListeners()
    const newest = this.#scope.ledger.newest
    for (const listener of this.#listeners) this.#scope.tally.owedParts += listener.owedParts(newest)
    this.#report()
    for (const listener of this.#listeners) listener.stop()
  }

  async #arriveAll(startedAtMs: number): Promise<void> {
    const { join } = this.#scope.plan
    const overMs = join.kind === 'ramp' ? join.overMs : 0
    for (const [i, listener] of this.#listeners.entries()) {
      const plannedAtMs = startedAtMs + (overMs * i) / this.#listeners.length
      const early = plannedAtMs - this.#scope.now()
      if (early > 1) await wait(early, this.#stopping.signal)
      else if (i % CONNECT_SLICE === CONNECT_SLICE - 1) await afterOthers()
      if (this.#stopping.signal.aborted) return
      this.#scope.durations.startSlip.record(this.#scope.now() - plannedAtMs)
      listener.arrive()
    }
  }

  #sweep(): void {
    this.#sweepListeners()
    const { churnPercentPerMinute, vanishPercentPerMinute } = this.#scope.plan
    const perPercent = (this.#listeners.length / 100) * (SWEEP_MS / 60_000)
    this.#churnOwed += churnPercentPerMinute * perPercent
    for (; this.#churnOwed >= 1; this.#churnOwed--) this.#sendAway()
    this.#vanishOwed += vanishPercentPerMinute * perPercent
    for (; this.#vanishOwed >= 1; this.#vanishOwed--) this.#someoneHearing()?.vanish()
  }

  #sweepListeners(): void {
    const now = this.#scope.now()
    for (const listener of this.#listeners) listener.sweep(now)
  }

  #sendAway(): void {
    const listener = this.#someoneHearing()
    if (listener === undefined) return
    listener.leave()
    const awayMs = AWAY_MS.least + (AWAY_MS.most - AWAY_MS.least) * Math.random()
    const timer = setTimeout(() => {
      this.#returning.delete(timer)
      listener.arrive()
    }, awayMs)
    this.#returning.add(timer)
  }

  /** Anyone to whom sound comes; nobody when a few draws find none. */
  #someoneHearing(): SwarmMember | undefined {
    const now = this.#scope.now()
    for (let draw = 0; draw < 8; draw++) {
      const listener = this.#listeners[Math.floor(Math.random() * this.#listeners.length)]
      if (listener?.isHearing(now)) return listener
    }
    return undefined
  }

  #watchLoop(): void {
    let dueAtMs = this.#scope.now() + LOOP_PROBE_MS
    const probe = setInterval(() => {
      const now = this.#scope.now()
      this.#scope.durations.loopLate.record(now - dueAtMs)
      dueAtMs = now + LOOP_PROBE_MS
    }, LOOP_PROBE_MS)
    this.#timers.push(probe)
  }

  #report(): void {
    const now = this.#scope.now()
    const used = process.cpuUsage(this.#cpu)
    this.#cpu = process.cpuUsage()
    const elapsedMs = Math.max(1, now - this.#reportedAtMs)
    this.#reportedAtMs = now
    this.#say({
      kind: 'report',
      tally: this.#scope.tally,
      presence: this.#presence(now),
      durations: this.#scope.takeDurations(),
      news: this.#scope.ledger.takeNews(),
      flushMs: this.#scope.flushMs,
      load: {
        overMs: elapsedMs,
        cpu: (used.user + used.system) / 1000 / elapsedMs,
        memoryBytes: process.memoryUsage.rss() - this.#memoryBefore,
      },
    })
  }

  #presence(now: number) {
    let [wanting, hearing, arriving, waiting, deaf] = [0, 0, 0, 0, 0]
    for (const listener of this.#listeners) {
      if (listener.wants) wanting += 1
      if (listener.isHearing(now)) hearing += 1
      if (listener.isArriving) arriving += 1
      if (listener.isWaiting) waiting += 1
      if (listener.isDeaf(now)) deaf += 1
    }
    return { wanting, hearing, arriving, waiting, deaf }
  }
}

const afterOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
