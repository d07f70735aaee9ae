// What a ticket to return is worth when it is everybody's. It lets in as often as one person who walks through tunnels
// needs, and its streams on one edge are two at most: a third one ends the oldest. So however many friends share it,
// no more than two of them listen at a time on each edge, and the person it belongs to always gets back in.

import { type BucketBudget, TokenBuckets } from '../../../core/door/token-buckets.ts'

/** Returns by one ticket on one edge: four at once, then one every ten seconds. */
export const RETURNS_PER_TICKET: BucketBudget = { perSecond: 0.1, burst: 4 }
/** Tickets whose returns are remembered; the one shown longest ago goes first. */
const TICKETS_MAX = 50_000
/** One that a vanished connection still holds, and the one that replaces it. */
const STREAMS_PER_TICKET = 2

export class Sessions {
  readonly #returns = new TokenBuckets(TICKETS_MAX)
  /** By ticket: how to end its streams, the oldest first. Only of those who came in with one. */
  readonly #inside = new Map<string, (() => void)[]>()

  /** Counts a return by `id`; false when there were too many of late. */
  mayReturn(id: string, nowMs: number): boolean {
    return this.#returns.take(id, RETURNS_PER_TICKET, nowMs) === 0
  }

  /** A stream by ticket `id` begins; ends the oldest one when there are too many. Call the answer when it ends. */
  enter(id: string, dismiss: () => void): () => void {
    const streams = this.#inside.get(id) ?? []
    this.#inside.set(id, streams)
    streams.push(dismiss)
    if (streams.length > STREAMS_PER_TICKET) streams.shift()?.()
    return () => {
      const at = streams.indexOf(dismiss)
      if (at >= 0) streams.splice(at, 1)
      if (streams.length === 0 && this.#inside.get(id) === streams) this.#inside.delete(id)
    }
  }
}
