// The live playlist of one space as its window has it: which segments and Partial Segments, under which addresses.
// Printed once for each state of the live edge and kind of answer; however many ask, they share the bytes.

import { concatBytes, encodeUtf8 } from '../../../base/bytes.ts'
import {
  millis,
  PART_SAMPLES,
  PARTS_PER_SEGMENT,
  type Sequence,
  samples,
  sequence,
  wallTimeOf,
} from '../../../base/units.ts'
import type { PartWindow } from '../../../core/delivery/part-window.ts'
import {
  PARTIAL_MS,
  PARTIALS_PER_SEGMENT,
  partialDuration,
  partialOrdinal,
  partialSpan,
  partialsEnd,
} from '../../../core/delivery/partials.ts'
import { completeSegments, type SegmentSpan, segmentOf } from '../../../core/delivery/segments.ts'
import type { Part } from '../../../core/part/part.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import {
  type LowLatency,
  PARTIALS_LISTED_S,
  type PlaylistPartial,
  type PlaylistSegment,
  SKIP_BOUNDARY_S,
  writePlaylist,
} from '../../../media/hls/playlist.ts'
import { asBody, etagOf } from '../answers.ts'
import { PLAYLIST_SEGMENTS } from '../limits.ts'
import type { EdgeCounters } from '../metrics.ts'
import type { SpaceReader } from '../stream/space-reader.ts'
import { initUri, partialUri, segmentUri, segmentVersion } from './segment-names.ts'

/** A segment as it is served: its bytes, and who wrote its newest part. */
export interface SegmentBytes {
  readonly bytes: Uint8Array
  readonly epoch: number
}

/** What a playlist is printed from. */
export interface LiveWindow {
  readonly window: PartWindow
  readonly facts: SpaceFacts
  /** No further part can come. */
  readonly isSealed: boolean
}

/** `plain`: segments only. `parts`: with Partial Segments. `delta`: the same, without what the player has seen. */
export type PlaylistKind = 'plain' | 'parts' | 'delta'

/** Prints the live window; undefined while there is no complete segment. */
export function livePlaylistText(live: LiveWindow, kind: PlaylistKind): string | undefined {
  const { facts, isSealed } = live
  const segments = listSegments(live)
  if (segments === undefined) return undefined
  const plain = { kind: 'window', isEnded: isSealed, mapUri: initUri(facts.gridStartMs) } as const
  if (kind === 'plain') return writePlaylist({ ...plain, segments })
  return writePlaylist({
    ...plain,
    segments: withPartials(live, segments),
    lowLatency: lowLatencyOf(live, segments, kind === 'delta'),
  })
}

function listSegments({ window, facts, isSealed }: LiveWindow): readonly PlaylistSegment[] | undefined {
  const newest = window.newest
  if (newest === undefined || window.coveredFrom === undefined) return undefined
  // A segment whose start this edge has not seen is not its to list, unless the log itself begins inside it.
  const firstHeld = window.at(window.start)
  const firstWhole =
    firstHeld.sequence > window.coveredFrom
      ? segmentOf(firstHeld.sequence)
      : Math.ceil(window.coveredFrom / PARTS_PER_SEGMENT)
  const first = Math.max(firstWhole, segmentOf(newest.sequence) - PLAYLIST_SEGMENTS)
  const from = sequence(first * PARTS_PER_SEGMENT)
  const spans = completeSegments(from, facts.programEnd, newest.sequence, isSealed)
  if (spans.length === 0) return undefined
  return spans.slice(-PLAYLIST_SEGMENTS).map((span) => {
    let epoch = 0
    for (const part of window.between(span.from, span.to)) epoch = part.epoch
    return listSegment(facts, span, epoch)
  })
}

/** One line of a playlist; `epoch` is 0 when no part of the segment exists. */
export function listSegment(facts: SpaceFacts, span: SegmentSpan, epoch: number): PlaylistSegment {
  return {
    number: span.number,
    uri: segmentUri(span.number, segmentVersion(facts.gridStartMs, epoch)),
    start: wallTimeOf(span.from, facts.gridStartMs),
    duration: samples((span.to - span.from) * PART_SAMPLES),
    isGap: epoch === 0,
  }
}

