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
    let why = 'no stage is running'
    for (let attempt = 0; !signal.aborted; attempt++) {
      const stage = await this.#stageFor(space)
      if (stage !== undefined) {
        const left = Math.max(1, deadline - clock.now())
        const outcome = await this.#ask(
          stage,
          space,
          seat,
          sdp,
          AbortSignal.any([signal, AbortSignal.timeout(left)]),
        )
        if (outcome.kind === 'answered') return outcome.answer
        if (outcome.kind === 'refused') throw outcome.error
        why = outcome.why
      }
      const wait = backoffDelay(attempt, Math.random(), STAGE_BACKOFF)
      if (clock.now() + wait > deadline) break
      await Bun.sleep(wait)
    }
    throw new MimbarError('unavailable', `No stage could take the offer (${why}); try again.`)
  }

  /** Ends a session on whichever stage holds the space. A session that is not there any more has ended. */
  async end(space: SpaceId, seat: SeatId, session: string): Promise<void> {
    const stage = await this.#holder(space)
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

  async #stageFor(space: SpaceId): Promise<StageHeartbeat | undefined> {
    const holder = await this.#options.lease.holder(space)
    if (holder !== undefined) return this.#options.observations.stage(holder.holder)
    // Nobody holds it: a stage takes the lease when it is offered a seat.
    return this.#options.observations.stages().find((stage) => stage.accepts)
  }

  async #holder(space: SpaceId): Promise<StageHeartbeat | undefined> {
    const holder = await this.#options.lease.holder(space)
    return holder === undefined ? undefined : this.#options.observations.stage(holder.holder)
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
