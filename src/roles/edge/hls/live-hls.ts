// /live/:space/index.m3u8 and what it names, from the same window that feeds the streams: a playlist for each rendition,
// with two-second segments and, for players of low-latency HLS (RFC 8216bis), Partial Segments of 400 ms. Who polls a
// rendition counts as a listener for ten seconds; a request that is held is one that polls.
//
// A poller has no stream that we could count. It is known by its address and its User-Agent, whatever it polls: two
// players of one household behind one address count once, which is honest in the direction that does not flatter.

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import {
  type DeliveryDirectives,
  judgeReload,
  parseDirectives,
} from '../../../core/delivery/delivery-directives.ts'
import { HOLD_MAX_MS, type HoldOutcome } from '../../../core/delivery/held-requests.ts'
import { PARTIALS_PER_SEGMENT } from '../../../core/delivery/partials.ts'
import { logEndFor } from '../../../core/delivery/rendition-window.ts'
import { segmentSpan } from '../../../core/delivery/segments.ts'
import type { RenditionTrack } from '../../../core/part/tracks.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { requireShown } from '../../../core/space/withholding.ts'
import type { PartLog } from '../../../engine/ports.ts'
import { HLS_CONTENT_TYPE } from '../../../media/hls/playlist.ts'
import { bytesResponse, CACHE, encodingFor, etagOf, MEDIA_CORS } from '../answers.ts'
import {
  HINT_AHEAD_MAX,
  REPLAY_READS_MAX,
  REPLAY_WAITING_MAX,
  SEGMENT_AHEAD_MAX,
  SEGMENT_CACHE_ENTRIES_MAX,
} from '../limits.ts'
import type { EdgeCounters } from '../metrics.ts'
import { goneOf, isLongOver, requireLiveOrShown } from '../over.ts'
import { RecentCache } from '../recent-cache.ts'
import type { SpaceReader } from '../stream/space-reader.ts'
import type { SpaceReaders } from '../stream/space-readers.ts'
import { Turnstile } from '../turnstile.ts'
import type { PlaylistKind } from './live-playlist.ts'
import { type PrintedPlaylist, printPlaylist, RenditionPlaylist } from './rendition-playlist.ts'
import { type HlsObject, multivariantText, playlistUri, type SessionTerms } from './renditions.ts'
import { readSegment, type SegmentBytes } from './segment-bytes.ts'
import { cacheControlFor, gridVersion, segmentVersion } from './segment-names.ts'

export const SEGMENT_CONTENT_TYPE = 'audio/mp4'
/** A player that comes first on this edge waits this long for the log at most. */
const READY_WAIT_MS = 1_500
/** A stage that makes a track on demand has it in its parts by then. */
const BEGUN_WITHIN_MS = 2_000
/** Multivariant Playlists kept: two answers for each set of tracks that logs have. */
const MULTIVARIANTS_MAX = 64

export interface LiveHlsOptions {
  readonly readers: SpaceReaders
  readonly log: PartLog
  readonly counters: EdgeCounters
  readonly clock: Clock
  /** Whether a session that begins now gets playlists with Partial Segments. By default everyone does. */
  readonly listParts?: () => boolean
  /** Whether a session that begins now shall do with few bits. By default nobody must. */
  readonly prefersLow?: () => boolean
}

export class LiveHls {
  readonly #options: LiveHlsOptions
  readonly #playlists = new WeakMap<SpaceReader, Map<RenditionTrack, RenditionPlaylist>>()
  readonly #multivariants = new Map<string, PrintedPlaylist>()
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
   * What `asked` names, of `facts`' space. `gone` a minute after the end, `withheld` for media of what is by then,
   * `unavailable` while there is nothing to play, `not-found` for what the log does not have, `bad-request` for directives
   * that nobody honest sends. `poller` stands for one player.
   */
  async answer(
    request: Request,
    url: URL,
    facts: SpaceFacts,
    asked: HlsObject,
    poller: string,
  ): Promise<Response> {
    switch (asked.kind) {
      case 'multivariant':
        return this.#multivariant(request, facts)
      case 'playlist':
        return this.#playlist(request, url, facts, asked.track, poller)
      case 'init':
        return this.#init(request, url, facts, asked.track)
      case 'segment':
        return this.#segment(request, url, facts, asked)
      case 'partial':
        return this.#partial(request, url, facts, asked)
    }
  }

