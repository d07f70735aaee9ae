// One tail of one space's log, for everybody on this edge who needs it: streams, playlists, segments. It keeps the
// window, survives the log's restart (listeners stay connected, with heartbeats), and knows when the program ends.

import { setTimeout as sleep } from 'node:timers/promises'
import { backoffDelay, NEIGHBOUR_BACKOFF } from '../../../base/backoff.ts'
import type { Clock } from '../../../base/clock.ts'
import { hasCode, MimbarError } from '../../../base/errors.ts'
import type { SpaceId } from '../../../base/ids.ts'
import { type Millis, millis, type Sequence, sequence, wallTimeOf } from '../../../base/units.ts'
import type { EgressPacer } from '../../../core/capacity/egress-pacer.ts'
import { PollerBook } from '../../../core/count/sessions.ts'
import type { FlushPace } from '../../../core/delivery/flush-pace.ts'
import { HeldRequests, type HoldingRoom } from '../../../core/delivery/held-requests.ts'
import { PartWindow } from '../../../core/delivery/part-window.ts'
import type { Part, TrackHeader, TrackId } from '../../../core/part/part.ts'
import { isProduced } from '../../../core/part/tracks.ts'
import { type SpaceFacts, WANTED_EVERY_MS } from '../../../core/space/facts.ts'
import type { LogHead, PartLog, TailItem } from '../../../engine/ports.ts'
import { ENDING_GRACE_MS, READER_LINGER_MS, TAIL_SILENCE_MAX_MS, WINDOW_PARTS } from '../limits.ts'
import type { EdgeCounters } from '../metrics.ts'
import { FRAMINGS, STREAM_TRACKS, type StreamTrack } from './stream-framing.ts'
import { StreamGroup } from './stream-group.ts'

export interface SpaceReaderOptions {
  readonly facts: SpaceFacts
  readonly log: PartLog
  readonly pace: FlushPace
  /** Where requests for what is not there yet are held. */
  readonly room: HoldingRoom
  readonly counters: EdgeCounters
  readonly egress: EgressPacer
  readonly clock: Clock
  /** See `StreamGroupOptions`. */
  readonly moveRest?: Millis | undefined
  readonly onWanted: (space: SpaceId) => void
}

