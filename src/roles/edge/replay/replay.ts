// /replay/:space/…: the whole program from the log, byte for byte what was on air. While a recorded space is live it
// is a playlist that grows; afterwards it is the recording, also as a file to download.

import { encodeUtf8 } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { hasCode, MimbarError } from '../../../base/errors.ts'
import type { SpaceId } from '../../../base/ids.ts'
import { type Sequence, sequence, wallTimeOf } from '../../../base/units.ts'
import { segmentOf, segmentSpan } from '../../../core/delivery/segments.ts'
import { type DownloadTrack, PartDownload } from '../../../core/part/download.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { requireShown } from '../../../core/space/withholding.ts'
import type { LogHead, PartLog } from '../../../engine/ports.ts'
import { HLS_CONTENT_TYPE } from '../../../media/hls/playlist.ts'
import { asBody, bytesResponse, CACHE, encodingFor, etagOf, MEDIA_CORS } from '../answers.ts'
import { initResponse, segmentResponse } from '../hls/live-hls.ts'
import { readSegment, type SegmentBytes } from '../hls/segment-bytes.ts'
import { gridVersion } from '../hls/segment-names.ts'
import {
  ENDING_GRACE_MS,
  REPLAY_READS_MAX,
  REPLAY_SPACES_MAX,
  REPLAY_WAITING_MAX,
  SEGMENT_CACHE_ENTRIES_MAX,
} from '../limits.ts'
import type { EdgeCounters } from '../metrics.ts'
import { RecentCache } from '../recent-cache.ts'
import { Turnstile } from '../turnstile.ts'
import { ReplayIndex } from './replay-index.ts'

/** A growing playlist is printed at most once a second. */
const PLAYLIST_KEPT_MS = 1_000
const SEGMENT_KEPT_MS = 600_000

interface PrintedPlaylist {
  readonly body: Uint8Array
  readonly gzipped: Uint8Array
  readonly sealed: boolean
}

export interface ReplayOptions {
  readonly log: PartLog
  readonly counters: EdgeCounters
  readonly clock: Clock
  /** Throws once nobody may hear this space's recording any more. */
  readonly requireStillShown: (space: SpaceId) => void
}

