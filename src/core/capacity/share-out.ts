// A node's capacity, and one edge's share of it. Processor and descriptors belong to each edge; memory and egress to
// the node, and what is free of them is divided equally, because the kernel spreads arrivals equally, however loaded
// an edge is. Every edge computes its own share from the same reports, so nobody hands shares out. The shares add up
// to no more than what is free: even a second in which every edge uses its share up does not exceed the node.

import { FLUSH_MS_MAX } from '../delivery/flush-pace.ts'
import type { EdgeLoad } from './edge-load.ts'
import type { EdgeShare } from './edge-share.ts'
import { CPU_TARGET } from './flush-law.ts'

/**
 * Arrivals are let in up to what a flush interval of one second carries; the second from there to two is a reserve:
 * when one of two edges dies, all of its listeners come to the other, and it carries them, later.
 */
export const ADMIT_FLUSH_MS = 1_000
/** Of the egress; the stage and what it hears come first. */
export const STAGE_EGRESS_SHARE = 0.15
/** From this much of the edges' egress on, arrivals get the low-bitrate track; until it falls below the second. */
export const LOW_FROM = 0.8
export const LOW_UNTIL = 0.7
/** From this much of a core, or of the edges' egress, HLS players that come get plain playlists; likewise. */
export const PLAIN_FROM = { cpu: 0.7, egress: 0.9 } as const
export const PLAIN_UNTIL = { cpu: 0.5, egress: 0.8 } as const
/** What joins may use of a core beside what writing takes, and what they always may. */
export const JOINS_CPU_MAX = 0.85
export const JOINS_CPU_MIN = 0.1
/** A listener with TLS, in this process and in the kernel, and what a full socket holds back for it. */
export const STREAM_MEMORY_BYTES = 32_768
/** Memory that is left to everyone else on the node. */
export const MEMORY_KEPT_BYTES = 128 * 1024 * 1024
/** One stream on the wire while too few are here to measure: 48 kbit/s, boxes, headers. */
export const STREAM_BPS_DEFAULT = 64_000
/** A little faster than what was measured, so that a sweep which waited catches up. */
const NEEDED_RATE = 1.1
const STREAMS_MEASURED_MIN = 10
/** What a join sends at once: the parts since the latest snapshot, 13 at most. */
export const JOIN_BURST_BITS = 13 * 1_340 * 8
/** However little is left, this many may knock each second. */
export const JOINS_MIN = 1

/** What the operator set, and what the machine has; read by every edge alike. */
export interface NodeLimits {
  /** 0: no limit is known. */
  readonly egressBpsMax: number
  readonly cores: number
  readonly memoryAvailableBytes: number
}

/** What only this edge knows. */
export interface OwnMeasures {
  readonly edge: string
  readonly streams: number
  readonly egressBps: number
  readonly cpu: number
  readonly writeUs: number
  readonly joinUs: number
  /** The flush interval in use. */
  readonly flushMs: number
  /** Streams that its descriptors allow. */
  readonly descriptorsMax: number
}

/** Fresh reports of the other edges on this node, by edge. */
export type Neighbours = ReadonlyMap<string, EdgeLoad>

/** Nobody has reported yet: what one edge alone may carry. */
export function firstShare(descriptorsMax: number): EdgeShare {
  return {
    streamsMax: descriptorsMax,
    returningMax: descriptorsMax,
    joinsPerSecond: 1e6 / 500,
    prefersLow: false,
    plainPlaylists: false,
  }
}

