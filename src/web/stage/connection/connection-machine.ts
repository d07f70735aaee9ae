// When to connect to the stage, when to give a connection up, and when to try again. Pure: the shell beside it
// (connection.ts) owns the peer connections and the timers.
//
//            entered                    answered                  first packets
//   idle ─────────────▶ poised ──▶ opening ────────▶ answered ────────────────▶ connected
//                                     │ ▲                │                          │
//                            refused, │ │ deadline       │ no packets,              │ no packets for 2.5 s,
//                             timeout ▼ │                ▼ failed                   ▼ failed, disconnected for 2 s
//                                   waiting ◀──────────────────────────────────────────
//   a new epoch: from anywhere at once to opening · left: from anywhere to idle
//   came online: from waiting and opening at once to opening, as what was sent into the void gets no answer; what is
//   answered or connected has to prove itself soon
//   door silent: waiting lasts until the network is back
//
// Two rules hold throughout. There is at most one attempt that is not closed, and a reconnect is always a new
// attempt, because the stage answers an offer once and keeps nothing of an older connection.

import { type BackoffOptions, backoffDelay } from '../../../base/backoff.ts'
import { type Epoch, type Millis, millis } from '../../../base/units.ts'

export type ConnectionEvent =
  /** The person has a seat and wants to be on stage. */
  | { readonly kind: 'entered' }
  /** The view names who serves the space. */
  | { readonly kind: 'epoch-seen'; readonly epoch: Epoch }
  | { readonly kind: 'answered'; readonly attempt: number }
  /** No answer could be had: the network, or a problem that may pass. */
  | { readonly kind: 'refused'; readonly attempt: number }
  /** Total of RTP packets received so far, asked for every {@link POLL_EVERY_MS}. */
  | { readonly kind: 'counted'; readonly attempt: number; readonly packets: number }
  | {
      readonly kind: 'peer-changed'
      readonly attempt: number
      readonly to: 'connected' | 'disconnected' | 'failed'
    }
  /** Nobody answers at the door: an offer would get no answer, and stand in the way of a later one. */
  | { readonly kind: 'door-silent' }
  /** The network was away and is back, or is another one now. */
  | { readonly kind: 'came-online' }
  /** The person left, was removed, or sits in another tab now. */
  | { readonly kind: 'left' }
  /** The machine's `deadline` has come. */
  | { readonly kind: 'woke' }

export type ConnectionEffect =
  | { readonly kind: 'open'; readonly attempt: number }
  | { readonly kind: 'close'; readonly attempt: number }

/** What the person is told. `connecting` until the first sound of all; `reconnecting` after it was lost. */
export type ConnectionWords = 'idle' | 'connecting' | 'connected' | 'reconnecting'

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'poised'; readonly openAt: Millis }
  | {
      readonly kind: 'opening'
      readonly attempt: number
      readonly since: Millis
      readonly giveUpAt: Millis
    }
  | { readonly kind: 'answered'; readonly attempt: number; readonly giveUpAt: Millis }
  | {
      readonly kind: 'connected'
      readonly attempt: number
      readonly since: Millis
      readonly packets: number
      readonly heardAt: Millis
      readonly disconnectedAt: Millis | undefined
      /** The network changed under it, and nothing was received since. */
      readonly suspectAt: Millis | undefined
    }
  | { readonly kind: 'waiting'; readonly openAt: Millis }

