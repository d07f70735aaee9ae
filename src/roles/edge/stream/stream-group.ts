// Everyone who hears one track of one space over a pushed stream. A part is framed once, and the same bytes are
// handed to every socket: a sweep allocates nothing per listener. The array is dense (who leaves is replaced by
// the last), and swept from its end, so that leaving and joining never disturb a sweep that has yielded.

import { concatBytes } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { type Epoch, epoch, type Millis, type Sequence, type WallMillis } from '../../../base/units.ts'
import { isListening } from '../../../core/count/sessions.ts'
import type { FlushPace } from '../../../core/delivery/flush-pace.ts'
import { ListenerDelivery } from '../../../core/delivery/listener-delivery.ts'
import type { PartWindow } from '../../../core/delivery/part-window.ts'
import type { TrackHeader } from '../../../core/part/part.ts'
import type { EdgeNote } from '../../../core/stream/notes.ts'
import { HEARTBEAT_AFTER_MS, SWEEP_SLICE } from '../limits.ts'
import type { CloseReason, StreamCounters } from '../metrics.ts'
import { NOTHING, type StreamFraming } from './stream-framing.ts'

/** A socket, as far as a group knows: `write` returns a promise when the socket is full, and it resolves when it takes again. */
export interface StreamSink {
  write(bytes: Uint8Array): number | Promise<unknown>
  /** Ends the response; the connection may live on. */
  end(): void
  /** Drops the connection with whatever is still unsent. */
  abort(): void
}

/** One listener's place in its group. */
export interface StreamListener {
  readonly sink: StreamSink
  readonly delivery: ListenerDelivery
  /** Synthetic: served like everyone, counted apart. */
  readonly isRehearsed: boolean
  /** Where it stands in the dense array; −1 once it left. */
  index: number
  /** It had a `hello`, if only one that knows no part yet. */
  isGreeted: boolean
  /** The track header was sent. */
  isOpen: boolean
  /** The flush interval it was told last. */
  toldFlushMs: number
  /** For its `hello`; dropped once it was told. */
  ticket: string | undefined
}

export interface JoinOptions {
  /** The first part that it lacks; absent for the live edge. */
  readonly resumeAt: Sequence | undefined
  readonly isRehearsed?: boolean
  /** What it shows when it comes back. */
  readonly ticket?: string
}

export interface StreamGroupOptions {
  readonly framing: StreamFraming
  readonly window: PartWindow
  readonly pace: FlushPace
  readonly counters: StreamCounters
  readonly clock: Clock
  /** Called once for each listener that is gone, whatever the reason. */
  readonly onLeft: (listener: StreamListener) => void
}

export class StreamGroup {
  readonly #options: StreamGroupOptions
  readonly #listeners: StreamListener[] = []
  #header: TrackHeader | undefined
  #gridStartMs: WallMillis | undefined
  #epoch: Epoch = epoch(0)
  #sealed = false
  /** Every listener that keeps up was given the parts before this ordinal. */
  #swept = 0
  #sweptAt: Millis
  #announcement: Uint8Array = NOTHING
  #sweeping = false
  #sweepAgain = false

  constructor(options: StreamGroupOptions) {
    this.#options = options
    this.#sweptAt = options.clock.now()
  }

  get size(): number {
    return this.#listeners.length
  }

  /** How many people, or how many synthetic listeners, are being delivered to. */
  listening(now: Millis, isRehearsed = false): number {
    let count = 0
    for (const listener of this.#listeners) {
      if (listener.isRehearsed === isRehearsed && isListening(listener.delivery.blockedFor(now))) count += 1
    }
    return count
  }

  /** Parts may be sent from now on: the track's header is known, and the window has reached the live edge. */
  open(header: TrackHeader, gridStartMs: WallMillis): void {
    this.#header = header
    this.#gridStartMs = gridStartMs
    this.flush()
  }

