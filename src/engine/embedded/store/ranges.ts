// Runs of parts: what a log holds, told without the parts.

import { type Epoch, type Sequence, sequence } from '../../../base/units.ts'
import type { HeldRange } from '../../ports.ts'

/** What is known of a part without its tracks. */
export interface PartName {
  readonly sequence: Sequence
  readonly epoch: Epoch
}

/** A part as a run of its own. */
export function rangeOf(part: PartName): HeldRange {
  return { from: part.sequence, to: sequence(part.sequence + 1), epoch: part.epoch }
}

/** The runs of parts that come in order. */
export function rangesOf(parts: readonly PartName[]): readonly HeldRange[] {
  return joinRanges(parts.map(rangeOf), Number.POSITIVE_INFINITY)
}

/** What of `range` is in `from` ≤ sequence < `to`; undefined when nothing is. */
export function cutRange(range: HeldRange, from: Sequence, to: Sequence): HeldRange | undefined {
  const cut = {
    from: sequence(Math.max(range.from, from)),
    to: sequence(Math.min(range.to, to)),
    epoch: range.epoch,
  }
  return cut.from < cut.to ? cut : undefined
}

/** Joins runs that come in order where they touch and have one writer. Stops when `max` are complete. */
export function joinRanges(pieces: Iterable<HeldRange>, max: number): HeldRange[] {
  const joined: HeldRange[] = []
  let last: HeldRange | undefined
  for (const piece of pieces) {
    if (last !== undefined && last.to === piece.from && last.epoch === piece.epoch) {
      last = { ...last, to: piece.to }
      joined[joined.length - 1] = last
    } else if (joined.length === max) {
      return joined
    } else {
      last = piece
      joined.push(piece)
    }
  }
  return joined
}