  /** Decides how a session will be served: who has its playlists keeps them, whatever comes. */
  async #multivariant(request: Request, facts: SpaceFacts): Promise<Response> {
    this.#requireServed(facts)
    const { clock, counters, listParts, prefersLow } = this.#options
    const reader = await this.#readerOf(facts)
    if (this.#playlistOf(reader, 'opus.mp4').printed('plain') === undefined) throw notOnAir()
    const terms: SessionTerms = {
      listsParts: listParts?.() ?? true,
      isLow: prefersLow?.() ?? false,
      hasAac: !this.#playlistOf(reader, 'aac.mp4').isInVain(clock.now()),
    }
    const printed = this.#printedMultivariant(reader, terms)
    if (printed === undefined) throw notOnAir()
    counters.playlists.multivariant += 1
    return playlistResponse(request, printed, CACHE.multivariant)
  }

  #printedMultivariant(reader: SpaceReader, terms: SessionTerms): PrintedPlaylist | undefined {
    const text = multivariantText(reader.head?.tracks ?? [], terms)
    if (text === undefined) return undefined
    const known = this.#multivariants.get(text)
    if (known !== undefined) return known
    const printed = printPlaylist(text, false)
    if (this.#multivariants.size >= MULTIVARIANTS_MAX) this.#multivariants.clear()
    this.#multivariants.set(text, printed)
    return printed
  }

