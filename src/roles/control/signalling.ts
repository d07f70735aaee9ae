// Carries an SDP offer to the stage that holds the space, and its answer back: the one request that crosses roles.
// While no stage holds the space, or the one that did is gone, this waits for the next one, within a bound.

import { type BackoffOptions, backoffDelay } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import type { StageHeartbeat } from '../../core/space/facts.ts'
import type { LeasePort } from '../../engine/ports.ts'
import type { Observations } from './observations.ts'
import type { Patience } from './patience.ts'

/** An answer for one audio line is a few KB. */
export const ANSWER_BYTES_MAX = 64 * 1024
/** A stage that hangs is noticed when its standby has the space. */
const HOLDER_LOOK_EVERY_MS = 250
const STAGE_BACKOFF: BackoffOptions = { firstMs: 50, factor: 1.5, maxMs: 300 }

export interface StageAnswer {
  readonly session: string
  readonly sdp: string
}

export interface SignallingOptions {
  readonly lease: LeasePort
  readonly observations: Observations
  readonly clock: Clock
  readonly patience: Patience
}

type Attempt =
  | { readonly kind: 'answered'; readonly answer: StageAnswer }
  /** The stage has read the offer and cannot accept it: trying again would not help. */
  | { readonly kind: 'refused'; readonly error: MimbarError }
  | { readonly kind: 'elsewhere'; readonly why: string }

type Choice =
  | { readonly kind: 'stage'; readonly stage: StageHeartbeat }
  | { readonly kind: 'elsewhere'; readonly why: string }

/** Finds stages and talks to their doors. Holds nothing open. */
export class Signalling {
  readonly #options: SignallingOptions

  constructor(options: SignallingOptions) {
    this.#options = options
  }

  /** The stage's answer to an offer. `bad-request` for SDP it cannot read, `unavailable` when no stage took it. */
  async offer(space: SpaceId, seat: SeatId, sdp: string, signal: AbortSignal): Promise<StageAnswer> {
    const { clock, patience } = this.#options
    const deadline = clock.now() + patience.stageMs
    for (let attempt = 0; ; attempt++) {
      const choice = await this.#choose(space)
      const until = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, deadline - clock.now()))])
      const outcome: Attempt =
        choice.kind === 'stage' ? await this.#askWhileHolding(choice.stage, space, seat, sdp, until) : choice
      if (outcome.kind === 'answered') return outcome.answer
      if (outcome.kind === 'refused') throw outcome.error
      const wait = backoffDelay(attempt, Math.random(), STAGE_BACKOFF)
      if (signal.aborted || clock.now() + wait > deadline) {
        throw new MimbarError('unavailable', `No stage could take the offer (${outcome.why}); try again.`)
      }
      await Bun.sleep(wait)
    }
  }

  /** Ends a session on whichever stage holds the space. A session that is not there any more has ended. */
  async end(space: SpaceId, seat: SeatId, session: string): Promise<void> {
    const holder = await this.#options.lease.holder(space)
    const stage = holder && this.#options.observations.stage(holder.holder)
    if (stage === undefined) return
    const query = new URLSearchParams({ space, seat })
    try {
      await fetch(`http://stage/session/${encodeURIComponent(session)}?${query}`, {
        method: 'DELETE',
        unix: stage.socketPath,
        signal: AbortSignal.timeout(this.#options.patience.stageMs),
      })
    } catch (cause) {
      throw new MimbarError('unavailable', 'The stage does not answer; it ends silent sessions by itself.', {
        cause,
      })
    }
  }

  /** The stage that holds the space; while none does, one that accepts: it takes the lease with the offer. */
  async #choose(space: SpaceId): Promise<Choice> {
    const { lease, observations } = this.#options
    const holder = await lease.holder(space)
    if (holder !== undefined) {
      const stage = observations.stage(holder.holder)
      return stage ? { kind: 'stage', stage } : { kind: 'elsewhere', why: `${holder.holder} is gone` }
    }
    const stages = observations.stages()
    const stage = stages.find(({ accepts }) => accepts)
    if (stage !== undefined) return { kind: 'stage', stage }
    return { kind: 'elsewhere', why: stages.length === 0 ? 'none is running' : 'all are at their limit' }
  }

  /** Asks `stage`, and stops waiting for its answer when another one takes the space over. */
  async #askWhileHolding(
    stage: StageHeartbeat,
    space: SpaceId,
    seat: SeatId,
    sdp: string,
    until: AbortSignal,
  ): Promise<Attempt> {
    const moved = new AbortController()
    const look = async () => {
      const holder = await this.#options.lease.holder(space)
      if (holder !== undefined && holder.holder !== stage.stage) moved.abort()
    }
    // No answer about the lease is no reason to give up on the stage.
    const timer = setInterval(() => look().catch(() => {}), HOLDER_LOOK_EVERY_MS)
    try {
      return await this.#ask(stage, space, seat, sdp, AbortSignal.any([until, moved.signal]))
    } finally {
      clearInterval(timer)
    }
  }

  async #ask(
    stage: StageHeartbeat,
    space: SpaceId,
    seat: SeatId,
    sdp: string,
    signal: AbortSignal,
  ): Promise<Attempt> {
    try {
      const response = await fetch(`http://stage/offer?${new URLSearchParams({ space, seat })}`, {
        method: 'POST',
        unix: stage.socketPath,
        headers: { 'content-type': 'application/sdp' },
        body: sdp,
        signal,
      })
      const body = await response.text()
      if (response.status === 201) return { kind: 'answered', answer: parseAnswer(body) }
      const detail = detailOf(body) ?? `${stage.stage} answered ${response.status}`
      const isFinal = response.status === 400 || response.status === 413 || response.status === 415
      return isFinal
        ? { kind: 'refused', error: new MimbarError('bad-request', detail) }
        : { kind: 'elsewhere', why: detail }
    } catch (cause) {
      if (cause instanceof MimbarError) throw cause
      // Its socket is gone, or it took too long: the next look at the lease says who holds the space now.
      return { kind: 'elsewhere', why: `${stage.stage} does not answer` }
    }
  }
}

function parseAnswer(body: string): StageAnswer {
  if (body.length <= 2 * ANSWER_BYTES_MAX) {
    const answer = fromJson(body)
    const { session, sdp } = answer
    if (typeof session === 'string' && typeof sdp === 'string') return { session, sdp }
  }
  throw new MimbarError('unavailable', 'The stage gave an answer that cannot be read.')
}

function detailOf(body: string): string | undefined {
  const { detail } = fromJson(body.slice(0, ANSWER_BYTES_MAX))
  return typeof detail === 'string' ? detail : undefined
}

function fromJson(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // Not JSON: then it says nothing that we know how to read.
    return {}
  }
}
