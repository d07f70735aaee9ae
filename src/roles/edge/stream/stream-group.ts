// Everyone who hears one track of one space over a pushed stream. A part is framed once, and the same bytes are
// handed to every socket: a sweep allocates nothing per listener. The array is dense (who leaves is replaced by
// the last), and swept from its end, so that leaving and joining never disturb a sweep that has yielded.

import { concatBytes } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import {
  type Epoch,
  epoch,
  type Millis,
  millis,
  type Sequence,
  type WallMillis,
} from '../../../base/units.ts'
import type { EgressPacer } from '../../../core/capacity/egress-pacer.ts'
import { MOVE_REST } from '../../../core/capacity/move-law.ts'
import { isListening } from '../../../core/count/sessions.ts'
import { type FlushPace, NO_COHORT } from '../../../core/delivery/flush-pace.ts'
import { ListenerDelivery } from '../../../core/delivery/listener-delivery.ts'
import type { PartWindow } from '../../../core/delivery/part-window.ts'
import type { TrackHeader } from '../../../core/part/part.ts'
import type { EdgeNote } from '../../../core/stream/notes.ts'
import { HEARTBEAT_AFTER_MS, SWEEP_SLICE, TICK_MS } from '../limits.ts'
import type { CloseReason, StreamCounters } from '../metrics.ts'
import { NOTHING, type StreamFraming } from './stream-framing.ts'
import type { JoinOptions, StreamListener, StreamSink } from './stream-listener.ts'
import { type Sweep, SweepPlan } from './sweep-plan.ts'

export interface StreamGroupOptions {
  readonly framing: StreamFraming
  readonly window: PartWindow
  readonly pace: FlushPace
  readonly counters: StreamCounters
  readonly egress: EgressPacer
  readonly clock: Clock
  /** How long who came or was asked is not asked to move; `MOVE_REST` by default. */
  readonly moveRest?: Millis | undefined
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
  readonly #plan = new SweepPlan()
  #sweptAt: Millis
  /** When the sweep that is under way, or the next one, should have begun. */
  #dueAt: Millis | undefined
  #announcement: Uint8Array = NOTHING
  #sweeping = false
  #sweepAgain = false
  /** What of the sweep under way was waiting for the network's sake. */
  #pausedMs = 0

  constructor(options: StreamGroupOptions) {
    this.#options = options
    this.#sweptAt = options.clock.now()
  }

