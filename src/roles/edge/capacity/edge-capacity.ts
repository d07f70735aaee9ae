// What this edge may take on, kept up to date. Once a second it measures itself, hears what its neighbours measured,
// and sets three things by the laws of core/capacity: the flush interval, its share of the node, and how many of its
// listeners should move to a neighbour.

import type { Clock } from '../../../base/clock.ts'
import { type Millis, millis } from '../../../base/units.ts'
import { CostMeter } from '../../../core/capacity/cost-meter.ts'
import type { EdgeLoad } from '../../../core/capacity/edge-load.ts'
import type { EdgeShare } from '../../../core/capacity/edge-share.ts'
import { EgressMeter, nominalBps } from '../../../core/capacity/egress-meter.ts'
import type { EgressPacer } from '../../../core/capacity/egress-pacer.ts'
import { FlushLaw } from '../../../core/capacity/flush-law.ts'
import { MoveLaw } from '../../../core/capacity/move-law.ts'
import { egressPartBps, firstShare, shareOut } from '../../../core/capacity/share-out.ts'
import type { FlushPace } from '../../../core/delivery/flush-pace.ts'
import { TICK_MS } from '../limits.ts'
import type { ListenerReports } from '../listener-reports.ts'
import type { EdgeCounters } from '../metrics.ts'
import type { SpaceReaders } from '../stream/space-readers.ts'
import { STREAM_TRACKS } from '../stream/stream-framing.ts'
import type { CapacityGauges } from './capacity-metrics.ts'
import { memoryAvailableBytes, residentBytes } from './node-memory.ts'

export interface EdgeCapacityOptions {
  readonly edgeId: string
  /** Edges that say the same share one machine. */
  readonly node: string
  readonly cores: number
  readonly readers: SpaceReaders
  readonly reports: ListenerReports
  readonly pace: FlushPace
  readonly counters: EdgeCounters
  readonly egress: EgressPacer
  readonly clock: Clock
  readonly isTls: boolean
  /** The shortest flush interval. */
  readonly flushMsMin: number
  readonly flushMsMax?: number
  /** 0: unknown. */
  readonly egressBpsMax: number
  readonly descriptorsMax: number
  /** Share of a core that writing may take; the law's own by default. */
  readonly cpuTarget?: number
  readonly random: () => number
}

/** Totals of this process at one moment. */
interface Totals {
  readonly at: Millis
  readonly cpuUs: number
  readonly writes: number
  readonly bytes: number
  readonly joins: number
}

export class EdgeCapacity {
  readonly #options: EdgeCapacityOptions
  readonly #costs = new CostMeter()
  readonly #egress: EgressMeter
  readonly #flush: FlushLaw
  readonly #moves = new MoveLaw()
  #share: EdgeShare
  #before: Totals
  #cpu = 0
  #memoryBytes = 0
  #tickedAt: Millis
  #latenessMs = 0
  #slipMs = 0
  #toMove = 0
  #movesAsked = 0

