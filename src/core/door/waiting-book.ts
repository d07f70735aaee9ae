// Who waits, as one edge saw it: places that it has given out, or that were shown to it, and were not let in by it.
// Who isn't seen again for a while has gone away, and must not hold up those behind.

import type { WallMillis } from '../../base/units.ts'
import { rankOf } from './ticket.ts'
import { SAMPLE_PLACES_MAX, type WaitingSample } from './waiting-sample.ts'

/** Places remembered; beyond it the one entered first is forgotten, which is then not counted, and stays valid. */
export const PLACES_MAX = 100_000

/** Counts as waiting until `countedUntil`. */
interface Entry {
  readonly arrivedAt: WallMillis
  readonly rank: number
  countedUntil: WallMillis
  isShown: boolean
}

export class WaitingBook {
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#entries.size
  }

  /** The place `id` was given out: whether anybody keeps it is not known yet. */
  gave(id: string, arrivedAt: WallMillis, countedUntil: WallMillis): void {
    this.#put(id, arrivedAt, countedUntil, false)
  }

  /** The place `id` was shown, and waits on. */
  saw(id: string, arrivedAt: WallMillis, countedUntil: WallMillis): void {
    this.#put(id, arrivedAt, countedUntil, true)
  }

  /** True when the place `id` was shown by its holder, and still counts. */
  isShown(id: string): boolean {
    return this.#entries.get(id)?.isShown === true
  }

  /** The place `id` was let in, or another one stands for it. */
  left(id: string): void {
    this.#entries.delete(id)
  }

  #put(id: string, arrivedAt: WallMillis, countedUntil: WallMillis, isShown: boolean): void {
    const known = this.#entries.get(id)
    if (known !== undefined) {
      known.countedUntil = countedUntil
      known.isShown = known.isShown || isShown
      return
    }
    this.#entries.set(id, { arrivedAt, rank: rankOf(id), countedUntil, isShown })
    if (this.#entries.size > PLACES_MAX) this.#entries.delete(this.#entries.keys().next().value as string)
  }

  /** Those who still wait and arrived at `cutoff` or later; forgets who has gone away or has been called. */
  sample(cutoff: WallMillis, now: WallMillis): WaitingSample {
    for (const [id, entry] of this.#entries) {
      if (entry.countedUntil <= now || entry.arrivedAt < cutoff) this.#entries.delete(id)
    }
    // Half as many again as needed, so that chance seldom leaves the sample thin; then the lowest of those.
    const guess = Math.min(1, (1.5 * SAMPLE_PLACES_MAX) / Math.max(1, this.#entries.size))
    const found: [rank: number, id: string, arrivedAt: number][] = []
    for (const [id, { rank, arrivedAt }] of this.#entries) {
      if (rank < guess) found.push([rank, id.slice(0, 8), arrivedAt])
    }
    found.sort((a, b) => a[0] - b[0])
    const threshold = found[SAMPLE_PLACES_MAX]?.[0] ?? guess
    return {
      threshold,
      places: found.slice(0, SAMPLE_PLACES_MAX).map(([, id, arrivedAt]) => [id, arrivedAt] as const),
    }
  }
}