  get #moveRest(): Millis {
    return this.#options.moveRest ?? MOVE_REST
  }

  get size(): number {
    return this.#listeners.length
  }

  /** How many people, or how many synthetic listeners, are being delivered to. */
  listening(now: Millis, isRehearsed = false): number {
    let count = 0
    for (const listener of this.#listeners) {
      const isReached = isListening(listener.delivery.blockedFor(now)) && !listener.isSilent()
      if (listener.isRehearsed === isRehearsed && isReached) count += 1
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
  join(sink: StreamSink, options: JoinOptions): StreamListener {
    const { resumeAt, isRehearsed = false, isSilent = never, ticket } = options
    const listener: StreamListener = {
      sink,
      delivery: new ListenerDelivery(this.#options.framing.limits, resumeAt),
      isRehearsed,
      isSilent,
      index: this.#listeners.length,
      isGreeted: false,
      isOpen: false,
      toldFlushMs: this.#options.pace.announcedMs,
      cohort: this.#options.framing.hearsNotes ? this.#options.pace.cohort : NO_COHORT,
      staysUntil: millis(this.#options.clock.now() + this.#moveRest),
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

  /** Asks up to `count` of those who have been here for a while; returns how many there were. */
  askSomeToMove(count: number, now: Millis): number {
    if (!this.#options.framing.hearsNotes) return 0
    const note = this.#options.framing.note({ kind: 'move' })
    let asked = 0
    for (let i = this.#listeners.length - 1; i >= 0 && asked < count; i--) {
      const listener = this.#listeners[i]
      if (listener === undefined || listener.delivery.isBlocked || listener.staysUntil > now) continue
      // Whoever stays all the same (the others were full) is left in peace for longer.
      listener.staysUntil = millis(now + 2 * this.#moveRest)
      this.#tell(listener, note)
      asked += 1
    }
    return asked
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
    if (this.#listeners.length > 0) this.#dueAt ??= this.#options.clock.now()
    if (this.#sweeping) this.#sweepAgain = true
    else if (this.#listeners.length === 0) this.#plan.skipTo(this.#options.window.end)
    else void this.#sweepAll()
  }

  /** Called several times a second: a heartbeat for who had nothing, an end for who takes nothing. */
  tick(now: Millis): void {
    // A stream that is written to less often than that has its interval for a heartbeat.
    const { pace } = this.#options
    const silentMs = Math.max(HEARTBEAT_AFTER_MS, pace.isPerPart ? 0 : pace.usedMs + TICK_MS)
    if (now - this.#sweptAt >= silentMs) this.flush()
  }

  async #sweepAll(): Promise<void> {
    this.#sweeping = true
    do {
      this.#sweepAgain = false
      const dueAt = this.#dueAt
      this.#dueAt = undefined
      this.#sweptAt = this.#options.clock.now()
      this.#pausedMs = 0
      await this.#sweep(this.#nextSweep())
      const slipMs = this.#sweptAt - (dueAt ?? this.#sweptAt) - this.#pausedMs
      this.#options.counters.slipMsMax = Math.max(this.#options.counters.slipMsMax, slipMs)
    } while (this.#sweepAgain)
    this.#sweeping = false
  }

  #nextSweep(): Sweep {
    const { window, pace } = this.#options
    const announcement = this.#announcement
    this.#announcement = NOTHING
    const frame = (from: number, to: number) => this.#frame(announcement, from, to)
    const isForAll = this.#sealed || announcement.length > 0
    return this.#plan.next({ window, pace, frame, isForAll }, this.#sweptAt)
  }

  async #sweep({ to, main, newcomers, skipped }: Sweep): Promise<void> {
    const { pace, counters, clock } = this.#options
    const toldFlushMs = pace.announcedMs
    const isPlain = this.#header !== undefined && !this.#sealed
    const slice = Math.min(SWEEP_SLICE, this.#options.egress.writesAtOnce(main.bytes.length))
    let visited = 0
    for (let i = this.#listeners.length - 1; i >= 0; i--) {
      const listener = this.#listeners[i]
      if (listener === undefined || (listener.cohort === skipped && listener.isOpen)) continue
      const { delivery } = listener
      const due = delivery.isAt(main.from) ? main : delivery.isAt(newcomers.from) ? newcomers : undefined
      if (isPlain && listener.isOpen && due !== undefined) {
        if (due.bytes.length > 0) this.#write(listener, due.bytes, to)
        else delivery.sent(to, true, this.#sweptAt)
        listener.toldFlushMs = toldFlushMs
        counters.partsDelivered += to - due.from
      } else if (!this.#serve(listener) && !listener.delivery.isBlocked) {
        this.#greet(listener)
      }
      visited += 1
      if (visited % slice === 0) await this.#pause()
    }
    this.#sweptAt = clock.now()
  }

  /** Lets others have a turn; for longer where the node's egress asks for it. */
  async #pause(): Promise<void> {
    const { egress, clock } = this.#options
    const waitMs = egress.waitMs(clock.now())
    if (waitMs < 1) return afterOthers()
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    this.#pausedMs += waitMs
  }

  /** The bytes that everyone at the live edge gets: an announcement, then parts, or else a heartbeat. */
  #frame(announcement: Uint8Array, from: number, to: number): Uint8Array {
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
    const { window, framing } = this.#options
    const { tracks } = window.at(ordinal)
    return tracks.get(framing.track) ?? tracks.get(framing.substitute ?? framing.track) ?? NOTHING
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
    this.#options.counters.writes += 1
    this.#options.egress.sent(bytes.length)
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

const never = (): boolean => false

/** Lets sockets be accepted, read and closed before a sweep goes on. */
const afterOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