export class SpaceReader {
  readonly window = new PartWindow(WINDOW_PARTS)
  readonly pollers = new PollerBook()
  /** Requests that wait for the log to go on. */
  readonly held: HeldRequests
  readonly #options: SpaceReaderOptions
  readonly #groups: Readonly<Record<StreamTrack, StreamGroup>>
  readonly #stopping = new AbortController()
  readonly #following: Promise<void>
  #facts: SpaceFacts | undefined
  #head: LogHead | undefined
  readonly #readyWaiters = new Set<() => void>()
  #isReady = false
  #isSealed = false
  #tail: AbortController | undefined
  #tailHeardAt: Millis
  #neededAt: Millis
  #wishedAt = millis(Number.NEGATIVE_INFINITY)
  #partAt: Millis
  #lagMs = 0
  #flushDueAt: Millis
  #flushTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: SpaceReaderOptions) {
    const { pace, counters, clock } = options
    this.#options = options
    this.#facts = options.facts
    this.held = new HeldRequests(options.room)
    const now = clock.now()
    this.#tailHeardAt = now
    this.#neededAt = now
    this.#partAt = now
    this.#flushDueAt = now
    const onLeft = () => this.touch()
    const group = (track: StreamTrack) =>
      new StreamGroup({
        framing: FRAMINGS[track],
        window: this.window,
        pace,
        counters: counters.streams[track],
        clock,
        egress: options.egress,
        moveRest: options.moveRest,
        onLeft,
      })
    this.#groups = {
      'opus.mp4': group('opus.mp4'),
      'opus.ogg': group('opus.ogg'),
      'low.mp4': group('low.mp4'),
    }
    this.#following = this.#follow()
  }

  /** What is known of the space now; undefined when it was deleted. */
  get facts(): SpaceFacts | undefined {
    return this.#facts
  }

  /** The log's header, once one was found. */
  get head(): LogHead | undefined {
    return this.#head
  }

  /** True once the window has reached the live edge. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** True once no further part can come. */
  get isSealed(): boolean {
    return this.#isSealed
  }

  /** How long after its last sample was due the newest part got here. */
  get lagMs(): number {
    return this.#lagMs
  }

  group(track: StreamTrack): StreamGroup {
    return this.#groups[track]
  }

  header(track: TrackId): TrackHeader | undefined {
    return this.#head?.tracks.find((header) => header.id === track)
  }

  get streams(): number {
    return STREAM_TRACKS.reduce((sum, track) => sum + this.#groups[track].size, 0)
  }

  /** People: streams being delivered to, and players that poll. Synthetic listeners are not among them. */
  listeners(): number {
    const now = this.#options.clock.now()
    const streams = STREAM_TRACKS.reduce((sum, track) => sum + this.#groups[track].listening(now), 0)
    return streams + this.pollers.count(now)
  }

  /** Somebody needs this space now. */
  touch(): void {
    this.#neededAt = this.#options.clock.now()
  }

  /**
   * Somebody plays the AAC rendition now: call it with every request for what belongs to that. The stage begins with it
   * within a second, and goes on for 30 s after the last call here or on another edge.
   */
  wantAac(): void {
    this.touch()
    const now = this.#options.clock.now()
    if (now - this.#wishedAt < WANTED_EVERY_MS) return
    this.#wishedAt = now
    this.#options.onWanted(this.#options.facts.id)
  }

  /** True while the newest part has the track: an HLS player that begins now finds it. */
  isProduced(track: TrackId): boolean {
    return isProduced(track, this.window.newest)
  }

  /** True when nobody has needed it for a while. */
  isIdle(): boolean {
    return this.streams === 0 && this.#options.clock.now() - this.#neededAt > READER_LINGER_MS
  }

  /** Control has changed what is true of the space; undefined: it was deleted. */
  learn(facts: SpaceFacts | undefined): void {
    this.#facts = facts
    if (facts === undefined) this.#seal()
    else this.#sealIfOver(this.window.newest?.sequence)
  }

  /** Listeners were told of a longer interval. */
  announceFlush(flushMs: number): void {
    for (const track of STREAM_TRACKS) this.#groups[track].announceFlush(flushMs)
  }

  /** Resolves when parts may be served or none will come, and after `withinMs` at the latest. */
  async whenReady(withinMs: number): Promise<void> {
    if (this.#isReady || this.#isSealed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, withinMs)
    this.#readyWaiters.add(resolve)
    await promise
    clearTimeout(timer)
    this.#readyWaiters.delete(resolve)
  }

  /** Several times a second. */
  tick(now: Millis): void {
    if (now - this.#tailHeardAt > TAIL_SILENCE_MAX_MS) {
      this.#tailHeardAt = now
      this.#tail?.abort()
    }
    if (this.#isOverdue(now)) this.#seal()
    this.held.expire(now)
    for (const track of STREAM_TRACKS) this.#groups[track].tick(now)
  }

  async stop(): Promise<void> {
    clearTimeout(this.#flushTimer)
    this.#endWaits()
    this.held.end()
    this.#stopping.abort()
    for (const track of STREAM_TRACKS) this.#groups[track].closeAll()
    await this.#following
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    for (let attempt = 0; !signal.aborted && !this.#isSealed; attempt++) {
      const heardAt = this.#tailHeardAt
      try {
        await this.#tailOnce(signal)
      } catch (error) {
        // A log that nobody has opened yet is the normal state of a scheduled space.
        const isExpected = error instanceof MimbarError || signal.aborted || this.#tail?.signal.aborted
        if (!isExpected) throw error
        if (this.#head !== undefined && !hasCode(error, 'not-found')) this.#options.counters.tailBreaks += 1
      }
      if (signal.aborted || this.#isSealed) return
      if (this.#tailHeardAt > heardAt) attempt = 0
      await sleep(backoffDelay(attempt, Math.random(), NEIGHBOUR_BACKOFF), undefined, { signal }).catch(
        () => undefined, // stopped while waiting
      )
    }
  }

  async #tailOnce(stopping: AbortSignal): Promise<void> {
    const { log, facts, clock } = this.#options
    const tail = new AbortController()
    this.#tail = tail
    const newest = this.window.newest
    this.#head ??= await log.head(facts.id)
    this.#openWhenThere(this.#head.newest)
    const start =
      newest === undefined
        ? ({ kind: 'live', burstParts: WINDOW_PARTS } as const)
        : ({ kind: 'sequence', from: sequence(newest.sequence + 1) } as const)
    for await (const item of log.tail(facts.id, start, AbortSignal.any([stopping, tail.signal]))) {
      this.#tailHeardAt = clock.now()
      this.#take(item)
      if (this.#isSealed) return
    }
  }

  #take(item: TailItem): void {
    if (item.kind === 'part') this.#add(item.part)
    else if (item.kind === 'ended') this.#seal()
  }

  #add(part: Part): void {
    const { clock } = this.#options
    const end = this.#facts?.programEnd
    if (end === undefined || part.sequence < end) {
      if (!this.window.push(part)) return
      this.#partAt = clock.now()
      if (this.#head !== undefined) {
        this.#lagMs = clock.wall() - wallTimeOf(sequence(part.sequence + 1), this.#head.gridStartMs)
      }
    }
    if (!this.#isReady) this.#openWhenThere(this.#head?.newest)
    else this.#flushWhenDue()
    this.#sealIfOver(part.sequence)
    this.held.reached(part.sequence + 1)
  }

  /** Streams begin once the first parts are here: a join in the middle of the burst would start far behind. */
  #openWhenThere(newestAtStart: Sequence | undefined): void {
    const newest = this.window.newest
    if (this.#isReady || newest === undefined || this.#head === undefined) return
    if (newestAtStart !== undefined && newest.sequence < newestAtStart) return
    this.#isReady = true
    this.#endWaits()
    for (const track of STREAM_TRACKS) {
      const header = this.header(track) ?? this.header(FRAMINGS[track].substitute ?? track)
      if (header !== undefined) this.#groups[track].open(header, this.#head.gridStartMs)
    }
  }

  #flushWhenDue(): void {
    const { pace, clock } = this.#options
    const now = clock.now()
    if (pace.isPerPart || now >= this.#flushDueAt) this.#flush(now)
    else this.#flushTimer ??= setTimeout(() => this.#flush(clock.now()), Math.max(0, this.#flushDueAt - now))
  }

  #flush(now: Millis): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    this.#flushDueAt = this.#options.pace.flushed(now)
    for (const track of STREAM_TRACKS) this.#groups[track].flush()
  }

  #sealIfOver(newest: Sequence | undefined): void {
    const end = this.#facts?.programEnd
    if (end !== undefined && newest !== undefined && newest + 1 >= end) this.#seal()
  }

  #isOverdue(now: Millis): boolean {
    const facts = this.#facts
    if (facts?.phase !== 'ended' || facts.programEnd === undefined) return false
    const dueAt = wallTimeOf(facts.programEnd, facts.gridStartMs)
    return (
      this.#options.clock.wall() > dueAt + ENDING_GRACE_MS && now - this.#partAt > millis(ENDING_GRACE_MS)
    )
  }

  #seal(): void {
    if (this.#isSealed) return
    this.#isSealed = true
    this.#endWaits()
    this.held.end()
    this.#tail?.abort()
    for (const track of STREAM_TRACKS) this.#groups[track].seal()
  }

  #endWaits(): void {
    for (const resolve of this.#readyWaiters) resolve()
  }
}
