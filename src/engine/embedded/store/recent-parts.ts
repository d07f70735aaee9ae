// The newest parts of a log, in memory: what tailing readers are served from, whatever the disk is doing.
// Readers hold no queue of their own, only the ordinal of the part they want next.

import type { Sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'

/** The last `capacity` parts; each has an ordinal, counted from the first one that was ever added. */
export class RecentParts {
  readonly #capacity: number
  readonly #ring: Part[] = []
  #end = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Ordinal of the oldest part held; equals `end` when there is none. */
  get first(): number {
    return Math.max(0, this.#end - this.#capacity)
  }

  /** Ordinal that the next part will have. */
  get end(): number {
    return this.#end
  }

  get oldest(): Part | undefined {
    return this.at(this.first)
  }

  get newest(): Part | undefined {
    return this.at(this.#end - 1)
  }

  push(part: Part): void {
    this.#ring[this.#end % this.#capacity] = part
    this.#end += 1
  }

  at(ordinal: number): Part | undefined {
    return ordinal >= this.first && ordinal < this.#end ? this.#ring[ordinal % this.#capacity] : undefined
  }

  /** Ordinal of the oldest held part with a sequence ≥ `from`; `end` when all are older. */
  ordinalOf(from: Sequence): number {
    let low = this.first
    let high = this.#end
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if ((this.at(middle) as Part).sequence < from) low = middle + 1
      else high = middle
    }
    return low
  }
}