  /** The live window of one rendition, when it has what the directives in `url` ask for. */
  async #playlist(
    request: Request,
    url: URL,
    facts: SpaceFacts,
    track: RenditionTrack,
    poller: string,
  ): Promise<Response> {
    const directives = parseDirectives(url.searchParams)
    const kind = kindOf(directives, url.searchParams.get('parts'))
    this.#requireServed(facts)
    const { clock, counters } = this.#options
    const reader = await this.#readerOf(facts)
    assertTrack(reader, track)
    const playlist = this.#playlistOf(reader, track)
    if (playlist.rendition.isOnDemand && !reader.isSealed) {
      reader.wantAac()
      const isFollowing = directives.msn !== undefined && playlist.printed(kind) !== undefined
      if (!isFollowing) await this.#whenMade(reader, playlist, poller)
    }
    if (playlist.printed(kind) === undefined) throw notOnAir()
    await this.#whenListed(reader, playlist, directives, poller)
    const printed = playlist.printed(kind)
    if (printed === undefined) throw notOnAir()
    const isBlocking = directives.msn !== undefined
    counters.playlists[isBlocking ? 'blocking' : 'plain'] += 1
    if (isBlocking) reader.pollers.sawReload(poller, clock.now())
    else reader.pollers.saw(poller, clock.now())
    const lasting = isBlocking ? CACHE.blockingPlaylist : CACHE.livePlaylist
    return playlistResponse(request, printed, printed.isEnded ? CACHE.endedPlaylist : lasting)
  }

  /** True for a player that has polled this space's playlists here of late. */
  isPolling(facts: SpaceFacts, poller: string): boolean {
    const { readers, clock } = this.#options
    return readers.find(facts.id)?.pollers.has(poller, clock.now()) === true
  }

  /** A Partial Segment; the hinted one may be asked for before it is there, and is held until it is whole. */
  async #partial(
    request: Request,
    url: URL,
    facts: SpaceFacts,
    { track, ordinal }: HlsObject & { kind: 'partial' },
  ): Promise<Response> {
    requireLiveOrShown(facts, this.#options.clock.wall())
    const asked = url.searchParams.get('v')
    if (asked !== null) assertGrid(asked, facts)
    const reader = await this.#readerOf(facts)
    const playlist = this.#playlistOf(reader, track)
    const { end } = playlist
    if (ordinal >= end && ordinal <= end + HINT_AHEAD_MAX && !reader.isSealed) {
      await this.#hold(reader, playlist, ordinal + 1)
    }
    const partial = playlist.partial(ordinal)
    if (partial === undefined) throw new MimbarError('not-found', 'There is no such part (yet).')
    const version = segmentVersion(facts.gridStartMs, partial.epoch)
    const cacheControl = cacheControlFor(asked, version)
    this.#options.counters.partials += 1
    return bytesResponse(request, {
      body: partial.bytes,
      contentType: SEGMENT_CONTENT_TYPE,
      cacheControl,
      etag: `"${version}.p${ordinal}.${partial.bytes.length}"`,
      headers: MEDIA_CORS,
    })
  }

  /** The init segment, once the space has a log. */
  async #init(request: Request, url: URL, facts: SpaceFacts, track: RenditionTrack): Promise<Response> {
    const reader = await this.#readerOf(facts)
    const header = reader.header(track)
    if (header === undefined) throw new MimbarError('not-found', 'This space has not been on air yet.')
    return initResponse(request, url, facts, header.header)
  }

  /** A segment. `not-found` while it is incomplete, and when no part of it exists. */
  async #segment(
    request: Request,
    url: URL,
    facts: SpaceFacts,
    { track, number }: HlsObject & { kind: 'segment' },
  ): Promise<Response> {
    requireLiveOrShown(facts, this.#options.clock.wall())
    const reader = await this.#readerOf(facts)
    const playlist = this.#playlistOf(reader, track)
    // Another edge may have listed it a moment before its last parts reach this one.
    const completeAt = (number + 1) * PARTIALS_PER_SEGMENT
    const { end } = playlist
    if (end < completeAt && completeAt - end <= SEGMENT_AHEAD_MAX && !reader.isSealed) {
      await this.#hold(reader, playlist, completeAt)
    }
    const segment = await this.#segmentOf(playlist, facts, number)
    if (segment === undefined) throw new MimbarError('not-found', `There is no segment ${number} (yet).`)
    this.#options.counters.segments += 1
    return segmentResponse(request, url, facts, number, segment)
  }

  async #segmentOf(
    playlist: RenditionPlaylist,
    facts: SpaceFacts,
    number: number,
  ): Promise<SegmentBytes | undefined> {
    const held = playlist.segment(number)
    if (held === 'missing' || held === 'incomplete') return undefined
    if (held !== 'left') return held
    // Nobody who listens live needs it any more.
    requireShown(facts)
    const { track } = playlist.rendition
    const span = segmentSpan(number, undefined, facts.programEnd)
    const key = `${facts.id}/${gridVersion(facts.gridStartMs)}/${track}/${number}`
    return this.#older.get(key, () =>
      this.#reads.pass(() => readSegment(this.#options.log, facts, span, track)),
    )
  }

  async #readerOf(facts: SpaceFacts): Promise<SpaceReader> {
    const reader = this.#options.readers.get(facts)
    await reader.whenReady(READY_WAIT_MS)
    return reader
  }

  #playlistOf(reader: SpaceReader, track: RenditionTrack): RenditionPlaylist {
    let playlists = this.#playlists.get(reader)
    if (playlists === undefined) {
      playlists = new Map()
      this.#playlists.set(reader, playlists)
    }
    let playlist = playlists.get(track)
    if (playlist === undefined) {
      playlist = new RenditionPlaylist(reader, track, this.#options.counters)
      playlists.set(track, playlist)
    }
    return playlist
  }

  /**
   * Whoever comes first to a rendition that is made on demand waits for its first segment. Without one in good time,
   * throws `unavailable`; some players try every rendition before they begin with any, so they are not kept waiting by a
   * stage that has no time to make it. Who follows it already is not held for a gap.
   */
  async #whenMade(reader: SpaceReader, playlist: RenditionPlaylist, poller: string): Promise<void> {
    const { clock } = this.#options
    const from = clock.now()
    const begunWithinMs = playlist.isInVain(from) ? 0 : BEGUN_WITHIN_MS
    while (!playlist.isMade && !reader.isSealed && playlist.end > 0) {
      const waitMax = reader.isProduced(playlist.rendition.track) ? HOLD_MAX_MS : begunWithinMs
      if (clock.now() - from >= waitMax) {
        if (begunWithinMs > 0) playlist.notedInVain(clock.now())
        throw new MimbarError('unavailable', 'This rendition is not being made yet; ask again.')
      }
      await this.#hold(reader, playlist, playlist.end + 1, poller)
    }
  }

  async #whenListed(
    reader: SpaceReader,
    playlist: RenditionPlaylist,
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
    await this.#hold(reader, playlist, verdict.until, poller)
  }

  /**
   * Resolves when the rendition's partials end at ordinal `until`, or the program has ended without. Throws `unavailable`
   * otherwise. Who is held is present; who finds no room is not.
   */
  async #hold(
    reader: SpaceReader,
    { rendition }: RenditionPlaylist,
    until: number,
    poller?: string,
  ): Promise<void> {
    const { clock, counters } = this.#options
    const now = clock.now()
    let held: Promise<HoldOutcome>
    try {
      held = reader.held.hold(logEndFor(until, rendition), now)
    } catch (error) {
      counters.heldRefused += 1
      throw error
    }
    if (poller !== undefined) reader.pollers.sawReload(poller, now)
    const outcome = await held
    if (outcome === 'there' || reader.isSealed) return
    // Late, or this edge stops. An older answer would stay in caches under an address that promises a newer one.
    counters.heldLate += 1
    throw new MimbarError('unavailable', 'The live edge did not come this far; ask again.')
  }

  #requireServed(facts: SpaceFacts): void {
    if (isLongOver(facts, this.#options.clock.wall())) throw goneOf(facts)
  }
}