/** This edge's share for the next second; `before` is the one in force, for what must not flicker. */
export function shareOut(
  own: OwnMeasures,
  neighbours: Neighbours,
  limits: NodeLimits,
  before: EdgeShare,
): EdgeShare {
  const edges = neighbours.size + 1
  const node = sumUp(own, neighbours)
  const budgetBps = egressBudgetBps(limits.egressBpsMax)
  const freeBps = budgetBps - node.egressBps
  const free = Math.floor(
    Math.min(
      (limits.memoryAvailableBytes - MEMORY_KEPT_BYTES) / STREAM_MEMORY_BYTES,
      freeBps / streamBps(node.streams, node.egressBps),
    ),
  )
  const core = Math.min(1, limits.cores / edges)
  const egressUsed = node.egressBps / budgetBps
  return {
    streamsMax: Math.max(
      0,
      Math.min(
        own.descriptorsMax,
        streamsByCpu(own, core, ADMIT_FLUSH_MS),
        own.streams + partOf(free, own.edge, neighbours),
      ),
    ),
    returningMax: Math.min(own.descriptorsMax, streamsByCpu(own, core, FLUSH_MS_MAX)),
    joinsPerSecond: Math.max(
      JOINS_MIN,
      Math.floor(Math.min(joinsByCpu(own, core), freeBps / JOIN_BURST_BITS / edges)),
    ),
    prefersLow: egressUsed >= (before.prefersLow ? LOW_UNTIL : LOW_FROM),
    plainPlaylists: isPressed(own.cpu / core, egressUsed, before.plainPlaylists),
  }
}

/** What of the setting is the edges'; without a setting there is no bound. */
export function egressBudgetBps(egressBpsMax: number): number {
  return egressBpsMax === 0 ? Number.POSITIVE_INFINITY : egressBpsMax * (1 - STAGE_EGRESS_SHARE)
}

/**
 * How fast this edge may send: its part of the budget, by who is here. Who is here already is sent what they need,
 * even beyond it.
 */
export function egressPartBps(
  own: Pick<OwnMeasures, 'streams' | 'egressBps'>,
  neighbours: Neighbours,
  egressBpsMax: number,
): number {
  const node = sumUp(own, neighbours)
  const edges = neighbours.size + 1
  // As if everyone had one listener more, so that an empty edge has a part too.
  const part = (own.streams + 1) / (node.streams + edges)
  return Math.max(egressBudgetBps(egressBpsMax) * part, own.egressBps * NEEDED_RATE)
}

function sumUp(
  own: Pick<OwnMeasures, 'streams' | 'egressBps'>,
  neighbours: Neighbours,
): { streams: number; egressBps: number } {
  const sum = { streams: own.streams, egressBps: own.egressBps }
  for (const load of neighbours.values()) {
    sum.streams += load.streams
    sum.egressBps += load.egressBps
  }
  return sum
}

function streamBps(streams: number, egressBps: number): number {
  return streams < STREAMS_MEASURED_MIN
    ? STREAM_BPS_DEFAULT
    : Math.max(STREAM_BPS_DEFAULT / 2, egressBps / streams)
}

/** An equal part; what does not divide goes to the first edges by name, so that all of it is given. */
function partOf(free: number, edge: string, neighbours: Neighbours): number {
  if (!Number.isFinite(free)) return free
  const edges = neighbours.size + 1
  const each = Math.floor(free / edges)
  let rank = 0
  for (const name of neighbours.keys()) if (name < edge) rank += 1
  return rank < free - each * edges ? each + 1 : each
}

function streamsByCpu({ writeUs }: OwnMeasures, core: number, flushMs: number): number {
  return Math.floor((CPU_TARGET * core * flushMs * 1_000) / writeUs)
}

function joinsByCpu({ streams, writeUs, joinUs, flushMs }: OwnMeasures, core: number): number {
  const writing = (streams * writeUs) / (flushMs * 1_000)
  return (Math.max(JOINS_CPU_MIN * core, JOINS_CPU_MAX * core - writing) * 1e6) / joinUs
}

function isPressed(cpu: number, egress: number, isAlready: boolean): boolean {
  const limit = isAlready ? PLAIN_UNTIL : PLAIN_FROM
  return cpu >= limit.cpu || egress >= limit.egress
}