  /**
   * Adds a listener. It hears the last parts at once if there are any; otherwise it is greeted at once, or with the
   * first heartbeat while this edge is only finding out what there is.
   */
  join(sink: StreamSink, { resumeAt, isRehearsed = false, ticket }: JoinOptions): StreamListener {
    const listener: StreamListener = {
      sink,
      delivery: new ListenerDelivery(this.#options.framing.limits, resumeAt),
      isRehearsed,
      index: this.#listeners.length,
      isGreeted: false,
      isOpen: false,
      toldFlushMs: this.#options.pace.announcedMs,
      ticket,
    }
    this.#listeners.push(listener)
    if (!this.#serve(listener) && this.#header !== undefined) this.#greet(listener)
    return listener
  }

  /** The listener went away by itself. */
  leave(listener: StreamListener): void {
    this.#remove(listener, 'left')
  }

  /** Ends its stream: the same ticket has come in again. */
  dismiss(listener: StreamListener): void {
    if (listener.index >= 0) this.#finish(listener, 'replaced')
  }

  /** Tells everyone that the interval becomes longer, before it does. */
  announceFlush(flushMs: number): void {
    this.#announcement = this.#options.framing.note({ kind: 'flush', flushMs })
    this.flush()
  }

  /** Asks everyone to connect elsewhere. */
  askToMove(): void {
    const note = this.#options.framing.note({ kind: 'move' })
    for (const listener of [...this.#listeners]) if (!listener.delivery.isBlocked) this.#tell(listener, note)
  }

  /** No further part comes: who has everything is told so, and its stream ends. */
  seal(): void {
    this.#sealed = true
    this.flush()
  }

  /** Ends every stream that is left, at once. */
  closeAll(): void {
    for (const listener of [...this.#listeners]) this.#finish(listener, 'drained')
  }

  /** Hands everyone what they are owed. Never waits: a sweep that is under way goes round once more. */
  flush(): void {
    if (this.#sweeping) this.#sweepAgain = true
    else if (this.#listeners.length === 0) this.#swept = this.#options.window.end
    else void this.#sweepAll()
  }

  /** Called several times a second: a heartbeat for who had nothing, an end for who takes nothing. */
  tick(now: Millis): void {
    if (now - this.#sweptAt >= HEARTBEAT_AFTER_MS) this.flush()
  }

  async #sweepAll(): Promise<void> {
    this.#sweeping = true
    do {
      this.#sweepAgain = false
      this.#sweptAt = this.#options.clock.now()
      const { window } = this.#options
      const from = Math.max(this.#swept, window.start)
      const to = window.end
      this.#swept = to
      await this.#sweep(from, to, this.#frame(from, to))
    } while (this.#sweepAgain)
    this.#sweeping = false
  }

  async #sweep(from: number, to: number, bytes: Uint8Array): Promise<void> {
    const { pace, counters, clock } = this.#options
    const toldFlushMs = pace.announcedMs
    const isPlain = this.#header !== undefined && !this.#sealed
    let visited = 0
    for (let i = this.#listeners.length - 1; i >= 0; i--) {
      const listener = this.#listeners[i]
      if (listener === undefined) continue
      if (isPlain && listener.isOpen && listener.delivery.isAt(from)) {
        if (bytes.length > 0) this.#write(listener, bytes, to)
        else listener.delivery.sent(to, true, this.#sweptAt)
        listener.toldFlushMs = toldFlushMs
        counters.partsDelivered += to - from
      } else if (!this.#serve(listener) && !listener.delivery.isBlocked) {
        this.#greet(listener)
      }
      visited += 1
      if (visited % SWEEP_SLICE === 0) await afterOthers()
    }
    this.#sweptAt = clock.now()
  }

  /** The bytes that everyone at the live edge gets: an announcement, then parts, or else a heartbeat. */
  #frame(from: number, to: number): Uint8Array {
    const announcement = this.#announcement
    this.#announcement = NOTHING
    if (from === to) return announcement.length > 0 ? announcement : this.#options.framing.heartbeat
    if (to - from === 1 && announcement.length === 0) return this.#bytesOf(from)
    return concatBytes([announcement, ...this.#partsBetween(from, to)])
  }

  /** The way of everyone who is not simply at the live edge. False when nothing was due. */
  #serve(listener: StreamListener): boolean {
    const { window, framing, clock, pace, counters } = this.#options
    const header = this.#header
    if (header === undefined && !this.#sealed) return false
    const step = listener.delivery.step(window, this.#sealed, clock.now())
    if (step.kind === 'wait') return false
    if (step.kind === 'close') {
      this.#remove(listener, 'stuck')
      listener.sink.abort()
      return true
    }
    if (step.kind === 'end' || header === undefined) {
      this.#tell(listener, framing.note({ kind: 'ended' }))
      this.#finish(listener, 'ended')
      return true
    }
    const pieces: Uint8Array[] = []
    if (!listener.isOpen)
      pieces.push(this.#hello(listener, window.at(step.from).sequence, window.at(step.to - 1).sequence))
    else if (listener.toldFlushMs !== pace.announcedMs) {
      pieces.push(framing.note({ kind: 'flush', flushMs: pace.announcedMs }))
    }
    if (step.skipped > 0) pieces.push(framing.note({ kind: 'skipped', parts: step.skipped }))
    if (!listener.isOpen) pieces.push(header.header)
    pieces.push(...this.#partsBetween(step.from, step.to))
    listener.isGreeted = true
    listener.isOpen = true
    listener.ticket = undefined
    listener.toldFlushMs = pace.announcedMs
    counters.partsDelivered += step.to - step.from
    counters.partsSkipped += step.skipped
    this.#write(listener, concatBytes(pieces), step.to)
    return true
  }

  /** What a listener gets who is owed no part: a first word, or a heartbeat. */
  #greet(listener: StreamListener): void {
    this.#tell(listener, listener.isGreeted ? this.#options.framing.heartbeat : this.#hello(listener))
    listener.isGreeted = true
  }

  #hello({ ticket }: StreamListener, next?: Sequence, newest?: Sequence): Uint8Array {
    const { window, framing, pace } = this.#options
    this.#epoch = window.newest?.epoch ?? this.#epoch
    const note: EdgeNote = {
      kind: 'hello',
      flushMs: pace.announcedMs,
      epoch: this.#epoch,
      ...(next === undefined ? {} : { next }),
      ...(newest === undefined ? {} : { newest }),
      ...(this.#gridStartMs === undefined ? {} : { gridStartMs: this.#gridStartMs }),
      ...(ticket === undefined ? {} : { ticket }),
    }
    return framing.note(note)
  }

  #partsBetween(from: number, to: number): readonly Uint8Array[] {
    const parts: Uint8Array[] = []
    for (let n = from; n < to; n++) parts.push(this.#bytesOf(n))
    return parts
  }

  #bytesOf(ordinal: number): Uint8Array {
    return this.#options.window.at(ordinal).tracks.get(this.#options.framing.track) ?? NOTHING
  }

  /** Parts before `to` go out as `bytes`. */
  #write(listener: StreamListener, bytes: Uint8Array, to: number): void {
    const taken = this.#send(listener, bytes)
    if (listener.index >= 0) listener.delivery.sent(to, taken, this.#options.clock.now())
  }

  /** Something between parts. */
  #tell(listener: StreamListener, bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.#send(listener, bytes)) {
      listener.delivery.blocked(this.#options.clock.now())
    }
  }

  #send(listener: StreamListener, bytes: Uint8Array): boolean {
    this.#options.counters.bytes += bytes.length
    let result: number | Promise<unknown>
    try {
      result = listener.sink.write(bytes)
    } catch {
      // Bun throws when the connection has just been closed under us; there is nobody to tell.
      this.#remove(listener, 'left')
      return false
    }
    if (typeof result === 'number') return true
    const drained = () => this.#drained(listener)
    result.then(drained, drained)
    return false
  }

  #drained(listener: StreamListener): void {
    if (listener.index < 0) return
    listener.delivery.drained()
    this.#serve(listener)
  }

  #finish(listener: StreamListener, reason: CloseReason): void {
    this.#remove(listener, reason)
    listener.sink.end()
  }

  #remove(listener: StreamListener, reason: CloseReason): void {
    if (listener.index < 0) return
    const last = this.#listeners.pop() as StreamListener
    if (last !== listener) {
      this.#listeners[listener.index] = last
      last.index = listener.index
    }
    listener.index = -1
    this.#options.counters.closed[reason] += 1
    this.#options.onLeft(listener)
  }
}

/** Lets sockets be accepted, read and closed before a sweep goes on. */
const afterOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