const notOnAir = () => new MimbarError('unavailable', 'This space is not on air yet; ask again in a moment.')

/** A log that was begun before a track was known has none of it. */
function assertTrack(reader: SpaceReader, track: RenditionTrack): void {
  if (reader.head === undefined || reader.header(track) !== undefined) return
  throw new MimbarError('not-found', `This space has no ${playlistUri(track)}.`)
}

/** The URL alone decides, so that a session keeps what it began with and caches keep one answer for each URL. */
function kindOf({ skip }: DeliveryDirectives, parts: string | null): PlaylistKind {
  if (parts === '0') return 'plain'
  if (parts !== null) throw new MimbarError('bad-request', '`parts` is 0 or not there.')
  return skip ? 'delta' : 'parts'
}

/** Whatever is to come cannot have a version of another log: nobody waits for that. */
function assertGrid(version: string, facts: SpaceFacts): void {
  if (version.startsWith(`${gridVersion(facts.gridStartMs)}.`)) return
  throw new MimbarError('not-found', 'This address belongs to an earlier broadcast.')
}

function playlistResponse(request: Request, printed: PrintedPlaylist, cacheControl: string): Response {
  const gzip = encodingFor(request) !== 'identity'
  return bytesResponse(request, {
    body: gzip ? printed.gzipped : printed.body,
    contentType: HLS_CONTENT_TYPE,
    cacheControl,
    etag: gzip ? printed.gzippedEtag : printed.etag,
    headers: { ...MEDIA_CORS, Vary: 'Accept-Encoding', ...(gzip ? { 'Content-Encoding': 'gzip' } : {}) },
  })
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
