// One listener who measures what a person would hear: the page's own stream and pace (`web/player`), with a clock
// in place of the audio element.

import { PART_MS } from '../base/units.ts'
import { DurationHistogram } from '../core/rehearsal/histogram.ts'
import { REHEARSAL_HEADER } from '../core/rehearsal/proof.ts'
import type { ProbeFindings } from '../core/rehearsal/report.ts'
import { LiveStream } from '../web/player/live-stream.ts'
import { PACE, Pace } from '../web/player/pace.ts'
import type { Target } from './swarm/messages.ts'
import type { TokenMint } from './swarm/token-mint.ts'

/** Latency is noted this often; the playhead moves far more often. */
const NOTED_EVERY_TICKS = 10
const MS = 1_000

export class Probe {
  readonly #stream: LiveStream
  readonly #pace = new Pace()
  readonly #clockOffsetMs: number
  readonly #latency = new DurationHistogram()
  readonly #timer: ReturnType<typeof setInterval>
  readonly #startedAtMs = performance.now()
  /** Disjoint, ascending, seconds since the log's sequence 0. */
  #buffered: [startSeconds: number, endSeconds: number][] = []
  #playheadSeconds = 0
  #rate = 1
  #tickedAtMs = performance.now()
  #ticks = 0
  #firstAudioMs: number | undefined
  #gridStartMs: number | undefined
  #next: number | undefined
  #skipsTold = 0
  #gaps = 0
  #skips = 0

  constructor(target: Target, tokens: TokenMint, clockOffsetMs: number) {
    this.#clockOffsetMs = clockOffsetMs
    const { tls, authority, space, ca } = target
    this.#stream = new LiveStream({
      url: `${tls ? 'https' : 'http'}://${authority}/live/${space}/opus.mp4`,
      now: () => performance.now(),
      random: Math.random,
      fetch: (url, init) =>
        fetch(url, {
          ...init,
          headers: { [REHEARSAL_HEADER]: tokens.token() },
          ...(ca === undefined ? {} : { tls: { ca } }),
        }),
      handlers: {
        init: () => {},
        part: ({ sequence }) => this.#take(sequence),
        note: (note) => {
          if (note.kind === 'hello' && note.gridStartMs !== undefined) this.#gridStartMs = note.gridStartMs
          if (note.kind === 'skipped') this.#skipsTold += note.parts
        },
        over: () => {},
      },
    })
    this.#timer = setInterval(() => this.#tick(), PACE.tickMs)
    this.#stream.start()
  }

  stop(): ProbeFindings {
    clearInterval(this.#timer)
    this.#stream.stop()
    return {
      firstAudioMs: this.#firstAudioMs ?? null,
      latencyMsP50: this.#latency.percentile(0.5) ?? null,
      latencyMsP99: this.#latency.percentile(0.99) ?? null,
      stalls: this.#pace.stalls,
      gaps: this.#gaps,
      skips: this.#skips,
      reconnects: this.#stream.reconnects,
    }
  }

  #take(sequence: number): void {
    if (this.#next !== undefined && sequence > this.#next) {
      if (this.#skipsTold > 0) this.#skips += 1
      else this.#gaps += 1
    }
    this.#skipsTold = 0
    this.#next = sequence + 1
    const [start, end] = [(sequence * PART_MS) / MS, ((sequence + 1) * PART_MS) / MS]
    const last = this.#buffered.at(-1)
    if (last !== undefined && Math.abs(last[1] - start) < 0.001) last[1] = end
    else this.#buffered.push([start, end])
  }

  #tick(): void {
    const now = performance.now()
    this.#play((now - this.#tickedAtMs) / MS)
    this.#tickedAtMs = now
    const effects = this.#pace.sample({
      nowMs: now,
      playheadSeconds: this.#playheadSeconds,
      paused: false,
      seeking: false,
      buffered: this.#buffered,
      flushMs: this.#stream.flushMs,
      originSilent: this.#stream.isOriginSilent,
    })
    for (const effect of effects) {
      if (effect.kind === 'rate') this.#rate = effect.rate
      else if (effect.kind === 'trim') this.#trim(effect.beforeSeconds)
      else this.#playheadSeconds = effect.toSeconds
      if (effect.kind === 'seek' && effect.why === 'start') this.#firstAudioMs ??= now - this.#startedAtMs
    }
    this.#ticks += 1
    if (this.#pace.hasStarted && this.#ticks % NOTED_EVERY_TICKS === 0) this.#noteLatency()
  }

  /** The playhead moves on as far as there is sound. */
  #play(seconds: number): void {
    if (!this.#pace.hasStarted) return
    const range = this.#buffered.find(
      ([start, end]) => start <= this.#playheadSeconds && end > this.#playheadSeconds,
    )
    if (range !== undefined) {
      this.#playheadSeconds = Math.min(range[1], this.#playheadSeconds + seconds * this.#rate)
    }
  }

  #trim(beforeSeconds: number): void {
    this.#buffered = this.#buffered.filter(([, end]) => end > beforeSeconds)
    const first = this.#buffered[0]
    if (first !== undefined) first[0] = Math.max(first[0], beforeSeconds)
  }

  #noteLatency(): void {
    if (this.#gridStartMs === undefined) return
    const serverWallMs = Date.now() + this.#clockOffsetMs
    this.#latency.record(serverWallMs - (this.#gridStartMs + this.#playheadSeconds * MS))
  }
}
