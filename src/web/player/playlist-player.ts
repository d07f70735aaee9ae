// A playlist on the same <audio> element: the replay everywhere, and the live program where pushing does not work.
// The browser follows it itself (iOS), or hls.js does, loaded only then.

import type Hls from 'hls.js'
import type { Fragment, HlsConfig } from 'hls.js'
import { type BackoffOptions, backoffDelay } from '../../base/backoff.ts'
import type { Place } from '../../core/door/waiting.ts'
import { LineWatch, placeIn, retryAfterOf } from './line-watch.ts'
import { type Playback, type PlaybackListener, type PlaybackState, playElement } from './playback.ts'
import { streamQuery } from './resume.ts'
import { eventsOfId3 } from './stream-parser.ts'
import { Timeline } from './timeline.ts'

/** Where the bundler put hls.js. */
declare const MIMBAR_HLS_PATH: string

const TICK_MS = 200
/** A fatal error is met with a new load this often; then it has failed. */
const RECOVERIES_MAX = 6
const RECOVERY_WAIT_MS = 1_500
/** A live playlist that cannot be had is asked for again, for as long as the page is open. */
const ABSENT: BackoffOptions = { firstMs: 1_000, factor: 1.6, maxMs: 10_000 }
const ANSWER_WITHIN_MS = 8_000
/** Further from the live edge than this is behind. */
const LIVE_DISTANCE_MS = 10_000

export interface PlaylistPlayerOptions {
  readonly audio: HTMLAudioElement
  /** `/live/:space/index.m3u8` or `/replay/:space/index.m3u8` */
  readonly url: string
  readonly live: boolean
  /** The browser itself, or hls.js. */
  readonly native: boolean
  /** Where a replay begins; 0 by default. */
  readonly startSeconds?: number
  readonly listener: PlaybackListener
  /** A place in the line, or the way back in, from before. */
  readonly ticket?: string | undefined
  /** Keep this for {@link PlaylistPlayerOptions.ticket}. */
  readonly keepTicket: (ticket: string) => void
}

/** Plays a playlist from its first `play()` to `stop()`. */
export class PlaylistPlayer implements Playback {
  readonly #options: PlaylistPlayerOptions
  readonly #timeline = new Timeline()
  readonly #stopped = new AbortController()
  #hls: Hls | undefined
  #opened = false
  #ticker: ReturnType<typeof setInterval> | undefined
  #refused = false
  #failed = false
  #waiting = true
  #pausedByUs = false
  #recoveries = 0
  #ticket: string | undefined
  #line: LineWatch | undefined
  /** What a live playlist that cannot be had lacks, and how often in a row it could not be had. */
  #absence: { readonly state: PlaybackState; readonly times: number } | undefined

