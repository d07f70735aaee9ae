// When an edge carries far more than its part (its neighbour died and came back; the kernel never rebalances), it asks
// some listeners to connect anew, make before break. A new connection lands on any edge of the node by chance, this one
// too, so of those who are asked only one in E comes to the edge that is short of them. Hence it is not done for
// little, and at most about once per listener for an edge that was restarted. It is bounded per second, those who were
// asked lately are taken for gone, and it stops above the fair part but far from where it begins, so that two edges
// never send each other the same people.

import { type Millis, millis } from '../../base/units.ts'
import type { EdgeLoad } from './edge-load.ts'

/** Begins above the fair part by this factor and this many; chance alone (√N) stays below it. */
export const MOVE_ABOVE = 1.25
export const MOVE_ABOVE_MIN = 20
/** Stops here. */
export const MOVE_DOWN_TO = 1.1
/** Asked per second, of those who listen here, and at least so many. */
export const MOVE_RATE = 0.02
export const MOVE_RATE_MIN = 5
/** Who was asked is taken for gone this long; then reports know. */
export const MOVE_TAKES: Millis = millis(5_000)
/** A listener that came, or was asked, less than this ago is left alone. */
export const MOVE_REST: Millis = millis(30_000)

interface Asked {
  readonly at: Millis
  readonly count: number
}

/** Decides how many; whoever owns it chooses them. */
export class MoveLaw {
  #isMoving = false
  #asked: readonly Asked[] = []

  /**
   * How many of `streams` to ask during the coming second, given fresh reports of the other edges on the node; none
   * while they have no room. Tell {@link asked} how many there were.
   */
  next(streams: number, neighbours: Iterable<EdgeLoad>, now: Millis): number {
    this.#asked = this.#asked.filter(({ at }) => now - at < MOVE_TAKES)
    const others = [...neighbours]
    if (others.length === 0) return this.#stop()
    const edges = others.length + 1
    const fair = others.reduce((sum, load) => sum + load.streams, streams) / edges
    const limit = this.#isMoving ? fair * MOVE_DOWN_TO : fair * MOVE_ABOVE + MOVE_ABOVE_MIN
    if (streams <= limit) return this.#stop()
    this.#isMoving = true
    // Of those on their way, one in E comes back here.
    const leaving = this.#asked.reduce((sum, { count }) => sum + count, 0) * (1 - 1 / edges)
    const excess = Math.floor(streams - leaving - fair * MOVE_DOWN_TO)
    const room = others.reduce((sum, load) => sum + Math.max(0, load.streamsMax - load.streams), 0) - leaving
    const rate = Math.max(MOVE_RATE_MIN, streams * MOVE_RATE)
    return Math.max(0, Math.floor(Math.min(excess, room, rate)))
  }

  /** So many were asked. */
  asked(count: number, now: Millis): void {
    if (count > 0) this.#asked = [...this.#asked, { at: now, count }]
  }

  #stop(): number {
    this.#isMoving = false
    return 0
  }
}
