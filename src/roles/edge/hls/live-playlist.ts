// The live playlist of one rendition as the window has it: which segments and Partial Segments, under which addresses.

import {
  millis,
  PART_SAMPLES,
  PARTS_PER_SEGMENT,
  type Sequence,
  samples,
  sequence,
  wallTimeOf,
} from '../../../base/units.ts'
import {
  PARTIAL_MS,
  PARTIALS_PER_SEGMENT,
  partialDuration,
  partialOrdinal,
  partialSpan,
  partialsEnd,
} from '../../../core/delivery/partials.ts'
import type { RenditionWindow } from '../../../core/delivery/rendition-window.ts'
import { completeSegments, type SegmentSpan, segmentOf } from '../../../core/delivery/segments.ts'
import type { RenditionTrack } from '../../../core/part/tracks.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import {
  type LowLatency,
  PARTIALS_LISTED_S,
  type PlaylistPartial,
  type PlaylistSegment,
  type RenditionReport,
  SKIP_BOUNDARY_S,
  writePlaylist,
} from '../../../media/hls/playlist.ts'
import { PLAYLIST_SEGMENTS } from '../limits.ts'
import { initUri, partialUri, segmentUri, segmentVersion } from './segment-names.ts'

/** What a playlist is printed from. */
export interface LiveWindow {
  readonly window: RenditionWindow
  readonly facts: SpaceFacts
  /** No further part can come. */
  readonly isSealed: boolean
  /** Where the other renditions end. */
  readonly reports: readonly RenditionReport[]
}

/** `plain`: segments only. `parts`: with Partial Segments. `delta`: the same, without what the player has seen. */
export type PlaylistKind = 'plain' | 'parts' | 'delta'

/** Prints the live window; undefined while there is no complete segment. */
export function livePlaylistText(live: LiveWindow, kind: PlaylistKind): string | undefined {
  const { facts, isSealed, window } = live
  const segments = listSegments(live)
  if (segments === undefined) return undefined
  const mapUri = initUri(facts.gridStartMs, window.rendition.track)
  const plain = { kind: 'window', isEnded: isSealed, mapUri } as const
  if (kind === 'plain') return writePlaylist({ ...plain, segments })
  return writePlaylist({
    ...plain,
    segments: withPartials(live, segments),
    lowLatency: lowLatencyOf(live, segments, kind === 'delta'),
  })
}

function listSegments(live: LiveWindow): readonly PlaylistSegment[] | undefined {
  const { window, facts } = live
  const { track } = window.rendition
  const spans = begunSpans(live, listedSpans(live))
  if (spans.length === 0) return undefined
  return spans.map((span) => {
    const epoch = window.partsOf(span.from, span.to).at(-1)?.epoch ?? 0
    return listSegment(facts, span, epoch, track)
  })
}

/** The same for all renditions, but for the end. */
function listedSpans({ window, facts, isSealed }: LiveWindow): readonly SegmentSpan[] {
  const { newest, beginning } = window
  if (newest === undefined || beginning === undefined) return []
  // A segment whose start this edge has not seen is not its to list, unless the log itself begins inside it.
  const firstWhole = beginning.isLogs
    ? segmentOf(beginning.first)
    : Math.ceil(beginning.first / PARTS_PER_SEGMENT)
  const first = Math.max(firstWhole, segmentOf(newest) - PLAYLIST_SEGMENTS)
  const from = sequence(first * PARTS_PER_SEGMENT)
  return completeSegments(from, facts.programEnd, newest, isSealed).slice(-PLAYLIST_SEGMENTS)
}

/**
 * A rendition that is made on demand begins with its first whole segment: before it there is nothing that a player could
 * have missed. What is missing later, once a whole segment of it was listed, is a gap like any other.
 */
function begunSpans({ window }: LiveWindow, spans: readonly SegmentSpan[]): readonly SegmentSpan[] {
  const first = spans[0]
  if (!window.rendition.isOnDemand || first === undefined || hasBegunBefore(window, first)) return spans
  const begun = spans.findIndex((span) => window.isWhole(span.from, span.to))
  return begun < 0 ? [] : spans.slice(begun)
}

/** True when a segment before `first` is there whole. */
function hasBegunBefore(window: RenditionWindow, first: SegmentSpan): boolean {
  const { beginning } = window
  if (beginning === undefined) return false
  for (let number = segmentOf(beginning.first); number < first.number; number++) {
    const from = sequence(number * PARTS_PER_SEGMENT)
    if (window.isWhole(from, sequence(from + PARTS_PER_SEGMENT))) return true
  }
  return false
}

