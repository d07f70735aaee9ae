// /live/:space/index.m3u8 and what it names, from the same window that feeds the streams: two-second segments, and
// Partial Segments of 400 ms for players of low-latency HLS (RFC 8216bis). Who polls counts as a listener for ten
// seconds; a request that is held is one that polls.
//
// A poller has no stream that we could count. It is known by its address and its User-Agent: two players of one
// household behind one address count once, which is honest in the direction that does not flatter.
//
// There is one rendition, so there are no rendition reports (section 4.4.5.4) to make.

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { wallTimeOf } from '../../../base/units.ts'
import {
  type DeliveryDirectives,
  judgeReload,
  parseDirectives,
} from '../../../core/delivery/delivery-directives.ts'
import type { HoldOutcome } from '../../../core/delivery/held-requests.ts'
import { PARTIALS_PER_SEGMENT } from '../../../core/delivery/partials.ts'
import { type SegmentSpan, segmentSpan } from '../../../core/delivery/segments.ts'
import type { Part } from '../../../core/part/part.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { PartLog } from '../../../engine/ports.ts'
import { HLS_CONTENT_TYPE } from '../../../media/hls/playlist.ts'
import { bytesResponse, CACHE, encodingFor, etagOf, MEDIA_CORS } from '../answers.ts'
import {
  ENDED_PLAYLIST_MS,
  HINT_AHEAD_MAX,
  REPLAY_READS_MAX,
  REPLAY_WAITING_MAX,
  SEGMENT_AHEAD_MAX,
  SEGMENT_CACHE_ENTRIES_MAX,
} from '../limits.ts'
import type { EdgeCounters } from '../metrics.ts'
import { RecentCache } from '../recent-cache.ts'
import type { SpaceReader } from '../stream/space-reader.ts'
import type { SpaceReaders } from '../stream/space-readers.ts'
import { Turnstile } from '../turnstile.ts'
import { joinParts, LivePlaylist, type PlaylistKind, type SegmentBytes } from './live-playlist.ts'
import { cacheControlFor, gridVersion, segmentVersion } from './segment-names.ts'

export const SEGMENT_CONTENT_TYPE = 'audio/mp4'
/** A player that comes first on this edge waits this long for the log at most. */
const READY_WAIT_MS = 1_500

export interface LiveHlsOptions {
  readonly readers: SpaceReaders
  readonly log: PartLog
  readonly counters: EdgeCounters
  readonly clock: Clock
  /**
   * Whether a player that comes now is told of Partial Segments. One that already follows them, which its directives
   * show, goes on doing so. By default everyone is.
   */
  readonly listParts?: () => boolean
}

export class LiveHls {
  readonly #options: LiveHlsOptions
  readonly #playlists = new WeakMap<SpaceReader, LivePlaylist>()
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

  /**
   * The live window, when it has what the directives in `url` ask for. `gone` a minute after the end, `unavailable`
   * before the first segment and when it was held in vain, `bad-request` for directives that nobody honest sends.
   */
  async playlist(request: Request, url: URL, facts: SpaceFacts, poller: string): Promise<Response> {
    const directives = parseDirectives(url.searchParams)
    this.#assertServed(facts)
    const { readers, clock, counters } = this.#options
    const reader = readers.get(facts)
    await reader.whenReady(READY_WAIT_MS)
    const playlist = this.#playlistOf(reader)
    const kind = this.#kindFor(directives)
    if (playlist.printed(kind) === undefined) throw notOnAir()
    await this.#whenListed(reader, playlist, directives, poller)
    const printed = playlist.printed(kind)
    if (printed === undefined) throw notOnAir()
    const isBlocking = directives.msn !== undefined
    counters.playlists[isBlocking ? 'blocking' : 'plain'] += 1
    reader.pollers.saw(poller, clock.now())
    const gzip = encodingFor(request) !== 'identity'
    const lasting = isBlocking ? CACHE.blockingPlaylist : CACHE.livePlaylist
    return bytesResponse(request, {
      body: gzip ? printed.gzipped : printed.body,
      contentType: HLS_CONTENT_TYPE,
      cacheControl: printed.isEnded ? CACHE.endedPlaylist : lasting,
      etag: gzip ? printed.gzippedEtag : printed.etag,
      headers: { ...MEDIA_CORS, Vary: 'Accept-Encoding', ...(gzip ? { 'Content-Encoding': 'gzip' } : {}) },
    })
  }

