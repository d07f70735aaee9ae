// Who writes a space: one machine per space in every stage process. It decides when to take the lease, when to stand
// by, and when to take over; its shell does the calls and the tailing (`roles/stage/custody-shell.ts`).
//
//              phase lobby, live                    acquired
//     idle ───────────────────▶ waiting ──▶ acquiring ─────────▶ holding
//      ▲                         │   ▲         ▲   │ held          │ fenced, lease lost
//      │ ended, removed     part │   │ silent  │   ▼               │
//      └──────────────────── following ──▶ inspecting ◀────────────┘ (by way of waiting)
//
// A takeover is a theft with manners. A standby that sees no part for MISSED_MS asks the log itself before it acts:
// only an engine that answers promptly, and knows nothing newer either, proves that the holder is the one at fault.
// So neither a stopped log nor a stalled standby takes a space from a healthy stage. And should everything here be
// wrong, the log's fencing still lets only the newest epoch write.

import type { Epoch, Millis, Sequence } from '../../base/units.ts'
import { epoch, millis, PART_MS } from '../../base/units.ts'
import type { SpacePhase } from '../space/facts.ts'

/** A lease outlives its holder's last renewal by this. */
export const LEASE_TTL_MS = 5_000
export const RENEW_EVERY_MS = 1_000
/** Two parts missed, and a little for the way: then the holder is taken for dead. */
export const MISSED_MS = 2 * PART_MS + 50
/** After the engine was away its writers get this long to come back before silence counts against them. */
export const ENGINE_GRACE_MS = 700
/** An engine that takes longer to say where the log stands may have held back parts as well. */
export const PROMPT_MS = 100
/** Parts that a slow engine had held back are here by then. */
export const SECOND_LOOK_MS = 150
/** How long a stage gives the stages ranked before it. */
export const RANK_STEP_MS = 1_000
/** Between tries while the engine does not answer, or while a lease without parts runs out. */
export const RETRY_MS = 500

export type CustodyEvent =
  /** Desired state, or its removal (`scheduled` counts as removed: nobody serves it yet). */
  | { readonly kind: 'facts'; readonly phase: SpacePhase }
  /** How many stages should take this space before this one does. */
  | { readonly kind: 'ranked'; readonly rank: number }
  /** Somebody wants the space from this very stage, or its holder is leaving: take it if it is free. */
  | { readonly kind: 'wanted' }
  /** `up`: the first item of a tail; `down`: the tail broke off or found no log. */
  | { readonly kind: 'tail-up' }
  | { readonly kind: 'tail-down' }
  | { readonly kind: 'part'; readonly sequence: Sequence; readonly epoch: Epoch }
  | { readonly kind: 'log-ended' }
  | { readonly kind: 'inspected'; readonly answer: Inspection; readonly took: Millis }
  | { readonly kind: 'acquired'; readonly epoch: Epoch }
  | { readonly kind: 'held'; readonly epoch: Epoch }
  | { readonly kind: 'acquire-failed' }
  | { readonly kind: 'renewed' }
  | { readonly kind: 'renew-failed' }
  | { readonly kind: 'lease-lost' }
  /** The log refused a part of ours: somebody else holds the space. */
  | { readonly kind: 'fenced' }
  /** The program ran to its end and the log is closed. */
  | { readonly kind: 'finished' }
  /** The process is going: let go of everything. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'deadline' }

/** What the log says of itself. */
export type Inspection =
  | {
      readonly kind: 'head'
      readonly newest?: Sequence | undefined
      readonly epoch: Epoch
      readonly ended: boolean
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unavailable' }

export type CustodyEffect =
  /** Tail the log, and again whenever the tail breaks off, until `unfollow`. */
  | { readonly kind: 'follow' }
  | { readonly kind: 'unfollow' }
  | { readonly kind: 'inspect' }
  | { readonly kind: 'acquire'; readonly over?: Epoch }
  | { readonly kind: 'renew'; readonly epoch: Epoch }
  | { readonly kind: 'serve'; readonly epoch: Epoch }
  /** Stop the program at once; `release`: it is still ours to let go. */
  | { readonly kind: 'quit'; readonly epoch: Epoch; readonly release: boolean }
  | { readonly kind: 'release'; readonly epoch: Epoch }

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'following'; readonly silentAt: number }
  | { readonly kind: 'inspecting' }
  | { readonly kind: 'acquiring' }
  | { readonly kind: 'holding'; readonly epoch: Epoch; readonly renewAt: number }

