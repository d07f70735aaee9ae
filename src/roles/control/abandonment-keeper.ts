// Looks once a second whether the stages of live spaces are empty, announces their end, calls it off, and ends them:
// `core/space/abandonment.ts` decides. What is announced is in the database, so a restart of control changes nothing
// but that there is time to return.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import { type Attendance, look, passAbandonment, type Watch } from '../../core/space/abandonment.ts'
import type { SpaceFacts } from '../../core/space/facts.ts'
import type { Observations } from './observations.ts'
import { OneAtATime } from './one-at-a-time.ts'
import type { Spaces } from './spaces.ts'

const LOOK_EVERY_MS = 1_000

export interface AbandonmentKeeperOptions {
  readonly spaces: Spaces
  readonly observations: Observations
  readonly clock: Clock
  /** Ends it. */
  readonly signal: AbortSignal
  /** How long an empty stage is waited for; Infinity: for ever. */
  readonly waitMs: number
  readonly log: (line: string) => void
}

/** Runs from construction until its signal ends it. */
export class AbandonmentKeeper {
  readonly #options: AbandonmentKeeperOptions
  readonly #watches = new Map<SpaceId, Watch>()
  readonly #looks = new OneAtATime(() => this.#look())

  constructor(options: AbandonmentKeeperOptions) {
    this.#options = options
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS)
    options.signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  }

  /** One look at every live space; while one is under way, that one. */
  look(): Promise<void> {
    return this.#looks.run()
  }

  /** Resolves when no look is under way. */
  settled(): Promise<void> {
    return this.#looks.settled()
  }

  async #look(): Promise<void> {
    const live = this.#options.spaces.store.live()
    const ids = new Set(live.map(({ facts }) => facts.id))
    for (const id of this.#watches.keys()) if (!ids.has(id)) this.#watches.delete(id)
    for (const { facts } of live) if (!this.#options.signal.aborted) await this.#lookAt(facts)
  }

  async #lookAt(facts: SpaceFacts): Promise<void> {
    const { spaces, observations, clock, waitMs, log } = this.#options
    const attendance = this.#attendanceOf(facts.id)
    const watch = look(this.#watches.get(facts.id), attendance, clock.wall())
    this.#watches.set(facts.id, watch)
    if (passAbandonment(facts, watch, attendance, waitMs) === facts) return
    const { audience } = observations.audience(facts.id)
    try {
      await spaces.change(facts.id, (record) => {
        const next = passAbandonment(record.facts, watch, attendance, waitMs)
        if (next === record.facts) return { record }
        const isOver = next.phase === 'ended'
        return {
          record: { ...record, facts: isOver && audience !== undefined ? { ...next, audience } : next },
          afterwards: () => log(`space ${facts.id} ${newsOf(record.facts, next)}`),
        }
      })
    } catch (error) {
      // Ended or deleted meanwhile, or no engine: the next look decides anew.
      if (!(error instanceof MimbarError)) throw error
    }
  }

  #attendanceOf(id: SpaceId): Attendance {
    const observed = this.#options.observations.observed(id)
    if (observed === undefined) return 'unknown'
    return observed.seats.some(({ connection }) => connection !== 'absent') ? 'somebody' : 'nobody'
  }
}

function newsOf(before: SpaceFacts, { phase, endsAtMs }: SpaceFacts): string {
  if (phase === 'ended') return 'ended: its stage was empty for too long'
  if (endsAtMs === undefined) return 'is not abandoned any more'
  const word = before.endsAtMs === undefined ? 'has an empty stage' : 'ends later'
  return `${word} endsAt=${new Date(endsAtMs).toISOString()}`
}