export class Replay {
  readonly #options: ReplayOptions
  readonly #indexes: RecentCache<ReplayIndex>
  readonly #playlists: RecentCache<PrintedPlaylist>
  readonly #segments: RecentCache<SegmentBytes | undefined>
  readonly #heads: RecentCache<LogHead>
  readonly #reads = new Turnstile({
    what: 'The log',
    concurrentMax: REPLAY_READS_MAX,
    waitingMax: REPLAY_WAITING_MAX,
  })

  constructor(options: ReplayOptions) {
    this.#options = options
    const { clock } = options
    const perSpace = { entriesMax: REPLAY_SPACES_MAX, clock }
    this.#indexes = new RecentCache({ ...perSpace, keptMs: Number.POSITIVE_INFINITY })
    this.#playlists = new RecentCache({ ...perSpace, keptMs: PLAYLIST_KEPT_MS })
    this.#heads = new RecentCache({ ...perSpace, keptMs: PLAYLIST_KEPT_MS })
    this.#segments = new RecentCache({
      entriesMax: SEGMENT_CACHE_ENTRIES_MAX,
      keptMs: SEGMENT_KEPT_MS,
      clock,
    })
  }

  /** The whole program. `not-found` before it has begun, `gone` when it was not recorded, `withheld` while it is. */
  async playlist(request: Request, facts: SpaceFacts): Promise<Response> {
    const start = startOf(facts)
    const printed = await this.#playlists.get(keyOf(facts), () => this.#print(facts, start))
    const gzip = encodingFor(request) !== 'identity'
    return bytesResponse(request, {
      body: gzip ? printed.gzipped : printed.body,
      contentType: HLS_CONTENT_TYPE,
      cacheControl: printed.sealed ? CACHE.endedPlaylist : CACHE.livePlaylist,
      etag: etagOf(gzip ? printed.gzipped : printed.body),
      headers: { ...MEDIA_CORS, Vary: 'Accept-Encoding', ...(gzip ? { 'Content-Encoding': 'gzip' } : {}) },
    })
  }

  async init(request: Request, url: URL, facts: SpaceFacts): Promise<Response> {
    startOf(facts)
    const header = (await this.#head(facts)).tracks.find((track) => track.id === 'opus.mp4')
    if (header === undefined) throw new MimbarError('not-found', 'This program has no such track.')
    return initResponse(request, url, facts, header.header)
  }

  /** Segment `number`, the first and last one cut to the program. */
  async segment(request: Request, url: URL, facts: SpaceFacts, number: number): Promise<Response> {
    const start = startOf(facts)
    const span = segmentSpan(number, start, facts.programEnd)
    const missing = () => new MimbarError('not-found', `There is no segment ${number} (yet).`)
    if (number < segmentOf(start) || span.from >= span.to) throw missing()
    const head = await this.#head(facts)
    const isComplete = head.newest !== undefined && head.newest >= span.to - 1
    if (!isComplete && !this.#isSealed(facts, head)) throw missing()
    const segment = await this.#segments.get(`${keyOf(facts)}/${number}`, () =>
      this.#reads.pass(() => readSegment(this.#options.log, facts, span, 'opus.mp4')),
    )
    if (segment === undefined) throw missing()
    this.#options.counters.segments += 1
    return segmentResponse(request, url, facts, number, segment)
  }

  /** The recording as one file, from zero; once the program is over. */
  async download(request: Request, facts: SpaceFacts, track: DownloadTrack): Promise<Response> {
    const start = startOf(facts)
    const end = facts.programEnd
    if (end === undefined)
      throw new MimbarError('conflict', 'The recording is complete when the space has ended.')
    const header = (await this.#head(facts)).tracks.find((header) => header.id === track)
    if (header === undefined) throw new MimbarError('not-found', 'This program has no such track.')
    const headers = {
      ...MEDIA_CORS,
      'Content-Type': header.contentType,
      'Cache-Control': CACHE.unversioned,
      'Content-Disposition': `attachment; filename="${facts.id}${track.slice(track.indexOf('.'))}"`,
    }
    if (request.method === 'HEAD') return new Response(null, { headers })
    const download = new PartDownload({ ...header, id: track }, start)
    const bytes = recordingBytes(this.#options, facts, { start, end }, download, request.signal)
    return new Response(pulledStream(weighed(bytes, this.#options.counters)), { headers })
  }

  async #print(facts: SpaceFacts, start: Sequence): Promise<PrintedPlaylist> {
    const index = await this.#indexes.get(`${keyOf(facts)}/${start}`, () =>
      Promise.resolve(new ReplayIndex(this.#options.log, start)),
    )
    const head = await this.#reads.pass(() => this.#found(index.update(facts)))
    const sealed = this.#isSealed(facts, head)
    const body = encodeUtf8(index.playlist(facts, sealed))
    return { body, gzipped: Bun.gzipSync(asBody(body)), sealed }
  }

  #head(facts: SpaceFacts): Promise<LogHead> {
    return this.#heads.get(keyOf(facts), () => this.#found(this.#options.log.head(facts.id)))
  }

  /** A recorded program whose log is not there was removed. */
  async #found<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      if (hasCode(error, 'not-found'))
        throw new MimbarError('gone', 'The recording was removed.', { cause: error })
      throw error
    }
  }

  /** True once no part of the program can come any more. */
  #isSealed(facts: SpaceFacts, head: LogHead): boolean {
    const end = facts.programEnd
    if (end === undefined) return false
    if (head.ended || (head.newest !== undefined && head.newest >= end - 1)) return true
    return this.#options.clock.wall() > wallTimeOf(end, facts.gridStartMs) + ENDING_GRACE_MS
  }
}

const keyOf = (facts: SpaceFacts): string =>
  `${facts.id}/${gridVersion(facts.gridStartMs)}/${facts.programEnd ?? 'live'}`

/** The program's first sequence; throws what a client should know when there is no replay. */
function startOf(facts: SpaceFacts): Sequence {
  if (facts.programStart === undefined) throw new MimbarError('not-found', 'This space has not begun yet.')
  if (!facts.recorded) throw new MimbarError('gone', 'This space is not recorded.')
  requireShown(facts)
  return facts.programStart
}

/** A body that is made only as fast as it is taken. */
function pulledStream(bytes: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const next = await bytes.next()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await bytes.return(undefined)
    },
  })
}

/** A download is written piece by piece, and each piece is egress when it is pulled. */
async function* weighed(pieces: AsyncGenerator<Uint8Array>, counters: EdgeCounters) {
  for await (const bytes of pieces) {
    counters.answers.bytes += bytes.length
    yield bytes
  }
}

/** The log is read as fast as the client takes the file: a file of hours never stands in memory. */
async function* recordingBytes(
  { log, requireStillShown }: ReplayOptions,
  facts: SpaceFacts,
  program: { readonly start: Sequence; readonly end: Sequence },
  download: PartDownload,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield download.header
  for await (const part of log.read(facts.id, program.start, sequence(program.end), signal)) {
    // Taken back halfway, it ends as an error, so that nobody takes what they have for the whole.
    requireStillShown(facts.id)
    for (const bytes of download.push(part)) yield bytes
  }
  for (const bytes of download.finish()) yield bytes
}