/** One line of a playlist; `epoch` is 0 when no part of the segment exists. */
export function listSegment(
  facts: SpaceFacts,
  span: SegmentSpan,
  epoch: number,
  track: RenditionTrack,
): PlaylistSegment {
  return {
    number: span.number,
    uri: segmentUri(span.number, segmentVersion(facts.gridStartMs, epoch), track),
    start: wallTimeOf(span.from, facts.gridStartMs),
    duration: samples((span.to - span.from) * PART_SAMPLES),
    isGap: epoch === 0,
  }
}

/** Ordinal after the last partial that the playlist lists. */
export function listedEnd({ window, isSealed }: Pick<LiveWindow, 'window' | 'isSealed'>): number {
  const { newest } = window
  return newest === undefined ? 0 : partialsEnd(newest, isSealed)
}

/** What other playlists are told of a rendition whose partials end at ordinal `end`. */
export function reportOf(uri: string, end: number): RenditionReport {
  const last = end - 1
  return { uri, lastMsn: Math.floor(last / PARTIALS_PER_SEGMENT), lastPart: last % PARTIALS_PER_SEGMENT }
}

/** All partials of a segment are listed or none: a player counts them, so one that lost its first would be misread. */
function withPartials(live: LiveWindow, segments: readonly PlaylistSegment[]): readonly PlaylistSegment[] {
  const end = listedEnd(live)
  const firstOrdinal = end - (PARTIALS_LISTED_S * 1000) / PARTIAL_MS
  return segments.map((segment) => {
    const from = partialOrdinal(segment.number, 0)
    if (from < firstOrdinal) return segment
    return { ...segment, partials: listPartials(live, from, Math.min(from + PARTIALS_PER_SEGMENT, end)) }
  })
}

function lowLatencyOf(live: LiveWindow, segments: readonly PlaylistSegment[], isDelta: boolean): LowLatency {
  const { facts, window, isSealed, reports } = live
  const { track } = window.rendition
  const partTarget = millis(PARTIAL_MS)
  // What has ended is always told whole (section 6.2.5.1), and hints at nothing (4.4.5.3).
  if (isSealed) return { partTarget, skipped: 0, reports: [] }
  const end = listedEnd(live)
  const from = partialOrdinal((segments.at(-1) as PlaylistSegment).number + 1, 0)
  const next = partialSpan(end, facts.programEnd)
  const version = segmentVersion(facts.gridStartMs, window.newestEpoch)
  const start = wallTimeOf(partialSpan(from).from, facts.gridStartMs)
  return {
    partTarget,
    ...(from < end ? { open: { start, partials: listPartials(live, from, end) } } : {}),
    ...(next.from < next.to ? { hintUri: partialUri(end, version, track) } : {}),
    skipped: isDelta ? skippable(segments) : 0,
    reports,
  }
}

/** How many segments lie wholly before the Skip Boundary, which counts from the end of the last one. */
function skippable(segments: readonly PlaylistSegment[]): number {
  let kept = 0
  let keptSamples = 0
  while (kept < segments.length && keptSamples < SKIP_BOUNDARY_S * 48_000) {
    kept += 1
    keptSamples += segments.at(-kept)?.duration ?? 0
  }
  return segments.length - kept
}

function listPartials(live: LiveWindow, from: number, to: number): readonly PlaylistPartial[] {
  return Array.from({ length: to - from }, (_, i) => listPartial(live, from + i))
}

function listPartial({ window, facts, isSealed }: LiveWindow, ordinal: number): PlaylistPartial {
  const span = partialSpan(ordinal, endOf(window, facts, isSealed))
  const parts = window.partsOf(span.from, span.to)
  const version = segmentVersion(facts.gridStartMs, parts.at(-1)?.epoch ?? 0)
  return {
    uri: partialUri(ordinal, version, window.rendition.track),
    duration: partialDuration(span),
    isGap: parts.length < span.to - span.from,
  }
}

/** The first sequence that can never come, once that is known. */
export function endOf(window: RenditionWindow, facts: SpaceFacts, isSealed: boolean): Sequence | undefined {
  const { newest } = window
  if (!isSealed || newest === undefined) return facts.programEnd
  return sequence(Math.min(newest + 1, facts.programEnd ?? Number.POSITIVE_INFINITY))
}
