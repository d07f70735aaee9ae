// The live program by our own stream: `LiveStream` brings the parts, `MediaSink` feeds the <audio> element, `Pace`
// keeps the distance and `Timeline` lets events happen when they are heard. This file only connects them, twenty
// times a second. The element itself is never routed through WebAudio: iOS would suspend it on lock.

import { PART_MS, PART_SAMPLES, SAMPLE_RATE_HZ } from '../../base/units.ts'
import type { EdgeNote } from '../../core/stream/notes.ts'
import { HoldingSound } from './holding-sound.ts'
import { LiveStream } from './live-stream.ts'
import { MediaSink } from './media-sink.ts'
import { forwardSeconds, PACE, Pace, type PaceEffect, type PaceSample } from './pace.ts'
import {
  type Playback,
  type PlaybackListener,
  type PlaybackState,
  type PlaybackStatus,
  playElement,
} from './playback.ts'
import type { ServerClock } from './server-clock.ts'
import type { StreamPart } from './stream-parser.ts'
import { Timeline } from './timeline.ts'

/** After so long in pause the stream is closed; playing on joins anew at the live edge. */
export const PAUSE_KEEPS_STREAM_MS = 20_000
/** A pause shorter than this is caught up; after a longer one the listener goes on where they were. */
const PAUSE_FORGIVEN_MS = 2_000
/** Behind by more than this is said to be catching up. */
const CATCHING_UP_MS = 800
/** A sink that failed is replaced this often in a row; then another way of playing is needed. */
const SINK_FAILURES_MAX = 3

export interface PushPlayerOptions {
  readonly audio: HTMLAudioElement
  /** `/live/:space/`; what is behind it depends on whether data is saved. */
  readonly folder: string
  readonly savesData: boolean
  readonly source: typeof MediaSource
  readonly mimeType: string
  readonly serverClock: ServerClock
  readonly listener: PlaybackListener
  /** A place in the line, or the way back in, from before a reload. */
  readonly ticket?: string | undefined
  /** Keep this for {@link PushPlayerOptions.ticket}. */
  readonly keepTicket: (ticket: string) => void
  /** Whether a soft sound is wanted while waiting in line. */
  readonly holdSound: boolean
}

/** Plays from construction's first `play()` to `stop()`. */
export class PushPlayer implements Playback {
  readonly #options: PushPlayerOptions
  readonly #pace = new Pace()
  readonly #timeline = new Timeline()
  readonly #stopped = new AbortController()
  #stream: LiveStream | undefined
  #sink: MediaSink | undefined
  #ticker: ReturnType<typeof setInterval> | undefined
  /** The header of the stream: a sink that replaces another needs it again. */
  #init: Uint8Array | undefined
  #ticket: string | undefined
  readonly #holding: HoldingSound
  #wantsHolding: boolean
  #gridStartMs: number | undefined
  #burstEndSeconds: number | undefined
  #pausedAtMs: number | undefined
  #refused = false
  #over = false
  #failed = false
  #sinkFailures = 0
  #reconnectsBefore = 0
  #savesData: boolean

