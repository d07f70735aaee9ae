// Keeps one live stream coming. A machine without sockets or timers: `handle(event, now)` answers what to do,
// and `deadlineMs` says when it wants to hear `tick`.
//
//   idle ─start→ connecting ─part→ streaming ─ended→ over
//                   ↑  │ failed, silent      │
//                   │  ↓                     │ failed, closed, silent
//                waiting ←───────────────────┘
//
// An edge without room gives a place instead of a stream: then the link is `in-line`, opens nothing by itself, and shows
// its place when the waiting room (`waiting-room.ts`) says so. A ticket, once it has one, goes with every request.
//
// A stream is dead after silenceLimitMs(flushMs) without a byte, and not before: heartbeats come every second
// whatever the flush interval, so a healthy stream is never given up. While a second stream is opened beside the
// first (`move`), parts of both are taken, each sequence once; the first part of the new one closes the old.

import { type BackoffOptions, backoffDelay } from '../../base/backoff.ts'
import type { Epoch, Sequence } from '../../base/units.ts'
import type { Place } from '../../core/door/waiting.ts'
import { type EdgeNote, type ResumePoint, silenceLimitMs } from '../../core/stream/notes.ts'
import { ResumeTracker } from './resume.ts'

export const RECONNECT_BACKOFF: BackoffOptions = { firstMs: 100, factor: 1.6, maxMs: 2_000 }
/** For a space that has no stream yet: asking every few seconds is enough to begin with it. */
export const NOT_YET_BACKOFF: BackoffOptions = { firstMs: 1_000, factor: 1.6, maxMs: 5_000 }
/** From the request to the head of the answer. Longer than two lost SYNs (1 s and 2 s), so that a join storm is not doubled. */
export const CONNECT_LIMIT_MS = 6_000
/** A stream that lived this long earned a quick first retry. */
const PROVEN_MS = 5_000
/** A tick this late means that we slept, not that the edge was silent: what it sent is still to be read. */
const OVERSLEPT_MS = 500
const OVERSLEPT_GRACE_MS = 1_000
/** After longer than this without a part a stream is joined at the live edge: playback would jump there anyway. */
export const RESUME_WORTH_MS = 20_000

/** Why a request for a stream was answered without one. */
export type Refusal =
  | 'not-yet' // 404, 425: nobody serves the space now
  | 'gone' // 410: it is over
  | 'full' // 503 with a place: it is one's turn later
  | 'busy' // any other status

export type LinkEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  /** The network is said to be back: do not sit out the wait. */
  | { readonly kind: 'online' }
  | { readonly kind: 'tick' }
  /** The same program is wanted from another address: it is opened there before it is left here. */
  | { readonly kind: 'moved' }
  /** In line: ask for the stream, with the place. */
  | { readonly kind: 'show' }
  | { readonly kind: 'opened'; readonly stream: number }
  | { readonly kind: 'bytes'; readonly stream: number }
  | { readonly kind: 'note'; readonly stream: number; readonly note: EdgeNote }
  | { readonly kind: 'part'; readonly stream: number; readonly sequence: Sequence; readonly epoch?: Epoch }
  | {
      readonly kind: 'refused'
      readonly stream: number
      readonly why: Refusal
      /** With `full`. */
      readonly place?: Place | undefined
      readonly retryAfterMs?: number | undefined
    }
  /** The body ended or the connection broke. */
  | { readonly kind: 'closed'; readonly stream: number }

export type LinkEffect =
  | {
      readonly kind: 'open'
      readonly stream: number
      readonly from?: ResumePoint
      readonly ticket?: string
    }
  | { readonly kind: 'close'; readonly stream: number }
  /** The part just handed in is new: play it. */
  | { readonly kind: 'take' }
  /** There is no room: wait in line with this place, or with the one before if the place could not be shown. */
  | { readonly kind: 'line-up'; readonly place?: Place; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'over' }

export type LinkState = 'idle' | 'connecting' | 'streaming' | 'waiting' | 'in-line' | 'over'

interface Stream {
  readonly id: number
  readonly openedAtMs: number
  answered: boolean
  lastBytesAtMs: number
  gotPart: boolean
}

/** One listener's link to the edges. `random` in [0, 1) spreads reconnects. */
export class Link {
  readonly #random: () => number
  readonly #resume = new ResumeTracker()
  #running = false
  #over = false
  #notYet = false
  #busy = false
  #inLine = false
  #ticket: string | undefined
  #current: Stream | undefined
  #next: Stream | undefined
  #retryAtMs: number | undefined
  #attempt = 0
  #opened = 0
  #reconnects = 0
  #flushMs = 200
  #dueMs: number | undefined
  #tookAtMs = 0