  /** True for a player that has polled this space's playlist here of late. */
  isPolling(facts: SpaceFacts, poller: string): boolean {
    const { readers, clock } = this.#options
    return readers.find(facts.id)?.pollers.has(poller, clock.now()) === true
  }

  /** Partial Segment `ordinal`; the hinted one may be asked for before it is there, and is held until it is whole. */
  async partial(request: Request, url: URL, facts: SpaceFacts, ordinal: number): Promise<Response> {
    const asked = url.searchParams.get('v')
    if (asked !== null) assertGrid(asked, facts)
    const { readers, counters } = this.#options
    const reader = readers.get(facts)
    await reader.whenReady(READY_WAIT_MS)
    const playlist = this.#playlistOf(reader)
    const { end } = playlist
    if (ordinal >= end && ordinal <= end + HINT_AHEAD_MAX && !reader.isSealed) {
      await this.#hold(reader, ordinal + 1)
    }
    const partial = playlist.partial(ordinal)
    if (partial === undefined) throw new MimbarError('not-found', 'There is no such part (yet).')
    const version = segmentVersion(facts.gridStartMs, partial.epoch)
    const cacheControl = cacheControlFor(asked, version)
    counters.partials += 1
    return bytesResponse(request, {
      body: partial.bytes,
      contentType: SEGMENT_CONTENT_TYPE,
      cacheControl,
      etag: `"${version}.p${ordinal}.${partial.bytes.length}"`,
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
    // Another edge may have listed it a moment before its last parts reach this one.
    const completeAt = (number + 1) * PARTIALS_PER_SEGMENT
    const { end } = this.#playlistOf(reader)
    if (end < completeAt && completeAt - end <= SEGMENT_AHEAD_MAX && !reader.isSealed) {
      await this.#hold(reader, completeAt)
    }
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

  #playlistOf(reader: SpaceReader): LivePlaylist {
    let playlist = this.#playlists.get(reader)
    if (playlist === undefined) {
      playlist = new LivePlaylist(reader, this.#options.counters)
      this.#playlists.set(reader, playlist)
    }
    return playlist
  }

  #kindFor({ msn, skip }: DeliveryDirectives): PlaylistKind {
    const listsParts = msn !== undefined || (this.#options.listParts?.() ?? true)
    if (!listsParts) return 'plain'
    return skip ? 'delta' : 'parts'
  }

  async #whenListed(
    reader: SpaceReader,
    playlist: LivePlaylist,
    directives: DeliveryDirectives,
    poller: string,
  ): Promise<void> {
    // Section 6.2.5.2: a playlist that has ended ignores them.
    if (reader.isSealed) return
    const verdict = judgeReload(directives, playlist.end)
    if (verdict.kind === 'too-far') {
      throw new MimbarError('bad-request', 'The playlist is not nearly that far.')
    }
    if (verdict.kind === 'ready') return
    await this.#hold(reader, verdict.until, poller)
  }

  /**
   * Resolves when it is there, or the program has ended without. Throws `unavailable` otherwise. Who is held is present;
   * who finds no room is not.
   */
  async #hold(reader: SpaceReader, until: number, poller?: string): Promise<void> {
    const { clock, counters } = this.#options
    const now = clock.now()
    let held: Promise<HoldOutcome>
    try {
      held = reader.held.hold(until, now)
    } catch (error) {
      counters.heldRefused += 1
      throw error
    }
    if (poller !== undefined) reader.pollers.saw(poller, now)
    const outcome = await held
    if (outcome === 'there' || reader.isSealed) return
    // Late, or this edge stops. An older answer would stay in caches under an address that promises a newer one.
    counters.heldLate += 1
    throw new MimbarError('unavailable', 'The live edge did not come this far; ask again.')
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

const notOnAir = () => new MimbarError('unavailable', 'This space is not on air yet; ask again in a moment.')

/** Whatever is to come cannot have a version of another log: nobody waits for that. */
function assertGrid(version: string, facts: SpaceFacts): void {
  if (version.startsWith(`${gridVersion(facts.gridStartMs)}.`)) return
  throw new MimbarError('not-found', 'This address belongs to an earlier broadcast.')
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
