// A synthetic listener who polls: reloads the playlist as a player of HLS does (blocking, where the server offers it),
// and fetches each Partial Segment, or each segment, as soon as it is listed. Their bytes are those of the pushed
// stream, so every part is checked in the same way.
//
//     away ─arrive→ playlist ⇄ media, one after the other ─leave→ away
//                      └── a place: waits for Retry-After, and comes again by the same connection

import { PART_MS, type Sequence } from '../../base/units.ts'
import { SERVED_WITHIN_MS } from '../../core/rehearsal/tally.ts'
import { attributesOf, type ParsedPlaylist, parsePlaylist, tagValue } from '../../media/hls/parse.ts'
import { type Answer, Asker } from './asker.ts'
import { BoxFollower } from './box-follower.ts'
import type { SwarmMember } from './swarm-member.ts'
import type { SwarmScope } from './swarm-scope.ts'

const NOWHERE = -1
/** RFC 8216bis, section 6.3.4: half the target duration, where the server cannot hold a reload. */
const RELOAD_MS = 1_000
/** No sound for longer than this, and a player's buffer has run dry: the hold-back of section 4.4.3.8 and some. */
const DRY_MS = 8_000
/** Newer media than this many back is all that a player could want. */
const MEDIA_LISTED_MAX = 200

/** Something to fetch: a Partial Segment, or a segment where there are none. */
interface Media {
  readonly uri: string
  readonly isGap: boolean
  /** Its place among all media that the playlist ever lists: later is greater. */
  readonly order: number
}

export class HlsListener implements SwarmMember {
  readonly #scope: SwarmScope
  #asker: Asker | undefined
  #asked: 'playlist' | 'media' | undefined
  #playlistPath: string
  #directives = ''
  #queue: Media[] = []
  /** The last media that was queued. */
  #queuedOrder = NOWHERE
  #next = NOWHERE
  #isAway = true
  #isVanished = false
  #arrivedAtMs: number | undefined
  #isPlaced = false
  #isLate = false
  #tookAtMs = 0
  #askAtMs: number | undefined
  #attempt = 0
  #isAfterGap = false

  constructor(scope: SwarmScope) {
    this.#scope = scope
    this.#playlistPath = this.#firstPlaylist()
  }

  get wants(): boolean {
    return !this.#isAway && !this.#isVanished
  }
  get isArriving(): boolean {
    return this.wants && this.#arrivedAtMs !== undefined && !this.#isLate && !this.#isPlaced
  }
  get isWaiting(): boolean {
    return this.wants && this.#isPlaced
  }

  isHearing(now: number): boolean {
    return this.wants && this.#next !== NOWHERE && now - this.#tookAtMs < DRY_MS
  }

