// The newest parts of one space, as an edge holds them for everybody at once. Sequences have holes (a gap is a
// fact of the program); ordinals do not: they count the parts that this window was given, so that "what comes
// next for this listener" is one integer and "how far behind" is a subtraction.

import { assert } from '../../base/assert.ts'
import type { Sequence } from '../../base/units.ts'
import type { Part } from '../part/part.ts'

/** A ring of parts in order; the oldest goes when a new one finds it full. */
export class PartWindow {
  readonly #ring: (Part | undefined)[]
  #start = 0
  #end = 0
  #coveredFrom: Sequence | undefined

  constructor(capacity: number) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a window holds at least one part')
    this.#ring = new Array<Part | undefined>(capacity)
  }

  /** Ordinal of the oldest part held. */
  get start(): number {
    return this.#start
  }

  /** Ordinal after the newest part. */
  get end(): number {
    return this.#end
  }

  get isEmpty(): boolean {
    return this.#start === this.#end
  }

  /**
   * From this sequence on, the window holds every part that the log has. The log's own first part reaches back
   * to the start of time: nothing was ever before it.
   */
  get coveredFrom(): Sequence | undefined {
    return this.#coveredFrom
  }

  get newest(): Part | undefined {
    return this.isEmpty ? undefined : this.at(this.#end - 1)
  }

  /** Adds a part; false for one that is not after the newest (a tail that was resumed may repeat itself). */
  push(part: Part): boolean {
    const newest = this.newest
    if (newest !== undefined && part.sequence <= newest.sequence) return false
    if (newest === undefined) this.#coveredFrom = part.gap === 'first' ? (0 as Sequence) : part.sequence
    this.#ring[this.#end % this.#ring.length] = part
    this.#end += 1
    if (this.#end - this.#start > this.#ring.length) {
      this.#start += 1
      this.#coveredFrom = this.at(this.#start).sequence
    }
    return true
  }

  at(ordinal: number): Part {
    assert(ordinal >= this.#start && ordinal < this.#end, 'this part is held')
    return this.#ring[ordinal % this.#ring.length] as Part
  }

  /** Ordinal of the first part held whose sequence is `from` or later; `end` when there is none yet. */
  ordinalOf(from: Sequence): number {
    let low = this.#start
    let high = this.#end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle).sequence < from) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The parts with `from` ≤ sequence < `to`, as far as they are held. */
  *between(from: Sequence, to: Sequence): Generator<Part, void, undefined> {
    for (let n = this.ordinalOf(from); n < this.#end; n++) {
      const part = this.at(n)
      if (part.sequence >= to) return
      yield part
    }
  }
}
