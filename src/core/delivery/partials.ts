// Partial Segments of low-latency HLS (RFC 8216bis, section 4.4.4.9): 400 ms each, two of our parts. One is complete
// when nothing more can come into it; one that lacks a part then is a gap, for it is all there or it is not.
//
// A partial's ordinal counts partials since the start of the grid, so that "part 3 of segment 41" is one integer, and
// "how far is the playlist" is another.

import {
  PART_MS,
  PART_SAMPLES,
  PARTS_PER_SEGMENT,
  type Samples,
  type Sequence,
  samples,
  sequence,
} from '../../base/units.ts'

export const PARTS_PER_PARTIAL = 2
export const PARTIALS_PER_SEGMENT = PARTS_PER_SEGMENT / PARTS_PER_PARTIAL
/** The Part Target Duration (section 4.4.3.7). */
export const PARTIAL_MS = PART_MS * PARTS_PER_PARTIAL

/** The parts with `from` ≤ sequence < `to`; none when the program ends before. */
export interface PartialSpan {
  readonly from: Sequence
  readonly to: Sequence
}

/** Ordinal of Part Index `index` in the segment with that Media Sequence Number. */
export const partialOrdinal = (segment: number, index: number): number =>
  segment * PARTIALS_PER_SEGMENT + index

/** What the partial covers, cut to a program that ends before `end`. */
export function partialSpan(ordinal: number, end?: Sequence): PartialSpan {
  const from = ordinal * PARTS_PER_PARTIAL
  const to = Math.min(from + PARTS_PER_PARTIAL, end ?? Number.POSITIVE_INFINITY)
  return { from: sequence(from), to: sequence(to) }
}

export const partialDuration = (span: PartialSpan): Samples => samples((span.to - span.from) * PART_SAMPLES)

/**
 * Ordinal after the last complete partial, when `newest` is the newest part written. `sealed`: no further one will
 * come, so that the last partial is complete as it is.
 */
export function partialsEnd(newest: Sequence, sealed: boolean): number {
  const written = (newest + 1) / PARTS_PER_PARTIAL
  return sealed ? Math.ceil(written) : Math.floor(written)
}
