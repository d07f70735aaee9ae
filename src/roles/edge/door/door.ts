// Which address is answered by whom. Reading only: everything here answers GET and HEAD, and media also OPTIONS for
// pages of other origins; what changes something is the studio door's. What comes the other way are a page's report of
// how listening went, or of a problem, and reactions, which are all added up, and raised hands.

import { hasCode, MimbarError } from '../../../base/errors.ts'
import { parseSpaceId } from '../../../base/ids.ts'
import { doorWords } from '../../../core/page/door-words.ts'
import { REHEARSAL_PATH } from '../../../core/rehearsal/proof.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { Shed } from '../admission/door-counters.ts'
import { CACHE, MEDIA_CORS, methodRefused, problemResponse } from '../answers.ts'
import { COUNT_PAGE_PATH } from '../count/audience-table.ts'
import type { CountDoor } from '../count/count-door.ts'
import { visitorOf } from '../count/edge-audience.ts'
import type { ProblemDoor } from '../count/problem-door.ts'
import type { HandDoor } from '../hands/hand-door.ts'
import type { LiveHls } from '../hls/live-hls.ts'
import { type HlsObject, parseHlsPath } from '../hls/renditions.ts'
import { parseSegmentFile } from '../hls/segment-names.ts'
import { ANSWER_HEAD_BYTES, TARGET_CHARACTERS_MAX } from '../limits.ts'
import { playerKeyOf } from '../player-key.ts'
import type { ReactionDoor } from '../reactions/reaction-door.ts'
import type { Replay } from '../replay/replay.ts'
import type { SpaceBook } from '../space-book.ts'
import { type LiveStreamOptions, liveStream, type StreamConnection } from '../stream/live-stream.ts'
import type { AnnouncementDoor } from './announcement-door.ts'
import type { ControlProxy } from './control-proxy.ts'
import type { PageDoor } from './page-door.ts'
import type { RehearsalGate } from './rehearsal-gate.ts'

export interface DoorOptions {
  readonly book: SpaceBook
  readonly pages: PageDoor
  readonly announcements: AnnouncementDoor
  readonly stream: LiveStreamOptions
  readonly rehearsals: RehearsalGate
  readonly hls: LiveHls
  readonly replay: Replay
  readonly proxy: ControlProxy
  readonly hands: HandDoor
  readonly count: CountDoor
  readonly problems: ProblemDoor
  readonly reactions: ReactionDoor
  readonly studioUrl: string
  /** True while a listener who comes now could be served. */
  readonly isReady: () => Promise<boolean>
  readonly metrics: () => Response
  /** Throws `unavailable` while listeners need what this would cost. */
  readonly shed: (what: Shed) => void
  /** A bug met while answering; the answer says nothing of it. */
  readonly onBug: (error: unknown, path: string) => void
}

/** What the door must know of the connection. */
export interface Connection extends StreamConnection {
  readonly address: string
}

type Answer = Response | Promise<Response>

/** A request with its address taken apart. */
interface Visit {
  readonly request: Request
  readonly url: URL
  /** Path segments, without the empty one before the first slash. */
  readonly path: readonly string[]
  readonly connection: Connection
}

export class Door {
  readonly #options: DoorOptions

  constructor(options: DoorOptions) {
    this.#options = options
  }

  /** Answers any request; never throws. */
  async answer(request: Request, connection: Connection): Promise<Response> {
    let visit: Visit | undefined
    try {
      // A request of HTTP/1.0 may come without a host, and its address is then a path alone.
      const url = new URL(request.url, 'http://localhost')
      if (url.pathname.length + url.search.length > TARGET_CHARACTERS_MAX) {
        throw new MimbarError('bad-request', `An address has at most ${TARGET_CHARACTERS_MAX} characters.`)
      }
      visit = { request, url, path: url.pathname.slice(1).split('/'), connection }
      return this.#counted(this.#refusedMethod(visit) ?? (await this.#route(visit)))
    } catch (error) {
      if (!(error instanceof MimbarError)) this.#options.onBug(error, visit?.url.pathname ?? '')
      return this.#problem(error, visit, request)
    }
  }

