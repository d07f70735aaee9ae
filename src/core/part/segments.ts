// Which segments a range of parts makes. Segment k is the sequences 10·k … 10·k + 9, whoever lists it.

import {
  PART_SAMPLES,
  PARTS_PER_SEGMENT,
  type Sequence,
  samples,
  sequence,
  type WallMillis,
  wallTimeOf,
} from '../../base/units.ts'
import type { PlaylistSegment } from '../../media/hls/playlist.ts'

/** A run of sequences within one segment: `first` ≤ sequence < `end`. */
export interface SegmentRange {
  readonly number: number
  readonly first: Sequence
  readonly end: Sequence
}

/** The segments that cover `from` ≤ sequence < `to`; the first and the last may be shorter than two seconds. */
export function segmentRanges(from: Sequence, to: Sequence): SegmentRange[] {
  const ranges: SegmentRange[] = []
  for (let first: number = from; first < to; ) {
    const number = Math.floor(first / PARTS_PER_SEGMENT)
    const end = Math.min((number + 1) * PARTS_PER_SEGMENT, to)
    ranges.push({ number, first: sequence(first), end: sequence(end) })
    first = end
  }
  return ranges
}

/** One segment as a playlist lists it; `partsPresent` is how many of its parts the log holds. */
export function playlistSegment(
  range: SegmentRange,
  options: { readonly gridStartMs: WallMillis; readonly uri: string; readonly partsPresent: number },
): PlaylistSegment {
  return {
    number: range.number,
    uri: options.uri,
    start: wallTimeOf(range.first, options.gridStartMs),
    duration: samples((range.end - range.first) * PART_SAMPLES),
    isGap: options.partsPresent === 0,
  }
}
