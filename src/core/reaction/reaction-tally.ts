// What one edge has counted, by space: running totals, and what is to be told now.

import type { WallMillis } from '../../base/units.ts'
import { addReactions, type EdgeReactions, type ReactionCounts, reactionsSince } from './reactions.ts'

interface Tally {
  totals: ReactionCounts
  told: ReactionCounts
}

/** `life`: another number each time the edge starts. Spaces are those that the operator made and somebody reacted in. */
export class ReactionTally {
  readonly #edge: string
  readonly #life: number
  readonly #spaces = new Map<string, Tally>()

  constructor(edge: string, life: number) {
    this.#edge = edge
    this.#life = life
  }

  get spaces(): number {
    return this.#spaces.size
  }

  add(space: string, counts: ReactionCounts): void {
    const tally = this.#spaces.get(space) ?? { totals: {}, told: {} }
    tally.totals = addReactions(tally.totals, counts)
    this.#spaces.set(space, tally)
  }

  /** What is new since the last call, a message for each space that has news. */
  *due(now: WallMillis): Iterable<EdgeReactions> {
    for (const [space, tally] of this.#spaces) {
      const { totals, told } = tally
      if (totals === told) continue
      tally.told = totals
      const added = reactionsSince(told, totals)
      yield { space, edge: this.#edge, atMs: now, life: this.#life, totals, added }
    }
  }

  /** The space is over; true when something was known of it. */
  forget(space: string): boolean {
    return this.#spaces.delete(space)
  }
}