  /** A stream has no length, and counts by what it writes. */
  #counted(response: Response): Response {
    const { answers } = this.#options.stream.counters
    answers.count += 1
    answers.bytes += ANSWER_HEAD_BYTES + Number(response.headers.get('Content-Length') ?? 0)
    return response
  }

  #isInvited({ request, path }: Visit): boolean {
    const { rehearsals } = this.#options
    return path[0] === 'live' && rehearsals.isRehearsed(request, this.#space(path[1]))
  }

  #refusedMethod({ request, path }: Visit): Response | undefined {
    const { method } = request
    if (method === 'GET' || method === 'HEAD') return undefined
    if (isAboutHands(path)) return undefined
    const isMedia = path[0] === 'live' || path[0] === 'replay'
    if (method === 'POST' && isTold(path)) return undefined
    if (isMedia && method === 'OPTIONS') return preflight()
    if (isMedia) return methodRefused('GET, HEAD, OPTIONS', 'Media can only be read.')
    const detail =
      path[0] === 'api'
        ? `This door only reads. Calls that change something go to the studio door: ${this.#options.studioUrl}`
        : 'This address can only be read.'
    return methodRefused('GET, HEAD', detail)
  }

  #route(visit: Visit): Answer {
    const { path, request } = visit
    this.#options.stream.addresses.pass(visit.connection.address, () => this.#isInvited(visit))
    const [first, second, third] = path
    switch (first) {
      case '':
        return this.#options.pages.home(request)
      case 's':
        if (path.length === 2) return this.#options.pages.listen(request, this.#space(second))
        if (path.length === 3 || (path.length === 4 && third === 'picture')) {
          return this.#besideListening(visit, third)
        }
        throw noSuchAddress()
      case 'assets':
        return this.#options.pages.asset(request, visit.url.pathname) ?? fail(noSuchAddress())
      case 'live':
        return this.#live(visit)
      case 'replay':
        this.#options.shed('replay')
        return this.#replay(visit)
      case 'about':
        if (visit.url.pathname === COUNT_PAGE_PATH) return this.#options.pages.count(request)
        throw noSuchAddress()
      case 'api':
        if (second !== 'v1' || path.length < 3) throw noSuchAddress()
        if (path.length > 4) this.#options.shed('api')
        if (isAboutHands(path)) {
          const facts = this.#space(path[3])
          return this.#options.hands.answer(request, facts, path[5], visit.connection.address)
        }
        if (path.length === 5 && third === 'spaces' && path[4] === 'audience.csv') {
          return this.#options.count.table(request, visit.url, this.#space(path[3]))
        }
        return this.#options.proxy.pass(request, visit.url, visit.connection.address)
      default:
        return this.#operations(visit)
    }
  }

  /** What has an address below the listening page's. */
  #besideListening({ request, path, connection }: Visit, what: string | undefined): Answer {
    const { pages, announcements, shed } = this.#options
    switch (what) {
      case 'stage':
        return pages.stage(this.#space(path[1]))
      case 'calendar.ics':
        return announcements.calendar(request, this.#space(path[1]))
      case 'card.png':
        shed('api')
        return announcements.card(request, this.#space(path[1]), connection.address)
      case 'picture':
        shed('api')
        return announcements.picture(request, this.#space(path[1]), path[3], connection.address)
      default:
        throw noSuchAddress()
    }
  }

  #live(visit: Visit): Answer {
    const { request, url, path, connection } = visit
    const { stream, count } = this.#options
    const [, space, file = ''] = path
    const facts = this.#space(space)
    const asked = parseHlsPath(path.slice(2))
    if (asked !== undefined) return this.#hls(visit, facts, asked)
    if (path.length !== 3) throw noSuchAddress()
    switch (file) {
      case 'opus.mp4':
      case 'opus.ogg':
      case 'low.mp4':
        return count.stream(facts, visitorOf(request, connection.address), () =>
          liveStream(request, url, facts, file, stream, connection),
        )
      case 'line':
        return stream.admission.lineAnswer(request)
      case 'report':
        if (request.method !== 'POST')
          return methodRefused('POST', 'Pages report here; there is nothing to read.')
        return count.report(request, facts, connection.address)
      case 'problem':
        if (request.method !== 'POST')
          return methodRefused('POST', 'Pages report here; there is nothing to read.')
        return this.#options.problems.take(request, facts, connection.address)
      case 'reactions':
        return this.#options.reactions.take(request, url, facts, connection.address)
      default:
        throw noSuchAddress()
    }
  }

  /**
   * A player that polls takes a slot like everyone, and is asked for it where a session begins: at the Multivariant
   * Playlist. Who has a Media Playlist is never turned away from it.
   */
  async #hls(visit: Visit, facts: SpaceFacts, asked: HlsObject): Promise<Response> {
    const { request, url, connection } = visit
    const { hls, stream, count } = this.#options
    const visitor = visitorOf(request, connection.address)
    const player = playerKeyOf(request, connection.address)
    // Who is nobody (synthetic, or only looking) is not counted among those who poll.
    const poller = visitor === undefined ? '' : player
    const answer = () => hls.answer(request, url, facts, asked, poller)
    if (asked.kind === 'segment' || asked.kind === 'partial') return count.media(facts, visitor, answer())
    const isBeginning = asked.kind === 'multivariant' && !hls.isPolling(facts, poller)
    if (!isBeginning || facts.phase === 'ended') return answer()
    const enter = () => stream.admission.admit(url, facts, player)
    const place = () => stream.admission.placeFor(url, facts, player)
    const admitted = stream.addresses.admit(connection.address, enter, place)
    try {
      return await answer()
    } finally {
      // From here on the poller itself is counted, while it polls.
      admitted.left()
    }
  }

  #replay({ request, url, path, connection }: Visit): Answer {
    const { replay, count } = this.#options
    const [, space, file = '', segment] = path
    const facts = this.#space(space)
    if (path.length === 4 && file === 'seg') {
      const visitor = visitorOf(request, connection.address)
      return count.replay(
        facts,
        visitor,
        replay.segment(request, url, facts, parseSegmentFile(segment ?? '')),
      )
    }
    if (path.length !== 3) throw noSuchAddress()
    switch (file) {
      case 'index.m3u8':
        return replay.playlist(request, facts)
      case 'init.mp4':
        return replay.init(request, url, facts)
      case 'recording.mp4':
        return replay.download(request, facts, 'opus.mp4')
      case 'recording.ogg':
        return replay.download(request, facts, 'opus.ogg')
      default:
        throw noSuchAddress()
    }
  }

  async #operations({ request, url }: Visit): Promise<Response> {
    switch (url.pathname) {
      case REHEARSAL_PATH:
        return this.#options.rehearsals.meet(request, url)
      case '/healthz':
        return plainText('ok\n')
      case '/readyz':
        if (await this.#options.isReady()) return plainText('ready\n')
        throw new MimbarError('unavailable', 'A listener could not be served right now.')
      case '/metrics':
        return this.#options.metrics()
      default:
        throw noSuchAddress()
    }
  }

  #space(text: string | undefined): SpaceFacts {
    return this.#options.book.get(parseSpaceId(text))
  }

  #problem(error: unknown, visit: Visit | undefined, request: Request): Response {
    const first = visit?.path[0]
    if (first === 'live' || first === 'replay') {
      const isMissing = hasCode(error, 'not-found')
      return problemResponse(
        error,
        isMissing ? { ...MEDIA_CORS, 'Cache-Control': CACHE.missing } : MEDIA_CORS,
      )
    }
    const { pages } = this.#options
    const isForPeople = first !== 'api' && (request.headers.get('Accept') ?? '').includes('text/html')
    if (!isForPeople) return problemResponse(error)
    if (hasCode(error, 'not-found') || hasCode(error, 'bad-request')) {
      const what = first === 's' ? doorWords.noSuchSpace : doorWords.nothingHere
      return pages.absent(request, 404, what, doorWords.mistyped)
    }
    const status = problemResponse(error).status
    return pages.absent(request, status, doorWords.notNow, doorWords.notNowSentence)
  }
}

/** What a page tells of one space. */
function isTold([first, , what, ...rest]: readonly string[]): boolean {
  return first === 'live' && rest.length === 0 && ['report', 'problem', 'reactions'].includes(what ?? '')
}

/** `/api/v1/spaces/:space/hands`, and one of them. */
function isAboutHands(path: readonly string[]): boolean {
  const [api, version, spaces, , hands] = path
  const isBelow = api === 'api' && version === 'v1' && spaces === 'spaces' && hands === 'hands'
  return isBelow && path.length <= 6
}

/** CORS preflight (Fetch standard): players send Range and conditional headers. */
function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...MEDIA_CORS,
      'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Headers': 'Range, If-None-Match, Cache-Control',
      'Access-Control-Max-Age': '86400',
      Allow: 'GET, HEAD, OPTIONS',
    },
  })
}

function plainText(text: string): Response {
  return new Response(text, {
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': CACHE.never },
  })
}

const noSuchAddress = () => new MimbarError('not-found', 'There is nothing at this address.')

function fail(error: MimbarError): never {
  throw error
}