  /** `ticket`: kept from before, such as before a reload. */
  constructor(random: () => number, ticket?: string) {
    this.#random = random
    this.#ticket = ticket
  }

  get state(): LinkState {
    if (this.#over) return 'over'
    if (!this.#running) return 'idle'
    if (this.#current?.gotPart) return 'streaming'
    if (this.#inLine) return 'in-line'
    return this.#current === undefined ? 'waiting' : 'connecting'
  }
  /** The interval that the edge announced last. */
  get flushMs(): number {
    return this.#flushMs
  }
  /** How often a stream was opened again after one was lost; a `move` is not a loss. */
  get reconnects(): number {
    return this.#reconnects
  }
  /** True while the space is known to have no stream yet. */
  get isNotYet(): boolean {
    return this.#notYet
  }
  /** True when the last answer was that the server cannot serve us now, rather than no answer. */
  get isBusy(): boolean {
    return this.#busy
  }
  /** The place, or the ticket to return, that is shown with every request. */
  get ticket(): string | undefined {
    return this.#ticket
  }
  get resumePoint(): ResumePoint | undefined {
    return this.#resume.point
  }

  /** When `tick` is due, on the same clock as `now`; absent when nothing is awaited. */
  get deadlineMs(): number | undefined {
    const due = [this.#retryAtMs, this.#limitOf(this.#current), this.#limitOf(this.#next)]
    const known = due.filter((at) => at !== undefined)
    return known.length === 0 ? undefined : Math.min(...known)
  }

  handle(event: LinkEvent, now: number): LinkEffect[] {
    const effects = this.#react(event, now)
    this.#dueMs = this.deadlineMs
    return effects
  }

  #react(event: LinkEvent, now: number): LinkEffect[] {
    if (event.kind === 'start') return this.#start(now)
    if (event.kind === 'stop') return this.#stop()
    if (event.kind === 'tick') return this.#tick(now)
    if (event.kind === 'moved') return [...this.#dropNext(), ...this.#move(now)]
    if (event.kind === 'online') return this.#retryAtMs === undefined ? [] : this.#open(now)
    if (event.kind === 'show') return this.#inLine && this.#current === undefined ? this.#open(now) : []
    const stream = this.#streamOf(event.stream)
    if (stream === undefined) return []
    if (event.kind === 'refused') return this.#refused(stream, event, now)
    if (event.kind === 'closed') return this.#lost(stream, now)
    stream.lastBytesAtMs = now
    stream.answered = true
    this.#busy = false
    if (event.kind === 'opened' && stream === this.#current) this.#inLine = false
    if (event.kind === 'part') return this.#part(stream, event.sequence, event.epoch, now)
    if (event.kind === 'note') return this.#note(stream, event.note, now)
    return []
  }

  #start(now: number): LinkEffect[] {
    if (this.#running) return []
    this.#running = true
    this.#over = false
    this.#attempt = 0
    return this.#open(now)
  }

  #stop(): LinkEffect[] {
    this.#running = false
    this.#inLine = false
    this.#retryAtMs = undefined
    return this.#closeAll()
  }

  #tick(now: number): LinkEffect[] {
    if (this.#dueMs !== undefined && now - this.#dueMs > OVERSLEPT_MS) this.#forgiveSleep(now)
    if (this.#retryAtMs !== undefined && now >= this.#retryAtMs) return this.#open(now)
    const effects: LinkEffect[] = []
    for (const stream of [this.#next, this.#current]) {
      const limit = this.#limitOf(stream)
      if (stream === undefined || limit === undefined || now < limit) continue
      effects.push({ kind: 'close', stream: stream.id }, ...this.#lost(stream, now))
    }
    return effects
  }

  #forgiveSleep(now: number): void {
    for (const stream of [this.#next, this.#current]) {
      const limit = this.#limitOf(stream)
      if (stream === undefined || limit === undefined) continue
      stream.lastBytesAtMs += Math.max(0, now + OVERSLEPT_GRACE_MS - limit)
    }
  }

  #part(stream: Stream, at: Sequence, writtenBy: Epoch | undefined, now: number): LinkEffect[] {
    this.#notYet = false
    this.#tookAtMs = now
    const effects: LinkEffect[] = []
    if (!stream.gotPart) {
      stream.gotPart = true
      if (stream === this.#next) effects.push(...this.#switchTo(stream))
    }
    if (this.#resume.take(at, writtenBy)) effects.push({ kind: 'take' })
    return effects
  }

  #switchTo(stream: Stream): LinkEffect[] {
    const old = this.#current
    this.#current = stream
    this.#next = undefined
    return old === undefined ? [] : [{ kind: 'close', stream: old.id }]
  }

  #note(stream: Stream, note: EdgeNote, now: number): LinkEffect[] {
    switch (note.kind) {
      case 'hello':
        this.#resume.hello(note.epoch)
        this.#ticket = note.ticket ?? this.#ticket
        this.#flushMs = note.flushMs
        return []
      case 'flush':
        this.#flushMs = note.flushMs
        return []
      case 'skipped':
        return []
      case 'move':
        return stream === this.#current ? this.#move(now) : []
      case 'ended':
        return this.#finish()
    }
  }

  #refused(
    stream: Stream,
    { why, place, retryAfterMs }: Extract<LinkEvent, { kind: 'refused' }>,
    now: number,
  ): LinkEffect[] {
    if (why === 'gone') return this.#finish()
    this.#busy = why === 'busy'
    if (why === 'full' && place !== undefined && stream === this.#current && this.#next === undefined) {
      this.#current = undefined
      this.#inLine = true
      this.#notYet = false
      this.#ticket = place.ticket
      return [{ kind: 'line-up', place, retryAfterMs }]
    }
    // Once something was heard, "not found" is an edge that lags behind the others, and worth a quick retry.
    this.#notYet = why === 'not-yet' && this.#resume.point === undefined
    return this.#lost(stream, now, retryAfterMs)
  }

  /** Without another stream at work, waits and opens anew; a lost second stream leaves the first as it was. */
  #lost(stream: Stream, now: number, retryAfterMs = 0): LinkEffect[] {
    if (stream === this.#next) {
      this.#next = undefined
      return []
    }
    this.#current = this.#next
    this.#next = undefined
    if (this.#current !== undefined || !this.#running) return []
    if (this.#inLine) return [{ kind: 'line-up', retryAfterMs }]
    if (stream.gotPart && now - stream.openedAtMs >= PROVEN_MS) this.#attempt = 0
    const backoff = this.#notYet ? NOT_YET_BACKOFF : RECONNECT_BACKOFF
    // Everybody was told the same Retry-After: it is kept, and spread behind.
    const told = retryAfterMs * (1 + 0.25 * this.#random())
    this.#retryAtMs = now + Math.max(told, backoffDelay(this.#attempt, this.#random(), backoff))
    this.#attempt += 1
    return []
  }

  #open(now: number): LinkEffect[] {
    this.#retryAtMs = undefined
    if (this.#opened > 0) this.#reconnects += 1
    this.#current = this.#newStream(now)
    return [this.#openEffect(this.#current, now)]
  }

  #dropNext(): LinkEffect[] {
    const next = this.#next
    this.#next = undefined
    return next === undefined ? [] : [{ kind: 'close', stream: next.id }]
  }

  /** Without a stream there is nothing to leave: the next one is opened elsewhere by itself. */
  #move(now: number): LinkEffect[] {
    if (this.#current === undefined || this.#next !== undefined) return []
    this.#next = this.#newStream(now)
    return [this.#openEffect(this.#next, now)]
  }

  #newStream(now: number): Stream {
    this.#opened += 1
    return { id: this.#opened, openedAtMs: now, answered: false, lastBytesAtMs: now, gotPart: false }
  }

  #openEffect(stream: Stream, now: number): LinkEffect {
    const from = now - this.#tookAtMs > RESUME_WORTH_MS ? undefined : this.#resume.point
    const ticket = this.#ticket
    return {
      kind: 'open',
      stream: stream.id,
      ...(from === undefined ? {} : { from }),
      ...(ticket === undefined ? {} : { ticket }),
    }
  }

  #finish(): LinkEffect[] {
    this.#over = true
    this.#running = false
    this.#inLine = false
    this.#retryAtMs = undefined
    return [...this.#closeAll(), { kind: 'over' }]
  }

  #closeAll(): LinkEffect[] {
    const open = [this.#current, this.#next].filter((stream) => stream !== undefined)
    this.#current = undefined
    this.#next = undefined
    return open.map((stream) => ({ kind: 'close', stream: stream.id }))
  }

  #limitOf(stream: Stream | undefined): number | undefined {
    if (stream === undefined) return undefined
    return stream.lastBytesAtMs + (stream.answered ? silenceLimitMs(this.#flushMs) : CONNECT_LIMIT_MS)
  }

  #streamOf(id: number): Stream | undefined {
    return this.#current?.id === id ? this.#current : this.#next?.id === id ? this.#next : undefined
  }
}
