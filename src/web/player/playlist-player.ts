// A playlist on the same <audio> element: the replay everywhere, and the live program where pushing does not work.
// The browser follows it itself (iOS), or hls.js does, loaded only then.

import type Hls from 'hls.js'
import type { HlsConfig } from 'hls.js'
import { type Playback, type PlaybackListener, type PlaybackState, playElement } from './playback.ts'
import { eventsOfId3 } from './stream-parser.ts'
import { Timeline } from './timeline.ts'

/** Where the bundler put hls.js. */
declare const MIMBAR_HLS_PATH: string

const TICK_MS = 200
/** A fatal error is met with a new load this often; then it has failed. */
const RECOVERIES_MAX = 6
const RECOVERY_WAIT_MS = 1_500
/** Further from the live edge than this is behind. */
const LIVE_DISTANCE_MS = 10_000

export interface PlaylistPlayerOptions {
  readonly audio: HTMLAudioElement
  /** `/live/:space/index.m3u8` or `/replay/:space/index.m3u8` */
  readonly url: string
  readonly live: boolean
  /** The browser itself, or hls.js. */
  readonly native: boolean
  readonly listener: PlaybackListener
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

  constructor(options: PlaylistPlayerOptions) {
    this.#options = options
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
    this.#hls?.destroy()
    this.#options.audio.playbackRate = 1
  }

  #open(): void {
    this.#opened = true
    if (this.#options.native) this.#options.audio.src = this.#options.url
    else void this.#openWithLibrary()
  }

  async #openWithLibrary(): Promise<void> {
    const { audio, url, live } = this.#options
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
      hls.on(Events.MEDIA_ATTACHED, () => void playElement(audio, () => this.#set({ refused: true })))
      hls.loadSource(url)
      hls.attachMedia(audio)
    } catch {
      // The asset did not load: without it this browser has no way to play the playlist.
      this.#failed = true
      this.#tick()
    }
  }

  #recover(): void {
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
    })
  }

  #state(): PlaybackState {
    const { audio, live } = this.#options
    if (this.#failed) return 'failed'
    if (audio.ended) return 'over'
    if (this.#refused) return 'refused'
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
    ...(live ? { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.05 } : { startPosition: 0 }),
  }
}

function endOf(ranges: TimeRanges): number | undefined {
  return ranges.length === 0 ? undefined : ranges.end(ranges.length - 1)
}
