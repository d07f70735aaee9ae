// One synthetic listener: comes, hears, checks, comes back when it is cut off, as the player in the page does
// (`web/player/link.ts`, whose limits it shares), but with a few numbers instead of a player.
//
//     away ─arrive→ connecting ─part→ hearing ─leave→ away
//                     ↑ ↑  │ failed      │ lost
//                     │ └─ waiting ←─────┘            vanished: neither reads nor hangs up, until the run ends
//              called └─── in line ← a place

import { type Epoch, epoch, PART_MS, type Sequence, sequence } from '../../base/units.ts'
import type { Place } from '../../core/door/waiting.ts'
import { SERVED_WITHIN_MS } from '../../core/rehearsal/tally.ts'
import { type EdgeNote, type ResumePoint, silenceLimitMs } from '../../core/stream/notes.ts'
import { CONNECT_LIMIT_MS, RESUME_WORTH_MS } from '../../web/player/link.ts'
import { PACE } from '../../web/player/pace.ts'
import { PlaceInLine } from './place-in-line.ts'
import { type ConnectionEnd, type ConnectionOwner, StreamConnection } from './stream-connection.ts'
import type { SwarmMember } from './swarm-member.ts'
import type { SwarmScope } from './swarm-scope.ts'

const NO_ANSWER = { place: undefined, retryAfterS: undefined } as const
/** No part was received yet, or too long ago to go on after it. */
const NOWHERE = -1
/** Edges do not flush at the same moment, and a sweep takes its time. */
const FLUSH_SPREAD_PARTS = 3
/** A slow listener reads for a while, then takes nothing for longer than an edge keeps a backlog. */
const SLOW_READS_MS = 2_000
const SLOW_PAUSES_MS = 8_000

export class SwarmListener implements ConnectionOwner, SwarmMember {
  readonly #scope: SwarmScope
  readonly isSlow: boolean
  /** The part that comes next; −1 when any may. */
  next: number = NOWHERE
  #epoch: Epoch = epoch(0)
  #current: StreamConnection | undefined
  /** Opened beside the first one when an edge asks to move; its first part closes the other. */
  #beside: StreamConnection | undefined
  #isAway = true
  #isVanished = false
  #isOver = false
  #attempt = 0
  #retryAtMs: number | undefined
  /** When the arrival began that is not served yet. */
  #arrivedAtMs: number | undefined
  /** When it got its first place, while it waits in the line. */
  #placedAtMs: number | undefined
  #line: PlaceInLine | undefined
  /** Of its place, or to return by. */
  #ticket: string | undefined
  #isLate = false
  #lostAtMs: number | undefined
  #tookAtMs = 0
  /** When a player would begin to play the part `next`. */
  #playsAtMs: number | undefined
  #isPaused = false
  #turnsAtMs = 0

  constructor(scope: SwarmScope, isSlow: boolean) {
    this.#scope = scope
    this.isSlow = isSlow
  }

  /** It wants to hear. */
  get wants(): boolean {
    return !this.#isAway && !this.#isVanished && !this.#isOver
  }

  get isArriving(): boolean {
    return this.wants && this.#arrivedAtMs !== undefined && !this.#isLate && !this.isWaiting
  }

  /** It has a place in the line. */
  get isWaiting(): boolean {
    return this.wants && this.#line !== undefined
  }

  /** It wants to hear, and has had neither sound nor a place for longer than anyone should wait. */
  isDeaf(now: number): boolean {
    // Who was inside is not helped by a place.
    const sinceMs = this.#lostAtMs ?? (this.#line === undefined ? this.#arrivedAtMs : undefined)
    return this.wants && sinceMs !== undefined && now - sinceMs > SERVED_WITHIN_MS
  }

  /** Sound comes: bytes are newer than a stream may be silent, and this connection has had a part. */
  isHearing(now: number): boolean {
    const stream = this.#current
    if (!this.wants || stream === undefined || !stream.gotPart) return false
    return this.#isPaused || now - stream.lastBytesAtMs < silenceLimitMs(this.#scope.flushMs)
  }

