// Sound checks as control sees them: who may have one, how many there are, and which stage has which. The offer goes to
// the stage that holds the space, so that what is proven is the way that will be used; to any that accepts while none
// does, or while that one has no time. It is tried once: a person in the green room presses again, or joins without.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import { type AttemptBudget, AttemptLimit, addressBlock } from '../../core/attempts/attempt-limit.ts'
import {
  ADDRESS_CHECKS_MAX,
  CHECK_MAX_MS,
  CHECK_OPENING_MAX_MS,
  type SoundCheckReport,
  SPACE_CHECKS_MAX,
} from '../../core/sound-check/sound-check.ts'
import type { StageHeartbeat } from '../../core/space/facts.ts'
import type { LeasePort } from '../../engine/ports.ts'
import type { Observations } from './observations.ts'
import type { Patience } from './patience.ts'
import { ANSWER_BYTES_MAX, type StageAnswer } from './signalling.ts'

/** Twelve at once, then one every five seconds, from one address: checks are cheap, and not free. */
const CHECK_BUDGET: AttemptBudget = { burst: 12, forgiveMs: 5_000, addressesMax: 4_096 }
/** A stage has ended a check by then; its report is read a moment longer. */
const CHECK_KEPT_MS = CHECK_OPENING_MAX_MS + CHECK_MAX_MS + 5_000

export interface SoundChecksOptions {
  readonly lease: LeasePort
  readonly observations: Observations
  readonly clock: Clock
  readonly patience: Patience
}

interface Going {
  readonly space: SpaceId
  readonly block: string
  /** Absent until the stage has answered. */
  readonly socketPath?: string
  readonly untilMs: number
}

/** Bounded by {@link SPACE_CHECKS_MAX} and what an address may begin; an entry lives for half a minute at most. */
export class SoundChecks {
  readonly #options: SoundChecksOptions
  readonly #begun = new AttemptLimit(CHECK_BUDGET)
  readonly #going = new Map<string, Going>()
  #asked = 0
  #opened = 0
  #refused = 0

  constructor(options: SoundChecksOptions) {
    this.#options = options
  }

  /** Lines of OpenMetrics. */
  metrics(): readonly string[] {
    return [
      '# TYPE mimbar_control_sound_checks counter',
      '# HELP mimbar_control_sound_checks Sound checks that guests asked for.',
      `mimbar_control_sound_checks_total{answer="opened"} ${this.#opened}`,
      `mimbar_control_sound_checks_total{answer="refused"} ${this.#refused}`,
    ]
  }

  /** How long `address` has to wait before it may begin another one, in ms. */
  waitMs(address: string): number {
    return this.#begun.waitMs(address, this.#options.clock.now())
  }

  /** `too-many` beyond the limits, `unavailable` when no stage takes it, `bad-request` for an offer that none can. */
  async open(space: SpaceId, address: string, sdp: string, signal: AbortSignal): Promise<StageAnswer> {
    const block = addressBlock(address)
    // Held by a name of its own until the stage has named it, so that many in one moment are counted, too.
    const waiting = `waiting-${this.#asked++}`
    try {
      this.#admit(space, address, block)
      this.#going.set(waiting, this.#entry({ space, block }))
      const stage = await this.#choose(space)
      this.#begun.failed(address, this.#options.clock.now())
      const answer = await this.#ask(stage.socketPath, sdp, signal)
      this.#going.set(answer.session, this.#entry({ space, block, socketPath: stage.socketPath }))
      this.#opened += 1
      return answer
    } catch (error) {
      this.#refused += 1
      throw error
    } finally {
      this.#going.delete(waiting)
    }
  }

  /** How it stands. `not-found` when there is none (any more). */
  async report(space: SpaceId, session: string): Promise<SoundCheckReport> {
    const response = await this.#call(this.#socketOf(space, session), 'GET', session)
    if (response.status === 404) this.#going.delete(session)
    if (!response.ok) throw new MimbarError('not-found', 'This sound check is over.')
    return (await response.json()) as SoundCheckReport
  }

  /** Ends it. One that is over has ended. */
  async end(space: SpaceId, session: string): Promise<void> {
    const going = this.#going.get(session)
    if (going?.socketPath === undefined || going.space !== space) return
    this.#going.delete(session)
    await this.#call(going.socketPath, 'DELETE', session)
  }

  #entry(of: Omit<Going, 'untilMs'>): Going {
    return { ...of, untilMs: this.#options.clock.now() + CHECK_KEPT_MS }
  }

  #admit(space: SpaceId, address: string, block: string): void {
    const now = this.#options.clock.now()
    for (const [session, { untilMs }] of this.#going) if (untilMs <= now) this.#going.delete(session)
    if (this.#begun.waitMs(address, now) > 0)
      throw new MimbarError('too-many', 'Your address has begun many sound checks; wait a little.')
    const going = [...this.#going.values()]
    if (going.filter((one) => one.space === space).length >= SPACE_CHECKS_MAX)
      throw new MimbarError(
        'too-many',
        'Others are checking their sound in this space; try again in a moment.',
      )
    if (going.filter((one) => one.block === block).length >= ADDRESS_CHECKS_MAX)
      throw new MimbarError(
        'too-many',
        'Others at your address are checking their sound; try again in a moment.',
      )
  }

  #socketOf(space: SpaceId, session: string): string {
    const going = this.#going.get(session)
    if (going?.socketPath === undefined || going.space !== space)
      throw new MimbarError('not-found', 'There is no such sound check any more.')
    return going.socketPath
  }

  async #choose(space: SpaceId): Promise<StageHeartbeat> {
    const { lease, observations } = this.#options
    const holder = await lease.holder(space)
    const holding = holder && observations.stage(holder.holder)
    const accepting = observations.stages().find(({ accepts }) => accepts)
    const stage = holding?.accepts ? holding : (accepting ?? holding)
    if (stage === undefined) throw new MimbarError('unavailable', 'No stage has time for a sound check now.')
    return stage
  }

  async #ask(socketPath: string, sdp: string, signal: AbortSignal): Promise<StageAnswer> {
    const response = await this.#call(socketPath, 'POST', '', { sdp, signal })
    const text = (await response.text()).slice(0, 2 * ANSWER_BYTES_MAX)
    const body = parse(text)
    if (response.status === 201 && typeof body.session === 'string' && typeof body.sdp === 'string')
      return { session: body.session, sdp: body.sdp }
    const detail = typeof body.detail === 'string' ? body.detail : 'The stage could not take the sound check.'
    if ([400, 413, 415].includes(response.status)) throw new MimbarError('bad-request', detail)
    throw new MimbarError(response.status === 429 ? 'too-many' : 'unavailable', detail)
  }

  async #call(
    socketPath: string,
    method: 'POST' | 'GET' | 'DELETE',
    session: string,
    offer?: { readonly sdp: string; readonly signal: AbortSignal },
  ): Promise<Response> {
    const late = AbortSignal.timeout(this.#options.patience.stageMs)
    try {
      return await fetch(`http://stage/check${session === '' ? '' : `/${encodeURIComponent(session)}`}`, {
        unix: socketPath,
        method,
        signal: offer === undefined ? late : AbortSignal.any([late, offer.signal]),
        ...(offer === undefined ? {} : { body: offer.sdp, headers: { 'content-type': 'application/sdp' } }),
      })
    } catch (cause) {
      throw new MimbarError('unavailable', 'The stage does not answer; try again.', { cause })
    }
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // Not JSON: then it says nothing that we know how to read.
    return {}
  }
}
