// What the stage makes of what edges tell of one space: the reactions that the next part shows. A standby keeps it too:
// it knows the edges' totals when it takes over, and shows what came in the last moment, not what others have shown.

import type { WallMillis } from '../../base/units.ts'
import { isFresh } from '../space/freshness.ts'
import {
  addReactions,
  capReactions,
  type EdgeReactions,
  REACTIONS_PER_PART_MAX,
  type ReactionCounts,
  reactionsSince,
} from './reactions.ts'

/** Edges whose totals are remembered; the one heard longest ago is forgotten, and is then a new one. */
export const REACTING_EDGES_MAX = 1_000

/** What nobody has taken for this long is not shown any more. */
const WAITING_MS_MAX = 1_000

export class ReactionSum {
  /** Newest totals of each edge, in the order of last news. */
  readonly #edges = new Map<string, { readonly life: number; readonly totals: ReactionCounts }>()
  #waiting: ReactionCounts = {}
  #takenAtMs = Number.NEGATIVE_INFINITY

  /** An edge tells what it has counted. What is older than a moment was seen, or missed, by others. */
  heard({ edge, atMs, life, totals, added }: EdgeReactions, now: WallMillis): void {
    const before = this.#edges.get(edge)
    this.#edges.delete(edge)
    this.#edges.set(edge, { life, totals })
    if (this.#edges.size > REACTING_EDGES_MAX) this.#edges.delete(this.#edges.keys().next().value as string)
    if (!isFresh(atMs, now)) return
    const news =
      before === undefined ? added : before.life === life ? reactionsSince(before.totals, totals) : totals
    // Without a program that takes it, nothing piles up.
    const waiting = now - this.#takenAtMs > WAITING_MS_MAX ? {} : this.#waiting
    this.#waiting = capReactions(addReactions(waiting, news), REACTIONS_PER_PART_MAX)
  }

  /** The reactions of the part that is made now; each is shown once. */
  take(now: WallMillis): ReactionCounts {
    const taken = this.#waiting
    this.#takenAtMs = now
    this.#waiting = {}
    return taken
  }
}
