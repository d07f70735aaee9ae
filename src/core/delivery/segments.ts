// Which segments a range of the log has. A segment is complete when nothing more can come into it; it is missing
// when no part of it was ever written (a gap), and then a playlist says so instead of shifting what follows.

import { PARTS_PER_SEGMENT, type Sequence, sequence } from '../../base/units.ts'

/** Segment `number` as one playlist has it: the parts with `from` ≤ sequence < `to`. */
export interface SegmentSpan {
  readonly number: number
  readonly from: Sequence
  readonly to: Sequence
}

export const segmentOf = (seq: Sequence): number => Math.floor(seq / PARTS_PER_SEGMENT)

/** The span of segment `number`, cut to a program [start, end) when those are given. */
export function segmentSpan(number: number, start?: Sequence, end?: Sequence): SegmentSpan {
  const from = Math.max(number * PARTS_PER_SEGMENT, start ?? 0)
  const to = Math.min((number + 1) * PARTS_PER_SEGMENT, end ?? Number.POSITIVE_INFINITY)
  return { number, from: sequence(from), to: sequence(to) }
}

/**
 * The complete segments of [from, to), first and last cut to it. `newest` is the newest part written; `sealed` says
 * that no further one will come, so that the last segment is complete as it is.
 */
export function completeSegments(
  from: Sequence,
  to: Sequence | undefined,
  newest: Sequence,
  sealed: boolean,
): readonly SegmentSpan[] {
  const end = Math.min(to ?? Number.POSITIVE_INFINITY, newest + 1)
  const spans: SegmentSpan[] = []
  for (let number = segmentOf(from); number * PARTS_PER_SEGMENT < end; number++) {
    const span = segmentSpan(number, from, to)
    if (span.to <= end) spans.push(span)
    else if (sealed && span.from < end) spans.push({ ...span, to: sequence(end) })
  }
  return spans
}