/** How often the shell counts packets. */
export const POLL_EVERY_MS = 250
/** The first try waits this long for the view to say which epoch it is for. */
export const EPOCH_WAIT_MS = 1_000
export const ANSWER_WITHIN_MS = 8_000
export const FIRST_SOUND_WITHIN_MS = 6_000
/** The stage sends a packet every 20 ms, silence included. */
export const SILENT_FOR_MS = 2_500
/** Chromium recovers from short losses by itself; it says `failed` only after 17 s. */
export const DISCONNECTED_FOR_MS = 2_000
/** Likewise when the network came back meanwhile: five round trips of a slow one. */
export const FIRST_SOUND_ONLINE_WITHIN_MS = 3_000
/** After a change of networks there is sound within this, or never on this connection. */
export const PROVEN_ONLINE_WITHIN_MS = 1_000
/** Whoever heard nothing for this long before the network came back did not keep what was sent through it. */
export const QUIET_BEFORE_ONLINE_MS = 750
/** A connection that lived this long was good: the next loss starts with the short wait again. */
export const PROVEN_AFTER_MS = 5_000
/** While nobody answers at the door an offer is made as seldom as this, lest it is only the knocks that fail. */
export const SILENT_DOOR_WAIT_MS = 30_000
/** Short enough that voices are back within 3 s of a stage's death. */
export const STAGE_BACKOFF: BackoffOptions = { firstMs: 200, factor: 1.6, maxMs: 2_000 }

/** One seat's way to the stage; every method takes the time, none reads it. */
export class ConnectionMachine {
  #state: State = { kind: 'idle' }
  #epoch: Epoch | undefined
  #attempts = 0
  #failures = 0
  #wasConnected = false
  #isDoorSilent = false