  constructor(options: EdgeCapacityOptions) {
    const { flushMsMin, flushMsMax, cpuTarget, clock } = options
    this.#options = options
    this.#egress = new EgressMeter(options.isTls)
    this.#flush = new FlushLaw({
      flushMsMin,
      ...(flushMsMax === undefined ? {} : { flushMsMax }),
      ...(cpuTarget === undefined ? {} : { cpuTarget }),
    })
    this.#share = firstShare(options.descriptorsMax)
    this.#before = this.#totals(clock.now())
    this.#tickedAt = clock.now()
  }

  /** In force until the next second. */
  get share(): EdgeShare {
    return this.#share
  }

  /** Pushed streams that may be open here: the share without those who poll. */
  get streamsMax(): number {
    const { readers, clock } = this.#options
    return this.#share.streamsMax - readers.pollers(clock.now())
  }

  /** Every `TICK_MS`: notes how late it is, and asks a few listeners to move if that is due. */
  tick(now: Millis): void {
    this.#latenessMs = Math.max(this.#latenessMs, now - this.#tickedAt - TICK_MS)
    this.#tickedAt = now
    if (this.#toMove <= 0) return
    // Unevenly, so that those who were asked do not arrive in step.
    const some = Math.ceil(((this.#toMove * TICK_MS) / 1_000) * 2 * this.#options.random())
    const asked = this.#options.readers.askSomeToMove(Math.min(some, this.#toMove), now)
    this.#toMove -= some
    this.#movesAsked += asked
    this.#moves.asked(asked, now)
  }

  /** Once a second: measures, and decides for the next one. Returns what the neighbours should know. */
  measure(now: Millis): EdgeLoad {
    const { node, reports, readers, descriptorsMax, egressBpsMax, cores, edgeId, pace, egress } =
      this.#options
    const streams = readers.streams + readers.pollers(now)
    const joins = this.#learn(this.#totals(now))
    this.#chooseFlush(streams, joins, now)
    const neighbours = reports.neighbours(node)
    const own = { edge: edgeId, streams, egressBps: this.#egress.bps, cpu: this.#cpu }
    this.#share = shareOut(
      { ...own, ...this.#costsNow(), flushMs: pace.usedMs, descriptorsMax },
      neighbours,
      { egressBpsMax, cores, memoryAvailableBytes: memoryAvailableBytes() },
      this.#share,
    )
    egress.setRate(egressPartBps(own, neighbours, egressBpsMax))
    this.#toMove = this.#moves.next(streams, neighbours.values(), now)
    this.#memoryBytes = residentBytes(this.#memoryBytes)
    return {
      node,
      streams,
      streamsMax: this.#share.streamsMax,
      egressBps: this.#egress.bps,
      cpu: Math.round(this.#cpu * 1_000) / 1_000,
      memoryBytes: this.#memoryBytes,
      flushMs: pace.usedMs,
    }
  }

  /** What `/metrics` says of all this. */
  gauges(): CapacityGauges {
    const { pace } = this.#options
    return {
      flushMs: { used: pace.usedMs, announced: pace.announcedMs, newcomers: pace.newcomersMs },
      share: this.#share,
      egressBps: this.#egress.bps,
      ...this.#costsNow(),
      slipMs: this.#slipMs,
      movesAsked: this.#movesAsked,
    }
  }

  #costsNow(): { readonly writeUs: number; readonly joinUs: number } {
    return { writeUs: this.#costs.writeUs, joinUs: this.#costs.joinUs }
  }

  /** Returns how many joined since the last time. */
  #learn(totals: Totals): number {
    const before = this.#before
    this.#before = totals
    const elapsedS = (totals.at - before.at) / 1_000
    if (elapsedS <= 0) return 0
    const cpuUs = totals.cpuUs - before.cpuUs
    this.#cpu = cpuUs / 1e6 / elapsedS
    const joins = totals.joins - before.joins
    this.#costs.learn({ elapsedS, cpuUs, writes: totals.writes - before.writes, joins })
    this.#egress.measure(
      { bytes: totals.bytes, writes: totals.writes },
      this.#nominalBps(totals.at),
      elapsedS,
    )
    return joins
  }

  #nominalBps(now: Millis): number {
    const { readers } = this.#options
    let bps = readers.pollers(now) * nominalBps('opus.mp4')
    for (const track of STREAM_TRACKS) bps += readers.streamsOf(track) * nominalBps(track)
    return bps
  }

  #chooseFlush(streams: number, joins: number, now: Millis): void {
    const { counters, pace, readers } = this.#options
    this.#slipMs = this.#latenessMs
    this.#latenessMs = 0
    for (const track of STREAM_TRACKS) {
      this.#slipMs = Math.max(this.#slipMs, counters.streams[track].slipMsMax)
      counters.streams[track].slipMsMax = 0
    }
    const before = this.#flush.intervalMs
    const demand = { streams, joins, writeUs: this.#costs.writeUs, slipMs: this.#slipMs }
    const flushMs = this.#flush.next(demand, now)
    if (flushMs !== before && pace.announce(flushMs, now)) readers.announceFlush(flushMs)
  }

  #totals(at: Millis): Totals {
    const { counters } = this.#options
    const { user, system } = process.cpuUsage()
    const totals = { writes: counters.answers.count, bytes: counters.answers.bytes, joins: 0 }
    for (const track of STREAM_TRACKS) {
      const { writes, bytes, joined } = counters.streams[track]
      totals.writes += writes
      totals.bytes += bytes
      totals.joins += joined
    }
    return { at: millis(at), cpuUs: user + system, ...totals }
  }
}