const NOTHING: readonly CustodyEffect[] = []

/** Pure; `handle` returns what the shell is to do now, `deadline` when to come back with a `deadline` event. */
export class Custody {
  #state: State = { kind: 'idle' }
  #phase: SpacePhase = 'scheduled'
  #rank = 0
  #following = false
  #tailUp = false
  #graceUntil = 0
  #newest: Sequence | undefined
  #epoch: Epoch = epoch(0)

  get state(): State['kind'] {
    return this.#state.kind
  }

  /** The epoch with which this stage holds the space; undefined while it does not. */
  get heldEpoch(): Epoch | undefined {
    return this.#state.kind === 'holding' ? this.#state.epoch : undefined
  }

  get deadline(): Millis | undefined {
    switch (this.#state.kind) {
      case 'waiting':
        return millis(this.#state.until)
      case 'following':
        return millis(this.#state.silentAt)
      case 'holding':
        return millis(this.#state.renewAt)
      default:
        return undefined
    }
  }

  handle(event: CustodyEvent, now: Millis): readonly CustodyEffect[] {
    switch (event.kind) {
      case 'facts':
        return this.#onFacts(event.phase, now)
      case 'ranked':
        return this.#onRanked(event.rank, now)
      case 'wanted':
        return this.#isOpen && this.#isStandingBy ? this.#acquire() : NOTHING
      case 'tail-up':
        this.#tailUp = true
        this.#graceUntil = now + ENGINE_GRACE_MS
        return this.#state.kind === 'following' ? this.#listen(now) : NOTHING
      case 'tail-down':
        this.#tailUp = false
        // Nothing can be judged now. Should the tail never come back, the lease decides; its holder renews first.
        return this.#state.kind === 'following' ? this.#wait(now + LEASE_TTL_MS) : NOTHING
      case 'part':
        return this.#onPart(event.sequence, event.epoch, now)
      case 'log-ended':
      case 'finished':
        return this.#close()
      case 'inspected':
        return this.#state.kind === 'inspecting' ? this.#onInspected(event.answer, event.took, now) : NOTHING
      case 'acquired':
        return this.#onAcquired(event.epoch, now)
      case 'held':
        this.#epoch = event.epoch
        if (this.#state.kind !== 'acquiring') return NOTHING
        // Without a tail there is nothing to judge the holder by, so the lease itself is asked again.
        return this.#tailUp ? this.#listen(now) : this.#wait(now + RANK_STEP_MS)
      case 'acquire-failed':
        if (this.#state.kind === 'acquiring') this.#state = { kind: 'waiting', until: now + RETRY_MS }
        return NOTHING
      case 'renewed':
      case 'renew-failed':
        return this.#onRenewAnswer(event.kind === 'renewed' ? RENEW_EVERY_MS : RETRY_MS, now)
      case 'lease-lost':
      case 'fenced':
        return this.#state.kind === 'holding' ? this.#lose(this.#state.epoch, now) : NOTHING
      case 'leave':
        return this.#close()
      case 'deadline':
        return this.deadline !== undefined && now >= this.deadline ? this.#onDeadline(now) : NOTHING
    }
  }

  get #isOpen(): boolean {
    return this.#phase === 'lobby' || this.#phase === 'live'
  }

  get #isStandingBy(): boolean {
    const { kind } = this.#state
    return kind === 'waiting' || kind === 'following' || kind === 'inspecting'
  }

  #onFacts(phase: SpacePhase, now: Millis): readonly CustodyEffect[] {
    const before = this.#phase
    this.#phase = phase
    if (phase === before) return NOTHING
    if (phase === 'scheduled') return this.#close()
    if (this.#state.kind !== 'idle') return NOTHING
    // A space that ended long ago is looked at once: its last holder may have died before it closed the log.
    if (phase === 'ended') return this.#wait(now + RANK_STEP_MS * (1 + this.#rank))
    const effects = this.#follow()
    return this.#rank === 0
      ? [...effects, ...this.#acquire()]
      : [...effects, ...this.#wait(now + RANK_STEP_MS * this.#rank)]
  }

  #onRanked(rank: number, now: Millis): readonly CustodyEffect[] {
    if (rank === this.#rank) return NOTHING
    this.#rank = rank
    if (this.#state.kind !== 'waiting') return NOTHING
    return this.#wait(Math.min(this.#state.until, now + RANK_STEP_MS * rank))
  }

  #onPart(sequence: Sequence, writtenBy: Epoch, now: Millis): readonly CustodyEffect[] {
    this.#newest = sequence
    if (writtenBy > this.#epoch) this.#epoch = writtenBy
    return this.#isStandingBy ? this.#listen(now) : NOTHING
  }

  #onInspected(answer: Inspection, took: Millis, now: Millis): readonly CustodyEffect[] {
    if (answer.kind === 'missing') return this.#isOpen ? this.#acquire() : this.#close()
    if (answer.kind === 'unavailable') return this.#wait(now + RETRY_MS)
    if (answer.ended) return this.#close()
    const isSame = answer.newest === this.#newest && answer.epoch === this.#epoch
    this.#newest = answer.newest
    this.#epoch = answer.epoch
    if (isSame && this.#tailUp) {
      if (took <= PROMPT_MS) return this.#acquire(answer.epoch)
      this.#state = { kind: 'following', silentAt: now + SECOND_LOOK_MS }
      return NOTHING
    }
    // Something is newer than we knew: that writer has as long as any other.
    return [...this.#listen(now), ...this.#follow()]
  }

  #onAcquired(acquired: Epoch, now: Millis): readonly CustodyEffect[] {
    if (this.#state.kind !== 'acquiring') return [{ kind: 'release', epoch: acquired }]
    this.#epoch = acquired
    this.#state = { kind: 'holding', epoch: acquired, renewAt: now + RENEW_EVERY_MS }
    return [...this.#unfollow(), { kind: 'serve', epoch: acquired }]
  }

  #onRenewAnswer(nextMs: number, now: Millis): readonly CustodyEffect[] {
    if (this.#state.kind === 'holding') this.#state = { ...this.#state, renewAt: now + nextMs }
    return NOTHING
  }

  #onDeadline(now: Millis): readonly CustodyEffect[] {
    switch (this.#state.kind) {
      case 'waiting':
        if (this.#isOpen && !this.#tailUp) return this.#acquire()
        this.#state = { kind: 'inspecting' }
        return [{ kind: 'inspect' }]
      case 'following':
        this.#state = { kind: 'inspecting' }
        return [{ kind: 'inspect' }]
      case 'holding':
        // The answer sets the next time; this one is only for an answer that never comes.
        this.#state = { ...this.#state, renewAt: now + LEASE_TTL_MS }
        return [{ kind: 'renew', epoch: this.#state.epoch }]
      default:
        return NOTHING
    }
  }

  #lose(epochLost: Epoch, now: Millis): readonly CustodyEffect[] {
    this.#newest = undefined
    const quit: CustodyEffect = { kind: 'quit', epoch: epochLost, release: false }
    return [quit, ...this.#wait(now + RANK_STEP_MS), ...this.#follow()]
  }

  #close(): readonly CustodyEffect[] {
    const { heldEpoch } = this
    this.#state = { kind: 'idle' }
    this.#newest = undefined
    const quit: readonly CustodyEffect[] =
      heldEpoch === undefined ? NOTHING : [{ kind: 'quit', epoch: heldEpoch, release: true }]
    return [...quit, ...this.#unfollow()]
  }

  #acquire(over?: Epoch): readonly CustodyEffect[] {
    this.#state = { kind: 'acquiring' }
    return [over === undefined ? { kind: 'acquire' } : { kind: 'acquire', over }]
  }

  #wait(until: number): readonly CustodyEffect[] {
    this.#state = { kind: 'waiting', until }
    return NOTHING
  }

  #listen(now: Millis): readonly CustodyEffect[] {
    this.#state = { kind: 'following', silentAt: Math.max(now + MISSED_MS, this.#graceUntil) }
    return NOTHING
  }

  #follow(): readonly CustodyEffect[] {
    if (this.#following) return NOTHING
    this.#following = true
    this.#tailUp = false
    return [{ kind: 'follow' }]
  }

  #unfollow(): readonly CustodyEffect[] {
    if (!this.#following) return NOTHING
    this.#following = false
    this.#tailUp = false
    return [{ kind: 'unfollow' }]
  }
}
