// Declares what the writer could not know: that parts it had written are there no more.

import type { Sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'

/** Sees the parts of one reader in order, and gives the part after a hole that nobody declared a gap. */
export class HoleDeclarer {
  readonly #found: (after: Sequence, before: Sequence) => void
  #previous: Sequence | undefined

  /** `found` is told the sequences on both sides of each hole. */
  constructor(found: (after: Sequence, before: Sequence) => void) {
    this.#found = found
  }

  declare(part: Part): Part {
    const previous = this.#previous
    this.#previous = part.sequence
    if (previous === undefined || part.gap !== undefined || part.sequence === previous + 1) return part
    this.#found(previous, part.sequence)
    return { ...part, gap: 'damaged' }
  }
}
