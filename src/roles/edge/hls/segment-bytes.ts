// Segments and Partial Segments as they are served: the bytes of consecutive parts, laid end to end.

import { concatBytes } from '../../../base/bytes.ts'
import { sequence } from '../../../base/units.ts'
import type { SegmentSpan } from '../../../core/delivery/segments.ts'
import type { Part } from '../../../core/part/part.ts'
import { carrierOf, type RenditionTrack } from '../../../core/part/tracks.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { PartLog } from '../../../engine/ports.ts'

/** A segment as it is served: its bytes, and who wrote its newest part. */
export interface SegmentBytes {
  readonly bytes: Uint8Array
  readonly epoch: number
}

/** The parts that have the track, laid end to end; undefined when there is none. */
export function joinParts(parts: readonly Part[], track: RenditionTrack): SegmentBytes | undefined {
  const carriers = parts.filter((part) => (part.tracks.get(track)?.length ?? 0) > 0)
  const newest = carriers.at(-1)
  if (newest === undefined) return undefined
  return { bytes: concatBytes(carriers.flatMap((part) => part.tracks.get(track) ?? [])), epoch: newest.epoch }
}

/** Reads a segment's parts from the log; undefined when none of them has the track. */
export async function readSegment(
  log: PartLog,
  facts: SpaceFacts,
  span: SegmentSpan,
  track: RenditionTrack,
): Promise<SegmentBytes | undefined> {
  const [from, to] = [carrierOf(track, span.from), carrierOf(track, span.to)]
  const parts: Part[] = []
  // Sound of the program's last parts may lie after its end, where the log has nothing of it any more.
  const end = sequence(Math.min(to, facts.programEnd ?? Number.POSITIVE_INFINITY))
  for await (const part of log.read(facts.id, from, end)) parts.push(part)
  return joinParts(parts, track)
}