  /** When to call `handle({ kind: 'woke' })`; undefined while there is nothing to wait for. */
  get deadline(): Millis | undefined {
    return deadlineOf(this.#state)
  }

  get words(): ConnectionWords {
    if (this.#state.kind === 'idle') return 'idle'
    if (this.#state.kind === 'connected') return 'connected'
    return this.#wasConnected ? 'reconnecting' : 'connecting'
  }

  /** `random` in [0, 1) spreads the retries of people who lost the same stage. */
  handle(event: ConnectionEvent, now: Millis, random: number): readonly ConnectionEffect[] {
    switch (event.kind) {
      case 'entered':
        return this.#enter(now)
      case 'left':
        return this.#leave()
      case 'epoch-seen':
        return this.#seeEpoch(event.epoch, now)
      case 'door-silent':
        return this.#findDoorSilent(now)
      case 'came-online':
        return this.#comeOnline(now)
      case 'woke':
        return this.#wake(now, random)
      default:
        return event.attempt === this.#attempt ? this.#hear(event, now, random) : []
    }
  }

  get #attempt(): number | undefined {
    return 'attempt' in this.#state ? this.#state.attempt : undefined
  }

  #enter(now: Millis): readonly ConnectionEffect[] {
    if (this.#state.kind !== 'idle') return []
    this.#failures = 0
    this.#wasConnected = false
    if (this.#epoch !== undefined) return this.#open(now)
    this.#state = { kind: 'poised', openAt: millis(now + EPOCH_WAIT_MS) }
    return []
  }

  #leave(): readonly ConnectionEffect[] {
    const effects = this.#closeCurrent()
    this.#state = { kind: 'idle' }
    return effects
  }

  #seeEpoch(epoch: Epoch, now: Millis): readonly ConnectionEffect[] {
    const known = this.#epoch
    // An older epoch is an old view that arrived late.
    if (known !== undefined && epoch <= known) return []
    this.#epoch = epoch
    this.#isDoorSilent = false
    if (this.#state.kind === 'idle') return []
    // The first epoch ever seen belongs to whatever is under way; only a change says that the stage moved.
    if (known === undefined && this.#state.kind !== 'poised') return []
    this.#failures = 0
    return this.#open(now)
  }

  #findDoorSilent(now: Millis): readonly ConnectionEffect[] {
    // Told again it is no news, and must not put off the offer that is made all the same.
    if (!this.#isDoorSilent && this.#state.kind === 'waiting')
      this.#state = { kind: 'waiting', openAt: millis(now + SILENT_DOOR_WAIT_MS) }
    this.#isDoorSilent = true
    return []
  }

  #comeOnline(now: Millis): readonly ConnectionEffect[] {
    const state = this.#state
    this.#isDoorSilent = false
    switch (state.kind) {
      case 'waiting':
        this.#failures = 0
        return this.#open(now)
      case 'opening':
        // One that has only just been made may well be on its way.
        return now - state.since >= QUIET_BEFORE_ONLINE_MS ? this.#open(now) : []
      case 'answered': {
        const giveUpAt = millis(Math.min(state.giveUpAt, now + FIRST_SOUND_ONLINE_WITHIN_MS))
        this.#state = { ...state, giveUpAt }
        return []
      }
      case 'connected':
        // Silent already: what was true of the network before is not worth waiting for.
        if (now - state.heardAt >= QUIET_BEFORE_ONLINE_MS) return this.#open(now)
        this.#state = { ...state, suspectAt: state.suspectAt ?? now }
        return []
      default:
        return []
    }
  }

  #wake(now: Millis, random: number): readonly ConnectionEffect[] {
    const deadline = this.deadline
    if (deadline === undefined || now < deadline) return []
    if (this.#state.kind === 'poised' || this.#state.kind === 'waiting') return this.#open(now)
    return this.#lose(now, random)
  }

  #hear(
    event: Extract<ConnectionEvent, { readonly attempt: number }>,
    now: Millis,
    random: number,
  ): readonly ConnectionEffect[] {
    const state = this.#state
    switch (event.kind) {
      case 'refused':
        return this.#lose(now, random)
      case 'answered':
        this.#isDoorSilent = false
        if (state.kind === 'opening') {
          const giveUpAt = millis(now + FIRST_SOUND_WITHIN_MS)
          this.#state = { kind: 'answered', attempt: state.attempt, giveUpAt }
        }
        return []
      case 'counted':
        this.#count(event.packets, now)
        return []
      case 'peer-changed':
        if (event.to === 'failed') return this.#lose(now, random)
        if (state.kind === 'connected') {
          const disconnectedAt = event.to === 'connected' ? undefined : (state.disconnectedAt ?? now)
          this.#state = { ...state, disconnectedAt }
        }
        return []
    }
  }

  #count(packets: number, now: Millis): void {
    const state = this.#state
    if (state.kind === 'answered' && packets > 0) {
      this.#wasConnected = true
      this.#state = {
        kind: 'connected',
        attempt: state.attempt,
        since: now,
        packets,
        heardAt: now,
        disconnectedAt: undefined,
        suspectAt: undefined,
      }
    } else if (state.kind === 'connected' && packets > state.packets) {
      if (now - state.since >= PROVEN_AFTER_MS) this.#failures = 0
      this.#state = { ...state, packets, heardAt: now, suspectAt: undefined }
    }
  }

  #lose(now: Millis, random: number): readonly ConnectionEffect[] {
    const effects = this.#closeCurrent()
    const delay = this.#isDoorSilent
      ? SILENT_DOOR_WAIT_MS
      : backoffDelay(this.#failures, random, STAGE_BACKOFF)
    this.#failures += 1
    this.#state = { kind: 'waiting', openAt: millis(now + delay) }
    return effects
  }

  #open(now: Millis): readonly ConnectionEffect[] {
    const effects = this.#closeCurrent()
    this.#attempts += 1
    const attempt = this.#attempts
    this.#state = { kind: 'opening', attempt, since: now, giveUpAt: millis(now + ANSWER_WITHIN_MS) }
    return [...effects, { kind: 'open', attempt }]
  }

  #closeCurrent(): readonly ConnectionEffect[] {
    const attempt = this.#attempt
    return attempt === undefined ? [] : [{ kind: 'close', attempt }]
  }
}

function deadlineOf(state: State): Millis | undefined {
  switch (state.kind) {
    case 'idle':
      return undefined
    case 'poised':
    case 'waiting':
      return state.openAt
    case 'opening':
    case 'answered':
      return state.giveUpAt
    case 'connected': {
      const silent = state.heardAt + SILENT_FOR_MS
      const gone = (state.disconnectedAt ?? Number.POSITIVE_INFINITY) + DISCONNECTED_FOR_MS
      const unproven = (state.suspectAt ?? Number.POSITIVE_INFINITY) + PROVEN_ONLINE_WITHIN_MS
      return millis(Math.min(silent, gone, unproven))
    }
  }
}