  constructor(options: PlaylistPlayerOptions) {
    this.#options = options
    this.#ticket = options.ticket
    const { audio } = options
    const { signal } = this.#stopped
    audio.addEventListener('playing', () => this.#set({ waiting: false }), { signal })
    audio.addEventListener('waiting', () => this.#set({ waiting: true }), { signal })
    audio.addEventListener('ended', () => this.#tick(), { signal })
    audio.addEventListener('seeking', () => this.#tick(), { signal })
    if (options.native) audio.addEventListener('error', () => this.#recover(), { signal })
  }

  play(): void {
    const { audio } = this.#options
    if (this.#stopped.signal.aborted) return
    this.#refused = false
    this.#pausedByUs = false
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS)
    if (!this.#opened) this.#open()
    void playElement(audio, () => {
      this.#refused = true
      this.#tick()
    })
    this.#tick()
  }

  pause(): void {
    this.#pausedByUs = true
    this.#options.audio.pause()
    this.#tick()
  }

  backToLive(): void {
    const { audio, live } = this.#options
    if (!live) return
    const edge = this.#hls?.liveSyncPosition ?? endOf(audio.seekable)
    if (edge !== undefined && edge !== null) audio.currentTime = edge
    this.play()
  }

  stop(): void {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort()
    clearInterval(this.#ticker)
    this.#line?.stop()
    this.#hls?.destroy()
    this.#options.audio.playbackRate = 1
  }

  #open(): void {
    this.#opened = true
    const { native, audio, startSeconds = 0 } = this.#options
    if (native) {
      audio.src = this.#url
      // Before the element knows its media this is where it will begin (HTML, default playback start position).
      if (startSeconds > 0) audio.currentTime = startSeconds
    } else void this.#openWithLibrary()
  }

  async #openWithLibrary(): Promise<void> {
    const { audio, live, startSeconds = 0 } = this.#options
    try {
      const library: { default: typeof Hls } = await import(MIMBAR_HLS_PATH)
      if (this.#stopped.signal.aborted) return
      const hls = new library.default(settingsFor(live))
      this.#hls = hls
      const { Events } = library.default
      hls.on(Events.FRAG_PARSING_METADATA, (_, { samples }) => {
        for (const sample of samples) this.#timeline.add(sample.pts, eventsOfId3(sample.data))
      })
      hls.on(Events.ERROR, (_, error) => {
        if (error.fatal) this.#recover()
      })
      if (!live) {
        hls.once(Events.LEVEL_LOADED, (_, { details }) => {
          hls.startLoad(firstHeard(details.fragments, startSeconds))
        })
      }
      hls.on(Events.MEDIA_ATTACHED, () => void playElement(audio, () => this.#set({ refused: true })))
      hls.loadSource(this.#url)
      hls.attachMedia(audio)
    } catch {
      // The asset did not load: without it this browser has no way to play the playlist.
      this.#failed = true
      this.#tick()
    }
  }

  /** Plain until there is a ticket: the same for everyone, as far as caches go. */
  get #url(): string {
    const isPlain = !this.#options.live || this.#ticket === undefined
    return isPlain ? this.#options.url : this.#askedUrl
  }

  /** What the page asks itself, which keeps what it is given. */
  get #askedUrl(): string {
    return this.#options.url + streamQuery(undefined, this.#ticket)
  }

  /** A player of playlists doesn't say what the server answered: the page asks itself, and knows what to do. */
  #recover(): void {
    if (this.#options.live && !this.#pausedByUs) void this.#askWhy()
    else this.#loadAgain()
  }

  async #askWhy(): Promise<void> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)])
    const answer = await fetch(this.#askedUrl, { signal, cache: 'no-store' }).catch(() => undefined)
    if (this.#stopped.signal.aborted) return
    const retryAfterMs = answer && retryAfterOf(answer)
    const place = answer && (await placeIn(answer))
    if (place !== undefined) this.#lineUp(place, retryAfterMs)
    else if (answer?.ok) this.#comeIn()
    else if (this.#line !== undefined) this.#line.tell({ kind: 'not-shown', retryAfterMs })
    else this.#comeAgain(answer, retryAfterMs)
    this.#tick()
  }

  #lineUp(place: Place, retryAfterMs: number | undefined): void {
    this.#ticket = place.ticket
    this.#options.keepTicket(place.ticket)
    this.#absence = undefined
    this.#line ??= new LineWatch({
      url: this.#options.url,
      now: () => performance.now(),
      random: Math.random,
      fetch: (url, init) => fetch(url, init),
      show: () => void this.#askWhy(),
    })
    this.#line.tell({ kind: 'placed', place, retryAfterMs })
  }

  /** The playlist is there: after a wait it is loaded at once, otherwise what was wrong is in the playing of it. */
  #comeIn(): void {
    const hasWaited = this.#line !== undefined || this.#absence !== undefined
    this.#line?.stop()
    this.#line = undefined
    this.#absence = undefined
    if (hasWaited) this.#reload(0)
    else this.#loadAgain()
  }

  #comeAgain(answer: Response | undefined, retryAfterMs = 0): void {
    const times = this.#absence?.times ?? 0
    if (answer?.status === 410) {
      this.#absence = { state: 'over', times }
      return
    }
    const isNotYet = answer?.status === 404 || answer?.status === 425
    this.#absence = { state: isNotYet ? 'not-yet' : answer ? 'busy' : 'lost', times: times + 1 }
    const told = retryAfterMs * (1 + 0.25 * Math.random())
    const wait = Math.max(told, backoffDelay(times, Math.random(), ABSENT))
    setTimeout(() => {
      if (!this.#stopped.signal.aborted) void this.#askWhy()
    }, wait)
  }

  #loadAgain(): void {
    this.#recoveries += 1
    if (this.#recoveries > RECOVERIES_MAX) {
      this.#failed = true
      this.#tick()
      return
    }
    const at = this.#options.audio.currentTime
    setTimeout(() => this.#reload(at), RECOVERY_WAIT_MS * (0.5 + Math.random()))
  }

  #reload(at: number): void {
    if (this.#stopped.signal.aborted) return
    const { audio, live } = this.#options
    this.#hls?.destroy()
    this.#hls = undefined
    this.#open()
    if (!live) audio.currentTime = at
    if (!this.#pausedByUs) this.play()
  }

  #set(change: { waiting?: boolean; refused?: boolean }): void {
    this.#waiting = change.waiting ?? this.#waiting
    this.#refused = change.refused ?? this.#refused
    if (change.waiting === false) this.#recoveries = 0
    this.#tick()
  }

  #tick(): void {
    if (this.#stopped.signal.aborted) return
    const { audio, listener } = this.#options
    const events = this.#timeline.advance(audio.currentTime)
    if (events.length > 0) listener.events(events)
    const distanceMs = this.#distanceMs()
    listener.changed({
      state: this.#state(),
      ...(distanceMs === undefined ? {} : { latencyMs: Math.round(distanceMs) }),
      behindMs: distanceMs === undefined || distanceMs < LIVE_DISTANCE_MS ? 0 : Math.round(distanceMs),
      reconnects: this.#recoveries,
      stalls: 0,
      ...(this.#line === undefined ? {} : { outlook: this.#line.outlook, needsTap: this.#refused }),
    })
  }

  #state(): PlaybackState {
    const { audio, live } = this.#options
    if (this.#failed) return 'failed'
    if (audio.ended) return 'over'
    if (this.#line !== undefined) return 'waiting'
    if (this.#refused) return 'refused'
    if (this.#absence !== undefined) return this.#absence.state
    if (this.#recoveries > 0) return live && audio.currentTime === 0 ? 'not-yet' : 'lost'
    if (audio.paused && (this.#pausedByUs || audio.currentTime > 0)) return 'paused'
    if (audio.currentTime === 0) return 'connecting'
    return this.#waiting ? 'stalled' : 'playing'
  }

  #distanceMs(): number | undefined {
    const { audio, live } = this.#options
    if (!live) return undefined
    if (this.#hls !== undefined) return this.#hls.latency > 0 ? this.#hls.latency * 1000 : undefined
    const end = endOf(audio.seekable)
    return end === undefined ? undefined : Math.max(0, (end - audio.currentTime) * 1000)
  }
}

/**
 * Workers come from blobs, which the page's policy does not let run; parsing audio is no work anyway. Cues would
 * come from a `data:` track, which it does not load either: events are taken as they are parsed.
 */
function settingsFor(live: boolean): Partial<HlsConfig> {
  return {
    enableWorker: false,
    enableID3MetadataCues: false,
    enableEmsgMetadataCues: false,
    enableDateRangeMetadataCues: false,
    backBufferLength: 30,
    // How far behind the live edge, the playlist says: 1.6 s where it lists parts, three segments where it does not.
    ...(live ? { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.05 } : { autoStartLoad: false }),
  }
}

/**
 * Where to begin, in seconds: `wanted`, or after it where a segment is declared missing (RFC 8216bis, EXT-X-GAP), which
 * the library would ask for again and again.
 */
function firstHeard(segments: readonly Fragment[], wanted: number): number {
  const first = segments.find(({ end, gap }) => end > wanted && gap !== true)
  return Math.max(wanted, first?.start ?? wanted)
}

function endOf(ranges: TimeRanges): number | undefined {
  return ranges.length === 0 ? undefined : ranges.end(ranges.length - 1)
}