  constructor(options: PushPlayerOptions) {
    this.#options = options
    this.#savesData = options.savesData
    const { audio } = options
    this.#ticket = options.ticket
    this.#wantsHolding = options.holdSound
    this.#holding = new HoldingSound(audio)
    const { signal } = this.#stopped
    // The system pauses too: a call comes in, headphones are pulled.
    audio.addEventListener('pause', () => this.#onPause(), { signal })
    audio.addEventListener('play', () => this.#onPlay(), { signal })
    audio.addEventListener('ended', () => this.#tick(), { signal })
    addEventListener('online', () => this.#stream?.online(), { signal })
  }

  play(): void {
    const { audio } = this.#options
    if (this.#stopped.signal.aborted) return
    this.#refused = false
    if (!this.#holding.isOn) this.#sink ??= this.#openSink()
    this.#ticker ??= setInterval(() => this.#tick(), PACE.tickMs)
    if (this.#stream === undefined) this.#openStream()
    void playElement(audio, () => this.#refuse())
    this.#tick()
  }

  pause(): void {
    this.#options.audio.pause()
  }

  backToLive(): void {
    this.#pace.release({ jump: true })
    this.play()
  }

  /** Asks for the low-bitrate sound from now on, or no longer; what plays goes on without a gap. */
  saveData(savesData: boolean): void {
    if (savesData === this.#savesData) return
    this.#savesData = savesData
    this.#stream?.reopen()
  }

  holdSound(on: boolean): void {
    this.#wantsHolding = on
    this.#hold()
    this.#tick()
  }

  stop(): void {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort()
    clearInterval(this.#ticker)
    this.#holding.stop()
    this.#stream?.stop()
    this.#sink?.close()
    this.#options.audio.playbackRate = 1
  }

  #openStream(): void {
    const stream = new LiveStream({
      url: () => `${this.#options.folder}${this.#savesData ? 'low.mp4' : 'opus.mp4'}`,
      now: () => performance.now(),
      random: Math.random,
      ticket: this.#ticket,
      handlers: {
        init: (bytes) => this.#onInit(bytes),
        ticket: (ticket) => {
          this.#ticket = ticket
          this.#options.keepTicket(ticket)
        },
        part: (part) => this.#onPart(part),
        note: (note) => this.#onNote(note),
        over: () => this.#onOver(),
      },
    })
    this.#stream = stream
    stream.start()
  }

  #closeStream(): void {
    this.#reconnectsBefore += this.#stream?.reconnects ?? 0
    this.#stream?.stop()
    this.#stream = undefined
  }

  #openSink(): MediaSink {
    const { audio, source, mimeType } = this.#options
    const sink = new MediaSink({ audio, source, mimeType, failed: () => this.#onSinkFailed() })
    if (this.#init !== undefined) sink.append(this.#init)
    return sink
  }

  #onSinkFailed(): void {
    this.#sinkFailures += 1
    this.#closeStream()
    this.#pace.restart()
    this.#sink = undefined
    this.#init = undefined
    if (this.#sinkFailures < SINK_FAILURES_MAX) this.play()
    else this.#failed = true
  }

  #onInit(bytes: Uint8Array): void {
    this.#init = bytes
    // A sink that was there first has been waiting for it; one that is opened now takes it from here.
    if (this.#sink !== undefined) this.#sink.append(bytes)
    else this.#hold()
  }

  /** The element has either the waiting room's sound or the stream, never both; the leave to play stays with it. */
  #hold(): void {
    const isWaiting = this.#stream?.state === 'in-line' && !this.#pace.hasStarted
    if (isWaiting && this.#wantsHolding) {
      if (this.#holding.isOn) return
      this.#sink?.close()
      this.#sink = undefined
      void this.#holding.start(() => this.#refuse())
    } else if (this.#holding.isOn) {
      this.#holding.stop()
      this.#sink = this.#openSink()
      void playElement(this.#options.audio, () => this.#refuse())
    }
  }

  #refuse(): void {
    this.#refused = true
    this.#tick()
  }

  #onPart(part: StreamPart): void {
    this.#sink?.append(part.media)
    if (this.#gridStartMs !== undefined) {
      this.#options.serverClock.learn(this.#gridStartMs + (part.sequence + 1) * PART_MS)
    }
    this.#timeline.add((part.sequence * PART_SAMPLES) / SAMPLE_RATE_HZ, part.events)
    // Before there is sound, who is on stage is shown at once.
    if (!this.#pace.hasStarted) this.#options.listener.events(part.events)
  }

  #onNote(note: EdgeNote): void {
    if (note.kind !== 'hello') return
    this.#gridStartMs = note.gridStartMs ?? this.#gridStartMs
    this.#burstEndSeconds =
      note.newest === undefined ? undefined : ((note.newest + 1) * PART_SAMPLES) / SAMPLE_RATE_HZ
  }

  #onOver(): void {
    this.#over = true
    this.#sink?.end()
    this.#tick()
  }

  #onPause(): void {
    // An element that has ended is paused too.
    if (this.#over || this.#sink === undefined) return
    // Nothing plays in the line that could be paused: whoever waits keeps waiting.
    if (this.#stream?.state === 'in-line' && !this.#pace.hasStarted) return
    this.#pausedAtMs = performance.now()
    this.#pace.hold()
    this.#tick()
  }

  #onPlay(): void {
    const pausedMs = performance.now() - (this.#pausedAtMs ?? Number.POSITIVE_INFINITY)
    this.#pausedAtMs = undefined
    if (pausedMs < PAUSE_FORGIVEN_MS) this.#pace.release({ jump: false })
    if (this.#stream === undefined && !this.#over) {
      this.#pace.restart()
      this.#openStream()
    }
    this.#tick()
  }

  #tick(): void {
    if (this.#stopped.signal.aborted) return
    const { audio, listener } = this.#options
    this.#hold()
    const effects = this.#pace.sample(this.#sample())
    for (const effect of effects) this.#apply(effect)
    // What is told is how things stand after a jump, not before it.
    const sample = this.#sample()
    if (this.#pace.hasStarted) {
      const events = this.#timeline.advance(audio.currentTime)
      if (events.length > 0) listener.events(events)
    }
    this.#leaveLongPause()
    const behindMs = this.#behindMs(sample)
    listener.changed({
      state: this.#state(behindMs),
      ...this.#latency(sample),
      behindMs,
      reconnects: this.#reconnectsBefore + (this.#stream?.reconnects ?? 0),
      stalls: this.#pace.stalls,
      isLow: this.#stream?.isLow ?? false,
      ...this.#line(),
    })
  }

  #sample(): PaceSample {
    const { audio } = this.#options
    return {
      nowMs: performance.now(),
      playheadSeconds: audio.currentTime,
      paused: audio.paused,
      seeking: audio.seeking,
      buffered: this.#sink?.buffered ?? [],
      flushMs: this.#stream?.flushMs ?? 0,
      ...(this.#burstEndSeconds === undefined ? {} : { burstEndSeconds: this.#burstEndSeconds }),
      originSilent: this.#stream?.isOriginSilent ?? false,
    }
  }

  #apply(effect: PaceEffect): void {
    const { audio } = this.#options
    if (effect.kind === 'rate') audio.playbackRate = effect.rate
    else if (effect.kind === 'seek') audio.currentTime = effect.toSeconds
    else this.#sink?.trim(effect.beforeSeconds)
  }

  #leaveLongPause(): void {
    if (this.#pausedAtMs === undefined || this.#stream === undefined) return
    if (performance.now() - this.#pausedAtMs > PAUSE_KEEPS_STREAM_MS) this.#closeStream()
  }

  #state(behindMs: number): PlaybackState {
    const { audio } = this.#options
    if (this.#failed) return 'failed'
    if (this.#over && (audio.ended || audio.paused || !this.#pace.hasStarted)) return 'over'
    if (this.#stream?.state === 'in-line' && !this.#pace.hasStarted) return 'waiting'
    if (this.#refused) return 'refused'
    if (this.#pausedAtMs !== undefined) return 'paused'
    if (!this.#pace.hasStarted) return this.#stateBeforeSound()
    if (this.#pace.isStalled) return this.#stateWithoutSound()
    return behindMs > CATCHING_UP_MS && !this.#pace.isHeld ? 'catching-up' : 'playing'
  }

  #stateWithoutSound(): PlaybackState {
    if (this.#stream?.state === 'streaming') return 'stalled'
    if (this.#stream?.state === 'in-line') return 'waiting'
    return this.#stream?.isBusy ? 'busy' : 'lost'
  }

  #stateBeforeSound(): PlaybackState {
    if (this.#stream?.isNotYet) return 'not-yet'
    if (this.#stream?.isBusy) return 'busy'
    return this.#stream !== undefined && this.#stream.reconnects > 1 ? 'lost' : 'connecting'
  }

  #line(): Pick<PlaybackStatus, 'outlook' | 'needsTap'> {
    const outlook = this.#stream?.outlook
    return outlook === undefined ? {} : { outlook, needsTap: this.#refused }
  }

  #behindMs(sample: PaceSample): number {
    const end = sample.buffered.at(-1)?.[1]
    if (end === undefined || !this.#pace.hasStarted) return 0
    const distanceMs = (end - sample.playheadSeconds) * 1000
    return Math.max(0, Math.round(distanceMs - this.#pace.targetMs(sample.flushMs)))
  }

  /** By the grid where the edge told it; otherwise from the newest part's arrival, which leaves out its way here. */
  #latency(sample: PaceSample): { latencyMs?: number } {
    if (!this.#pace.hasStarted) return {}
    const playheadMs = sample.playheadSeconds * 1000
    if (this.#gridStartMs !== undefined) {
      return { latencyMs: Math.round(this.#options.serverClock.now() - this.#gridStartMs - playheadMs) }
    }
    const arrivedAtMs = this.#stream?.lastPartAtMs
    if (arrivedAtMs === undefined) return {}
    return { latencyMs: Math.round(forwardSeconds(sample) * 1000 + sample.nowMs - arrivedAtMs) }
  }
}