  isDeaf(now: number): boolean {
    if (!this.wants || this.#isPlaced) return false
    const sinceMs = this.#arrivedAtMs ?? this.#tookAtMs
    return now - sinceMs > (this.#arrivedAtMs === undefined ? DRY_MS : SERVED_WITHIN_MS)
  }

  owedParts(newest: number): number {
    if (!this.wants || this.#arrivedAtMs !== undefined) return 0
    return Math.max(0, newest + 1 - this.#next - DRY_MS / PART_MS)
  }

  arrive(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#isLate = false
    this.#isPlaced = false
    this.#attempt = 0
    this.#queue = []
    this.#queuedOrder = NOWHERE
    this.#next = NOWHERE
    this.#directives = ''
    this.#playlistPath = this.#firstPlaylist()
    this.#arrivedAtMs = this.#scope.now()
    this.#scope.tally.arrivals += 1
    this.#scope.tally.connects += 1
    this.#asker = new Asker(this.#scope, (answer) => this.#answered(answer))
    this.#go()
  }

  leave(): void {
    this.#scope.tally.left += 1
    this.stop()
  }

  /** Asks no more; who polls needs no more than that to be gone. */
  vanish(): void {
    this.#scope.tally.vanished += 1
    this.#isVanished = true
    this.#askAtMs = undefined
    this.#asker?.close()
  }

  stop(): void {
    this.#isAway = true
    this.#isPlaced = false
    this.#arrivedAtMs = undefined
    this.#askAtMs = undefined
    this.#asker?.close()
    this.#asker = undefined
  }

  sweep(now: number): void {
    if (!this.wants) return
    this.#asker?.sweep(now)
    const isUnanswered = this.#arrivedAtMs !== undefined && !this.#isPlaced
    if (isUnanswered && now - (this.#arrivedAtMs as number) > SERVED_WITHIN_MS) this.#countLate()
    if (this.#askAtMs !== undefined && now >= this.#askAtMs) this.#go()
  }

  /** Fetches what is listed, or else looks for more. */
  #go(): void {
    this.#askAtMs = undefined
    const media = this.#queue[0]
    this.#asked = media === undefined ? 'playlist' : 'media'
    this.#asker?.ask(media?.uri ?? `${this.#playlistPath}${this.#directives}`)
  }

  #answered(answer: Answer | undefined): void {
    if (!this.wants) return
    if (answer?.status === 200) {
      this.#attempt = 0
      if (this.#asked === 'playlist') this.#takePlaylist(answer.body.toString())
      else this.#takeMedia(answer.body)
      return
    }
    this.#refused(answer)
  }

  #refused(answer: Answer | undefined): void {
    const { tally } = this.#scope
    if (answer === undefined) tally.connectFailures += 1
    else if (answer.status === 503 || answer.status === 429) tally.turnedAway += 1
    else if (answer.status === 410) {
      tally.ended += 1
      this.stop()
      return
    } else tally.refused += 1
    if (answer?.body.includes('"place"') === true) this.#place()
    // What could not be fetched is gone by the time that it is asked for again: look what is listed instead.
    this.#queue = []
    this.#askAtMs = this.#scope.now() + this.#scope.retryDelayMs(this.#attempt, answer?.retryAfterS)
    this.#attempt += 1
  }

  #place(): void {
    if (this.#arrivedAtMs === undefined || this.#isPlaced) return
    this.#isPlaced = true
    this.#scope.tally.placed += 1
    this.#scope.durations.answered.record(this.#scope.now() - this.#arrivedAtMs)
  }

  #takePlaylist(text: string): void {
    const variant = /#EXT-X-STREAM-INF[^\n]*\n([^#\n][^\n]*)/.exec(text)?.[1]?.trim()
    if (variant !== undefined) {
      this.#playlistPath = this.#resolve(variant)
      this.#go()
      return
    }
    this.#scope.tally.playlists += 1
    const playlist = parsePlaylist(text)
    const media = mediaOf(playlist, (uri) => this.#resolve(uri))
    // A player that comes begins near the end, at the start of something.
    const from =
      this.#queuedOrder === NOWHERE ? media.slice(-3) : media.filter(({ order }) => order > this.#queuedOrder)
    this.#queue.push(...from)
    this.#queuedOrder = from.at(-1)?.order ?? this.#queuedOrder
    this.#directives = reloadDirectives(playlist)
    if (this.#queue.length > 0 || this.#directives !== '') this.#fetchNext()
    else this.#askAtMs = this.#scope.now() + RELOAD_MS
  }

  /** What is declared a gap is not fetched. */
  #fetchNext(): void {
    while (this.#queue[0]?.isGap === true) {
      this.#queue.shift()
      this.#isAfterGap = true
    }
    this.#go()
  }

  #takeMedia(body: Buffer): void {
    this.#queue.shift()
    const follower = new BoxFollower()
    try {
      follower.push(body, 0, body.length, {
        part: (at, checksum) => this.#takePart(at, checksum),
        note: () => {},
      })
    } catch {
      this.#scope.tally.broken += 1
    }
    this.#fetchNext()
  }

  #takePart(at: Sequence, checksum: number): void {
    const { tally, ledger } = this.#scope
    tally.parts += 1
    if (!ledger.agrees(at, checksum)) tally.different += 1
    if (this.#next !== NOWHERE && at > this.#next && !this.#isAfterGap) {
      tally.gaps += 1
      tally.gapParts += at - this.#next
      ledger.jumped({ from: this.#next, to: at, listeners: 1 })
    }
    this.#isAfterGap = false
    this.#next = at + 1
    this.#tookAtMs = this.#scope.now()
    if (this.#arrivedAtMs !== undefined) this.#served(this.#tookAtMs - this.#arrivedAtMs)
  }

  #served(tookMs: number): void {
    const { tally, durations } = this.#scope
    tally.served += 1
    if (this.#isPlaced) durations.waited.record(tookMs)
    else {
      durations.firstAudio.record(tookMs)
      durations.answered.record(tookMs)
      if (tookMs > SERVED_WITHIN_MS) this.#countLate()
    }
    this.#arrivedAtMs = undefined
    this.#isPlaced = false
  }

  #countLate(): void {
    if (this.#isLate) return
    this.#isLate = true
    this.#scope.tally.late += 1
  }

  #firstPlaylist(): string {
    return `/live/${this.#scope.plan.target.space}/index.m3u8`
  }

  #resolve(uri: string): string {
    const { pathname, search } = new URL(uri, `http://playlist${this.#playlistPath}`)
    return pathname + search
  }
}

/** Everything listed, in order: Partial Segments where a segment lists them, and else the segment. */
function mediaOf({ segments, open }: ParsedPlaylist, resolve: (uri: string) => string): readonly Media[] {
  const media: Media[] = []
  const add = (segment: number, tags: ParsedPlaylist['open'], whole: string | undefined) => {
    const isGap = tags.some(({ name }) => name === 'EXT-X-GAP')
    const parts = tags.filter(({ name }) => name === 'EXT-X-PART')
    for (const [i, { value }] of parts.entries()) {
      const attributes = attributesOf(value)
      const uri = attributes.get('URI')?.replaceAll('"', '')
      const order = segment * ORDERS_PER_SEGMENT + i
      if (uri !== undefined) media.push({ uri: resolve(uri), isGap: attributes.get('GAP') === 'YES', order })
    }
    const order = segment * ORDERS_PER_SEGMENT + ORDERS_PER_SEGMENT - 1
    if (parts.length === 0 && whole !== undefined) media.push({ uri: resolve(whole), isGap, order })
  }
  for (const { number, tags, uri } of segments) add(number, tags, uri)
  add((segments.at(-1)?.number ?? NOWHERE) + 1, open, undefined)
  return media.slice(-MEDIA_LISTED_MAX)
}

/** More Partial Segments than a segment of ours has. */
const ORDERS_PER_SEGMENT = 32

/** `?_HLS_msn=…&_HLS_part=…` for what comes next, where the server holds reloads (section 6.2.5.2). */
function reloadDirectives(playlist: ParsedPlaylist): string {
  const control = attributesOf(tagValue(playlist.tags, 'EXT-X-SERVER-CONTROL') ?? '')
  if (control.get('CAN-BLOCK-RELOAD') !== 'YES') return ''
  const msn = (playlist.segments.at(-1)?.number ?? NOWHERE) + 1
  const hasParts = tagValue(playlist.tags, 'EXT-X-PART-INF') !== undefined
  const part = playlist.open.filter(({ name }) => name === 'EXT-X-PART').length
  return `?_HLS_msn=${msn}${hasParts ? `&_HLS_part=${part}` : ''}`
}
