// What one listener is owed next: the machine behind every pushed stream. It knows ordinals of a PartWindow and
// the time, never bytes or sockets.
//
//                 ready                      write not taken
//     waiting ───────────▶ flowing ─────────────────────────────▶ blocked ──15 s──▶ close
//     (no parts yet, or      ▲                                       │
//      resuming ahead)       └──────────── drained ──────────────────┘
//                               (more than a backlog behind: skipped to the live edge, and told)
//
// Invariants, each with a property in the test: what is sent is contiguous except where `skipped` says so; nothing
// is sent twice; a blocked listener is sent nothing, so its backlog cannot grow beyond one write.

import { type Millis, millis, PARTS_PER_SEGMENT, type Sequence } from '../../base/units.ts'
import { isSnapshotDue } from '../part/snapshot.ts'
import type { PartWindow } from './part-window.ts'

/** Named limits of one listener, in parts and time. */
export interface DeliveryLimits {
  /** How many parts before the live edge a skip begins; a join begins there, or earlier at the snapshot before. */
  readonly burstParts: number
  /** How many parts earlier a join looks for a snapshot; 0 where the track carries none. Gaps may take some away. */
  readonly snapshotParts: number
  /** A listener who was blocked for longer than this many parts skips to the live edge. */
  readonly backlogParts: number
  /** A resume further behind than this begins at the live edge instead. */
  readonly resumeParts: number
  /** A resume ahead of us by more than this is not ours to wait for (another log had this id). */
  readonly aheadParts: number
  /** A listener that takes nothing for this long is closed. */
  readonly stuck: Millis
}

/**
 * 0.8 s of burst starts a player at once, and with the up to 1.8 s before it a page knows everything at once; 5 s of backlog is more than any player wants to be late; 50 s is a long
 * tunnel, and what an edge holds in memory.
 */
export const DELIVERY_LIMITS: DeliveryLimits = {
  burstParts: 4,
  snapshotParts: 2 * PARTS_PER_SEGMENT,
  backlogParts: 25,
  resumeParts: 250,
  aheadParts: 25,
  stuck: millis(15_000),
}

/**
 * What to do for the listener now. `send`: the parts with ordinals `from` ≤ n < `to`, after telling that `skipped`
 * parts (by sequence) were left out, when that is not 0.
 */
export type DeliveryStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'send'; readonly from: number; readonly to: number; readonly skipped: number }
  | { readonly kind: 'close'; readonly reason: 'stuck' }
  | { readonly kind: 'end' }

const WAIT: DeliveryStep = { kind: 'wait' }
const END: DeliveryStep = { kind: 'end' }
const CLOSE: DeliveryStep = { kind: 'close', reason: 'stuck' }
const UNPLACED = -1

/** One listener's position. Made without a place; the first `step` after parts are there gives it one. */
export class ListenerDelivery {
  readonly #limits: DeliveryLimits
  readonly #resumeAt: Sequence | undefined
  #next = UNPLACED
  #skipped = 0
  #blockedAt: Millis | undefined
  #wasBlocked = false

  constructor(limits: DeliveryLimits, resumeAt?: Sequence) {
    this.#limits = limits
    this.#resumeAt = resumeAt
  }

  /** True when the parts from `ordinal` on are exactly what this listener is owed: the common case of a sweep. */
  isAt(ordinal: number): boolean {
    return this.#next === ordinal && this.#blockedAt === undefined && !this.#wasBlocked && this.#skipped === 0
  }

  get isBlocked(): boolean {
    return this.#blockedAt !== undefined
  }

  /** How long the socket has taken nothing; 0 while it takes. */
  blockedFor(now: Millis): Millis {
    return millis(this.#blockedAt === undefined ? 0 : now - this.#blockedAt)
  }

  /** Decides, without changing what was sent. `sealed`: the window gets no further part. */
  step(window: PartWindow, sealed: boolean, now: Millis): DeliveryStep {
    if (this.#blockedAt !== undefined) {
      return now - this.#blockedAt >= this.#limits.stuck ? CLOSE : WAIT
    }
    if (this.#next === UNPLACED) this.#place(window)
    if (this.#next === UNPLACED) return sealed ? END : WAIT
    this.#skipIfLate(window)
    if (this.#next < window.end) {
      return { kind: 'send', from: this.#next, to: window.end, skipped: this.#skipped }
    }
    return sealed ? END : WAIT
  }

  /** The parts before `to` were handed to the socket; `taken` is false when it will take no more for now. */
  sent(to: number, taken: boolean, now: Millis): void {
    this.#next = to
    this.#skipped = 0
    this.#wasBlocked = false
    if (!taken) this.#blockedAt ??= now
  }

  /** A heartbeat or a note met a full socket. */
  blocked(now: Millis): void {
    this.#blockedAt ??= now
  }

  /** The socket takes again. */
  drained(): void {
    if (this.#blockedAt !== undefined) this.#wasBlocked = true
    this.#blockedAt = undefined
  }

  #place(window: PartWindow): void {
    const newest = window.newest
    if (newest === undefined) return
    const from = this.#resumeAt
    if (from === undefined || from > newest.sequence + 1 + this.#limits.aheadParts) {
      this.#next = this.#joinPoint(window)
      return
    }
    const isHeld = window.coveredFrom !== undefined && from >= window.coveredFrom
    const at = window.ordinalOf(from)
    if (isHeld && window.end - at <= this.#limits.resumeParts) {
      // Ahead of this edge: another one was a part or two quicker. Wait until we have it too.
      if (at < window.end || from <= newest.sequence + 1) this.#next = at
      return
    }
    this.#next = this.#liveEdge(window)
    this.#skipped = Math.max(0, window.at(this.#next).sequence - from)
  }

  // Only who was blocked is late: after a stall of the source, everyone is owed all of what comes at once.
  #skipIfLate(window: PartWindow): void {
    const isLost = this.#next < window.start
    const isLate = this.#wasBlocked && window.end - this.#next > this.#limits.backlogParts
    if (!isLost && !isLate) return
    const edge = this.#liveEdge(window)
    this.#skipped += edge - this.#next
    this.#next = edge
  }

  /** A page that joins knows nothing, so it is given the snapshot too. */
  #joinPoint(window: PartWindow): number {
    const edge = this.#liveEdge(window)
    const earliest = Math.max(window.start, edge - this.#limits.snapshotParts)
    for (let n = edge; n >= earliest; n--) if (hasSnapshot(window, n)) return n
    return edge
  }

  #liveEdge(window: PartWindow): number {
    return Math.max(window.start, window.end - this.#limits.burstParts)
  }
}

/** Snapshots are in the first part of each segment, of an epoch, and of the log. */
function hasSnapshot(window: PartWindow, ordinal: number): boolean {
  const { sequence, epoch, gap } = window.at(ordinal)
  if (isSnapshotDue(sequence) || gap === 'first') return true
  return ordinal > window.start && window.at(ordinal - 1).epoch !== epoch
}
