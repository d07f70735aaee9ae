// /live/:space/index.m3u8 and what it names, from the same window that feeds the streams. Two-second segments,
// complete ones only; who polls counts as a listener for ten seconds.
//
// A poller has no stream that we could count. It is known by its address and its User-Agent: two players of one
// household behind one address count once, which is honest in the direction that does not flatter.

import { concatBytes, encodeUtf8 } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import { PART_SAMPLES, PARTS_PER_SEGMENT, samples, sequence, wallTimeOf } from '../../base/units.ts'
import { completeSegments, type SegmentSpan, segmentOf, segmentSpan } from '../../core/delivery/segments.ts'
import type { Part } from '../../core/part/part.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import type { PartLog } from '../../engine/ports.ts'
import { HLS_CONTENT_TYPE, type PlaylistSegment, writePlaylist } from '../../media/hls/playlist.ts'
import { bytesResponse, CACHE, etagOf, MEDIA_CORS } from './answers.ts'
import {
  ENDED_PLAYLIST_MS,
  PLAYLIST_SEGMENTS,
  REPLAY_READS_MAX,
  REPLAY_WAITING_MAX,
  SEGMENT_CACHE_ENTRIES_MAX,
} from './limits.ts'
import type { EdgeCounters } from './metrics.ts'
import { RecentCache } from './recent-cache.ts'
import { cacheControlFor, gridVersion, initUri, segmentUri, segmentVersion } from './segment-names.ts'
import type { SpaceReader } from './space-reader.ts'
import type { SpaceReaders } from './space-readers.ts'
import { Turnstile } from './turnstile.ts'

/** A segment as it is served: its bytes, and who wrote its newest part. */
export interface SegmentBytes {
  readonly bytes: Uint8Array
  readonly epoch: number
}

export const SEGMENT_CONTENT_TYPE = 'audio/mp4'
/** A player that comes first on this edge waits this long for the log at most. */
const READY_WAIT_MS = 1_500

export interface LiveHlsOptions {
  readonly readers: SpaceReaders
  readonly log: PartLog
  readonly counters: EdgeCounters
  readonly clock: Clock
}

export class LiveHls {
  readonly #options: LiveHlsOptions
  readonly #reads = new Turnstile({
    what: 'The log',
    concurrentMax: REPLAY_READS_MAX,
    waitingMax: REPLAY_WAITING_MAX,
  })
  /** Segments that have left the window and are still in the log's ring. */
  readonly #older: RecentCache<SegmentBytes | undefined>

  constructor(options: LiveHlsOptions) {
    this.#options = options
    this.#older = new RecentCache({
      entriesMax: SEGMENT_CACHE_ENTRIES_MAX,
      keptMs: 60_000,
      clock: options.clock,
    })
  }

  /** The live window. `gone` a minute after the end, `unavailable` before the first segment. */
  async playlist(request: Request, facts: SpaceFacts, poller: string): Promise<Response> {
    this.#assertServed(facts)
    const reader = this.#options.readers.get(facts)
    await reader.whenReady(READY_WAIT_MS)
    const text = livePlaylistText(reader)
    if (text === undefined) {
      throw new MimbarError('unavailable', 'This space is not on air yet; ask again in a moment.')
    }
    reader.pollers.saw(poller, this.#options.clock.now())
    const body = encodeUtf8(text)
    return bytesResponse(request, {
      body,
      contentType: HLS_CONTENT_TYPE,
      cacheControl: reader.isSealed ? CACHE.endedPlaylist : CACHE.livePlaylist,
      etag: etagOf(body),
      headers: MEDIA_CORS,
    })
  }

  /** The init segment, once the space has a log. */
  async init(request: Request, url: URL, facts: SpaceFacts): Promise<Response> {
    const reader = this.#options.readers.get(facts)
    await reader.whenReady(READY_WAIT_MS)
    const header = reader.header('opus.mp4')
    if (header === undefined) throw new MimbarError('not-found', 'This space has not been on air yet.')
    return initResponse(request, url, facts, header.header)
  }

  /** Segment `number`. `not-found` while it is incomplete, and when no part of it exists. */
  async segment(request: Request, url: URL, facts: SpaceFacts, number: number): Promise<Response> {
    const reader = this.#options.readers.get(facts)
    await reader.whenReady(READY_WAIT_MS)
    const segment = await this.#segmentOf(reader, facts, number)
    if (segment === undefined) throw new MimbarError('not-found', `There is no segment ${number} (yet).`)
    this.#options.counters.segments += 1
    return segmentResponse(request, url, facts, number, segment)
  }

  async #segmentOf(
    reader: SpaceReader,
    facts: SpaceFacts,
    number: number,
  ): Promise<SegmentBytes | undefined> {
    const { window } = reader
    const newest = window.newest
    if (newest === undefined) return undefined
    const span = segmentSpan(number, undefined, facts.programEnd)
    if (newest.sequence < span.to - 1 && !(reader.isSealed && newest.sequence >= span.from)) return undefined
    if (window.coveredFrom !== undefined && span.from >= window.coveredFrom) {
      return joinParts([...window.between(span.from, span.to)])
    }
    const key = `${facts.id}/${gridVersion(facts.gridStartMs)}/${number}`
    return this.#older.get(key, () => this.#reads.pass(() => readSegment(this.#options.log, facts, span)))
  }

  #assertServed(facts: SpaceFacts): void {
    if (facts.phase !== 'ended') return
    const end = facts.programEnd
    const age = end === undefined ? Infinity : this.#options.clock.wall() - wallTimeOf(end, facts.gridStartMs)
    if (age <= ENDED_PLAYLIST_MS) return
    const where = facts.recorded ? ` Its replay is at /replay/${facts.id}/index.m3u8.` : ''
    throw new MimbarError('gone', `This space has ended.${where}`)
  }
}

