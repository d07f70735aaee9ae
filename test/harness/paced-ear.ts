// A listener without a page that plays as the page does: the player's own link brings the parts, and its own pace
// decides speed and jumps over a model of the buffer. What came is noted as it comes and played afterwards, on a clock
// of its own, so that a slow machine delays the test and not the listener.

import { PART_MS } from '../../src/base/units.ts'
import type { EdgeNote } from '../../src/core/stream/notes.ts'
import { LiveStream } from '../../src/web/player/live-stream.ts'
import { forwardSeconds, PACE, Pace } from '../../src/web/player/pace.ts'

interface Arrival {
  readonly sequence: number
  readonly atMs: number
  /** What the link knew of the flush interval then. */
  readonly flushMs: number
}

/** What one listener heard. */
export interface Played {
  readonly stalls: number
  readonly silenceMs: number
  readonly missing: number
  readonly reconnects: number
  /** Distance that the pace aimed at in the end. */
  readonly targetMs: number
}

/** Listens from construction to `stop()`. */
export class PacedEar {
  readonly arrivals: Arrival[] = []
  readonly notes: EdgeNote[] = []
  readonly #stream: LiveStream

  constructor(url: string) {
    this.#stream = new LiveStream({
      url,
      now: () => performance.now(),
      random: Math.random,
      handlers: {
        init: () => {},
        note: (note) => this.notes.push(note),
        part: ({ sequence }) => {
          this.arrivals.push({ sequence, atMs: performance.now(), flushMs: this.#stream.flushMs })
        },
        over: () => {},
      },
    })
    this.#stream.start()
  }

  get flushMs(): number {
    return this.#stream.flushMs
  }

  get parts(): number {
    return this.arrivals.length
  }

  get reconnects(): number {
    return this.#stream.reconnects
  }

  /** Between arrivals that did not come together: the flush interval as it was lived. */
  intervalsMs(): number[] {
    const times = this.arrivals.map(({ atMs }) => atMs)
    return times.flatMap((at, i) => {
      const gap = at - (times[i - 1] ?? at)
      return gap > PART_MS / 4 ? [gap] : []
    })
  }

  stop(): void {
    this.#stream.stop()
  }

  /** Plays all that came, up to the last arrival. */
  play(): Played {
    const pace = new Pace()
    const [first] = this.arrivals
    const last = this.arrivals.at(-1)
    if (first === undefined || last === undefined) throw new Error('nothing came')
    const startSeconds = (first.sequence * PART_MS) / 1_000
    let playheadSeconds = startSeconds
    let rate = 1
    let taken = 0
    let flushMs = first.flushMs
    let silenceMs = 0
    for (let nowMs = first.atMs; nowMs <= last.atMs; nowMs += PACE.tickMs) {
      for (let next = this.arrivals[taken]; next !== undefined && next.atMs <= nowMs; ) {
        flushMs = next.flushMs
        taken += 1
        next = this.arrivals[taken]
      }
      const newest = this.arrivals[taken - 1] as Arrival
      const buffered = [[startSeconds, ((newest.sequence + 1) * PART_MS) / 1_000]] as const
      if (pace.hasStarted) {
        const wanted = (PACE.tickMs / 1_000) * rate
        const forward = forwardSeconds({ playheadSeconds, buffered })
        playheadSeconds += Math.min(wanted, forward)
        if (forward < wanted) silenceMs += PACE.tickMs
      }
      const sample = { nowMs, playheadSeconds, buffered, flushMs }
      for (const effect of pace.sample({ ...sample, paused: false, seeking: false, originSilent: false })) {
        if (effect.kind === 'rate') rate = effect.rate
        else if (effect.kind === 'seek') playheadSeconds = effect.toSeconds
      }
    }
    const missing = last.sequence - first.sequence + 1 - this.arrivals.length
    return {
      stalls: pace.stalls,
      silenceMs,
      missing,
      reconnects: this.reconnects,
      targetMs: pace.targetMs(flushMs),
    }
  }
}