/** Ordinal after the last partial that the playlist lists. */
export function listedEnd({ window, isSealed }: Omit<LiveWindow, 'facts'>): number {
  const newest = window.newest
  return newest === undefined ? 0 : partialsEnd(newest.sequence, isSealed)
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
  const { facts, window, isSealed } = live
  const partTarget = millis(PARTIAL_MS)
  // What has ended is always told whole (section 6.2.5.1), and hints at nothing (4.4.5.3).
  if (isSealed) return { partTarget, skipped: 0 }
  const end = listedEnd(live)
  const from = partialOrdinal((segments.at(-1) as PlaylistSegment).number + 1, 0)
  const next = partialSpan(end, facts.programEnd)
  const version = segmentVersion(facts.gridStartMs, window.newest?.epoch ?? 0)
  const start = wallTimeOf(partialSpan(from).from, facts.gridStartMs)
  return {
    partTarget,
    ...(from < end ? { open: { start, partials: listPartials(live, from, end) } } : {}),
    ...(next.from < next.to ? { hintUri: partialUri(end, version) } : {}),
    skipped: isDelta ? skippable(segments) : 0,
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
  const parts = [...window.between(span.from, span.to)]
  const version = segmentVersion(facts.gridStartMs, parts.at(-1)?.epoch ?? 0)
  return {
    uri: partialUri(ordinal, version),
    duration: partialDuration(span),
    isGap: parts.length < span.to - span.from,
  }
}

/** The first sequence that can never come, once that is known. */
function endOf(window: PartWindow, facts: SpaceFacts, isSealed: boolean): Sequence | undefined {
  const newest = window.newest
  if (!isSealed || newest === undefined) return facts.programEnd
  return sequence(Math.min(newest.sequence + 1, facts.programEnd ?? Number.POSITIVE_INFINITY))
}

/** The parts of a segment laid end to end; undefined when there is none. */
export function joinParts(parts: readonly Part[]): SegmentBytes | undefined {
  const newest = parts.at(-1)
  if (newest === undefined) return undefined
  return {
    bytes: concatBytes(parts.flatMap((part) => part.tracks.get('opus.mp4') ?? [])),
    epoch: newest.epoch,
  }
}

/** A playlist as it is sent. */
export interface PrintedPlaylist {
  readonly body: Uint8Array
  readonly etag: string
  readonly gzipped: Uint8Array
  readonly gzippedEtag: string
  /** It has its last line. */
  readonly isEnded: boolean
}

/** What one space's players have asked for lately. */
export class LivePlaylist {
  readonly #reader: SpaceReader
  readonly #counters: EdgeCounters
  readonly #printed = new Map<PlaylistKind, PrintedPlaylist | undefined>()
  /** Those that were asked for; a player asks for the newest. */
  readonly #partials = new Map<number, SegmentBytes | undefined>()
  #state = ''

  constructor(reader: SpaceReader, counters: EdgeCounters) {
    this.#reader = reader
    this.#counters = counters
  }

  /** Ordinal after the last partial that is there. */
  get end(): number {
    return listedEnd(this.#reader)
  }

  /** The playlist as it is now; undefined while there is none. */
  printed(kind: PlaylistKind): PrintedPlaylist | undefined {
    this.#forgetOld()
    if (!this.#printed.has(kind)) this.#printed.set(kind, this.#print(kind))
    return this.#printed.get(kind)
  }

  /** A complete Partial Segment's bytes; undefined when a part of it is missing, or it has left the window. */
  partial(ordinal: number): SegmentBytes | undefined {
    const { window, facts, isSealed } = this.#reader
    if (facts === undefined || ordinal >= this.end) return undefined
    const known = this.#partials.get(ordinal)
    if (known !== undefined) return known
    const span = partialSpan(ordinal, endOf(window, facts, isSealed))
    const parts = [...window.between(span.from, span.to)]
    if (parts.length === 0 || parts.length < span.to - span.from) return undefined
    const joined = joinParts(parts)
    this.#partials.set(ordinal, joined)
    if (this.#partials.size > PARTIALS_KEPT_MAX) {
      this.#partials.delete(this.#partials.keys().next().value as number)
    }
    return joined
  }

  #print(kind: PlaylistKind): PrintedPlaylist | undefined {
    const { window, facts, isSealed, isReady } = this.#reader
    const text =
      facts === undefined || !isReady ? undefined : livePlaylistText({ window, facts, isSealed }, kind)
    if (text === undefined) return undefined
    this.#counters.playlistsPrinted += 1
    const body = encodeUtf8(text)
    const gzipped = Bun.gzipSync(asBody(body))
    return { body, etag: etagOf(body), gzipped, gzippedEtag: etagOf(gzipped), isEnded: isSealed }
  }

  /** Everything that a playlist is printed from, in short. */
  #forgetOld(): void {
    const { window, facts, isSealed, isReady } = this.#reader
    const state = `${window.newest?.sequence} ${window.start} ${isSealed} ${isReady} ${facts?.programEnd} ${facts?.gridStartMs}`
    if (state === this.#state) return
    this.#state = state
    this.#printed.clear()
  }
}

/** As far as playlists list them, and some for players that are late. */
const PARTIALS_KEPT_MAX = 2 * Math.ceil((PARTIALS_LISTED_S * 1000) / PARTIAL_MS)