/** Prints the live window; undefined while there is no complete segment. */
export function livePlaylistText(reader: SpaceReader): string | undefined {
  const { window, facts, isSealed } = reader
  const newest = window.newest
  if (facts === undefined || newest === undefined || window.coveredFrom === undefined || !reader.isReady) {
    return undefined
  }
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
  return writePlaylist({
    kind: 'window',
    isEnded: isSealed,
    mapUri: initUri(facts.gridStartMs),
    segments: spans.slice(-PLAYLIST_SEGMENTS).map((span) => {
      let epoch = 0
      for (const part of window.between(span.from, span.to)) epoch = part.epoch
      return listSegment(facts, span, epoch)
    }),
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

/** The parts of a segment laid end to end; undefined when there is none. */
export function joinParts(parts: readonly Part[]): SegmentBytes | undefined {
  const newest = parts.at(-1)
  if (newest === undefined) return undefined
  return {
    bytes: concatBytes(parts.flatMap((part) => part.tracks.get('opus.mp4') ?? [])),
    epoch: newest.epoch,
  }
}

/** Reads a segment's parts from the log. */
export async function readSegment(
  log: PartLog,
  facts: SpaceFacts,
  span: SegmentSpan,
): Promise<SegmentBytes | undefined> {
  const parts: Part[] = []
  for await (const part of log.read(facts.id, span.from, span.to)) parts.push(part)
  return joinParts(parts)
}

export function initResponse(request: Request, url: URL, facts: SpaceFacts, header: Uint8Array): Response {
  const version = gridVersion(facts.gridStartMs)
  return bytesResponse(request, {
    body: header,
    contentType: SEGMENT_CONTENT_TYPE,
    cacheControl: cacheControlFor(url.searchParams.get('v'), version),
    etag: etagOf(header),
    headers: MEDIA_CORS,
  })
}

export function segmentResponse(
  request: Request,
  url: URL,
  facts: SpaceFacts,
  number: number,
  segment: SegmentBytes,
): Response {
  const version = segmentVersion(facts.gridStartMs, segment.epoch)
  return bytesResponse(request, {
    body: segment.bytes,
    contentType: SEGMENT_CONTENT_TYPE,
    cacheControl: cacheControlFor(url.searchParams.get('v'), version),
    etag: `"${version}.${number}.${segment.bytes.length}"`,
    headers: MEDIA_CORS,
  })
}