  /** Comes, at first or again. */
  arrive(): void {
    if (!this.#isAway) return
    this.#isAway = false
    this.#isLate = false
    this.#attempt = 0
    this.#arrivedAtMs = this.#scope.now()
    this.#scope.tally.arrivals += 1
    this.#connect()
  }

  /** Closes the page. */
  leave(): void {
    this.#scope.tally.left += 1
    this.#rest()
  }

  /** Is gone without a word: the socket stays open, and nobody reads it. */
  vanish(): void {
    this.#scope.tally.vanished += 1
    this.#isVanished = true
    this.#current?.pause()
  }

  owedParts(newest: number): number {
    const wasServed = this.wants && this.#arrivedAtMs === undefined && this.next !== NOWHERE && !this.isSlow
    if (!wasServed) return 0
    // What was said since the last flush is nobody's yet.
    const notDue = Math.ceil(this.#scope.flushMs / PART_MS) + FLUSH_SPREAD_PARTS
    return Math.max(0, newest + 1 - this.next - notDue)
  }

  /** The run is over. */
  stop(): void {
    this.#rest()
  }

  #rest(): void {
    this.#isAway = true
    this.#retryAtMs = undefined
    this.#arrivedAtMs = undefined
    this.#lostAtMs = undefined
    this.#playsAtMs = undefined
    this.#isPaused = false
    this.#leaveLine()
    this.#current?.drop()
    this.#beside?.drop()
    this.#current = undefined
    this.#beside = undefined
  }

  /** Several times a second: what is due is done. */
  sweep(now: number): void {
    if (!this.wants) return
    const isUnanswered = this.#arrivedAtMs !== undefined && this.#line === undefined
    if (isUnanswered && now - (this.#arrivedAtMs as number) > SERVED_WITHIN_MS) this.#countLate()
    this.#line?.sweep(now)
    if (this.#retryAtMs !== undefined && now >= this.#retryAtMs) this.#connect()
    if (this.isSlow) this.#takeTurns(now)
    if (this.#current !== undefined && !this.#isPaused && this.#isDead(this.#current, now)) {
      this.#giveUp(this.#current)
    }
    if (this.#beside !== undefined && this.#isDead(this.#beside, now)) {
      this.#beside.drop()
      this.#beside = undefined
    }
  }

  #isDead(stream: StreamConnection, now: number): boolean {
    if (!stream.isAnswered) return now - stream.openedAtMs > CONNECT_LIMIT_MS
    return now - stream.lastBytesAtMs > silenceLimitMs(this.#scope.flushMs)
  }

  #giveUp(stream: StreamConnection): void {
    const { tally } = this.#scope
    if (stream.isAnswered) tally.silent += 1
    else tally.connectFailures += 1
    stream.drop()
    this.#lost(stream, undefined)
  }

  #takeTurns(now: number): void {
    if (this.#current?.gotPart !== true || now < this.#turnsAtMs) return
    this.#isPaused = !this.#isPaused
    if (this.#isPaused) this.#current.pause()
    else this.#current.resume()
    const turnMs = this.#isPaused ? SLOW_PAUSES_MS : SLOW_READS_MS
    this.#turnsAtMs = now + turnMs * (0.75 + 0.5 * Math.random())
  }

  #countLate(): void {
    if (this.#isLate) return
    this.#isLate = true
    this.#scope.tally.late += 1
  }

  #connect(): void {
    this.#retryAtMs = undefined
    if (this.#scope.now() - this.#tookAtMs > RESUME_WORTH_MS) this.next = NOWHERE
    this.#current = new StreamConnection(this.#scope, this, this.#resumePoint(), this.#ticket)
  }

  #resumePoint(): ResumePoint | undefined {
    return this.next === NOWHERE ? undefined : { epoch: this.#epoch, next: sequence(this.next) }
  }

  took(stream: StreamConnection, first: Sequence, last: Sequence): void {
    const { tally } = this.#scope
    const now = this.#scope.now()
    if (!stream.gotPart) this.#begin(stream, now)
    tally.parts += last - first + 1
    let from: number = first
    if (this.next !== NOWHERE && first < this.next) {
      from = Math.min(this.next, last + 1)
      if (!stream.isResumed && this.#beside === undefined) tally.repeats += from - first
    } else if (this.next !== NOWHERE && first > this.next) this.#jump(stream, first)
    if (from > last) return
    this.next = last + 1
    this.#tookAtMs = now
    this.#play(last - from + 1, now)
  }

  /** The first part of a connection: an arrival is served, a loss is over, a move is made. */
  #begin(stream: StreamConnection, now: number): void {
    const { durations, tally } = this.#scope
    stream.gotPart = true
    if (stream === this.#beside) {
      this.#current?.drop()
      this.#current = stream
      this.#beside = undefined
    }
    if (this.#arrivedAtMs !== undefined) {
      const tookMs = now - this.#arrivedAtMs
      tally.served += 1
      if (this.#placedAtMs !== undefined) durations.waited.record(now - this.#placedAtMs)
      else {
        durations.firstAudio.record(tookMs)
        this.#answer(tookMs)
      }
      this.#arrivedAtMs = undefined
    }
    this.#leaveLine()
    if (this.#lostAtMs !== undefined) durations.outage.record(now - this.#lostAtMs)
    this.#lostAtMs = undefined
  }

  /** An arrival has audio or a place. */
  #answer(tookMs: number): void {
    this.#scope.durations.answered.record(tookMs)
    if (tookMs > SERVED_WITHIN_MS) this.#countLate()
  }

  #jump(stream: StreamConnection, to: Sequence): void {
    const { tally, ledger } = this.#scope
    const missing = to - this.next
    if (stream.skipsTold > 0) {
      stream.skipsTold = 0
      tally.skips += 1
      tally.skippedParts += missing
      if (this.isSlow) tally.slowSkips += 1
    } else {
      tally.gaps += 1
      tally.gapParts += missing
      ledger.jumped({ from: this.next, to, listeners: 1 })
    }
    this.#playsAtMs = undefined
  }

  /** A model of the player's buffer: a part that comes after it should play is a stall. */
  #play(parts: number, now: number): void {
    const targetMs = Math.max(PACE.targetMsDefault, this.#scope.flushMs + PACE.flushMarginMs)
    if (this.#playsAtMs === undefined || this.isSlow) {
      this.#playsAtMs = now + targetMs
      return
    }
    const lateMs = now - this.#playsAtMs
    if (lateMs > PART_MS / 4) {
      this.#scope.tally.stalls += 1
      this.#scope.tally.stalledMs += lateMs
    }
    this.#playsAtMs = Math.max(this.#playsAtMs, now) + parts * PART_MS
  }

  caughtUp(stream: StreamConnection): void {
    const { gridStartMs, durations } = this.#scope
    // The first parts of a connection are of the past by intent.
    const isBurst = this.#scope.now() - stream.openedAtMs < SERVED_WITHIN_MS
    if (gridStartMs === undefined || isBurst || this.isSlow || this.next === NOWHERE) return
    durations.lag.record(this.#scope.serverWallMs() - (gridStartMs + this.next * PART_MS))
  }

  note(stream: StreamConnection, note: EdgeNote): void {
    switch (note.kind) {
      case 'hello':
        if (note.epoch > this.#epoch) this.#epoch = note.epoch
        this.#ticket = note.ticket ?? this.#ticket
        this.#scope.flushMs = note.flushMs
        if (note.gridStartMs !== undefined) this.#scope.gridStartMs = note.gridStartMs
        return
      case 'flush':
        this.#scope.flushMs = note.flushMs
        return
      case 'skipped':
        stream.skipsTold += note.parts
        return
      case 'move':
        this.#move(stream)
        return
      case 'ended':
        this.#finish()
    }
  }

  #move(stream: StreamConnection): void {
    if (stream !== this.#current || this.#beside !== undefined) return
    this.#scope.tally.moves += 1
    this.#beside = new StreamConnection(this.#scope, this, this.#resumePoint(), this.#ticket)
  }

  #finish(): void {
    this.#scope.tally.ended += 1
    this.#isOver = true
    this.#rest()
  }

  over(stream: StreamConnection, end: ConnectionEnd): void {
    const { tally } = this.#scope
    if (stream === this.#beside) {
      this.#beside = undefined
      return
    }
    if (stream !== this.#current || this.#isVanished) return
    if (end.kind === 'answered' && end.status === 410) {
      this.#finish()
      return
    }
    if (end.kind === 'failed') tally.connectFailures += 1
    else if (end.kind === 'closed') tally.lost += 1
    else if (end.kind === 'broken') tally.broken += 1
    else if (end.status === 503 || end.status === 429) tally.turnedAway += 1
    else tally.refused += 1
    const { place, retryAfterS } = end.kind === 'answered' ? end : NO_ANSWER
    if (place !== undefined && this.#beside === undefined) this.#lineUp(stream, place, retryAfterS)
    else this.#lost(stream, retryAfterS)
  }

  /** There is no room: it waits where it was told to, and shows its place when its turn has come. */
  #lineUp(stream: StreamConnection, place: Place, retryAfterS: number | undefined): void {
    const { tally } = this.#scope
    const now = this.#scope.now()
    if (stream.gotPart) this.#lostAtMs = now
    this.#current = undefined
    this.#ticket = place.ticket
    if (this.#arrivedAtMs !== undefined && this.#placedAtMs === undefined) {
      this.#placedAtMs = now
      tally.placed += 1
      this.#answer(now - this.#arrivedAtMs)
    }
    this.#line ??= new PlaceInLine(this.#scope, () => this.#showPlace())
    this.#line.placed(place, retryAfterS)
  }

  #showPlace(): void {
    if (!this.wants || this.#current !== undefined) return
    this.#scope.tally.shown += 1
    this.#connect()
  }

  #leaveLine(): void {
    this.#line?.stop()
    this.#line = undefined
    this.#placedAtMs = undefined
  }

  #lost(stream: StreamConnection, retryAfterS: number | undefined): void {
    const now = this.#scope.now()
    this.#isPaused = false
    this.#current = this.#beside
    this.#beside = undefined
    if (stream.gotPart) {
      this.#attempt = 0
      this.#lostAtMs = now
    }
    if (this.#current !== undefined) return
    if (this.#line !== undefined) {
      this.#line.notShown(retryAfterS)
      return
    }
    this.#scope.tally.reconnects += 1
    this.#retryAtMs = now + this.#scope.retryDelayMs(this.#attempt, retryAfterS)
    this.#attempt += 1
  }
}
