// Opens lobbies ahead of their time, writes down programs that have begun by themselves, and closes lobbies that nobody
// came to. Looks once a second, and at the very second of a planned start, rather than keeping a timer for each space:
// one indexed query, and nothing to restore after a restart.

import type { Clock } from '../../base/clock.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import { passTime } from '../../core/space/phases.ts'
import { startsAtMs } from '../../core/space/planned-start.ts'
import type { Observations } from './observations.ts'
import { OneAtATime } from './one-at-a-time.ts'
import type { Spaces } from './spaces.ts'

const LOOK_EVERY_MS = 1_000

/** Applies `passTime` to every space that waits, until `signal` ends it. */
export class PhaseKeeper {
  readonly #spaces: Spaces
  readonly #observations: Observations
  readonly #clock: Clock
  readonly #signal: AbortSignal
  /** When somebody with a seat was last seen in a lobby; since the start of control for those before it. */
  readonly #lastSeen = new Map<SpaceId, WallMillis>()
  readonly #looks = new OneAtATime(() => this.#look())
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(spaces: Spaces, observations: Observations, clock: Clock, signal: AbortSignal) {
    this.#spaces = spaces
    this.#observations = observations
    this.#clock = clock
    this.#signal = signal
    this.#lookLater()
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
  }

  /** One look at every waiting space; while one is under way, that one. */
  look(): Promise<void> {
    return this.#looks.run()
  }

  /** Resolves when no look is under way. */
  settled(): Promise<void> {
    return this.#looks.settled()
  }

  /** After a second, or at the next planned start if that is sooner. */
  #lookLater(): void {
    const now = this.#clock.wall()
    const planned = this.#spaces.store
      .waiting(now)
      .map(({ facts }) => startsAtMs(facts) ?? Number.POSITIVE_INFINITY)
      .filter((at) => at > now)
    const waitMs = Math.ceil(Math.min(LOOK_EVERY_MS, ...planned.map((at) => at - now)))
    this.#timer = setTimeout(() => {
      void this.look()
      this.#lookLater()
    }, waitMs)
  }

  async #look(): Promise<void> {
    const waiting = this.#spaces.store.waiting(this.#clock.wall()).map((record) => record.facts.id)
    for (const id of this.#lastSeen.keys()) if (!waiting.includes(id)) this.#lastSeen.delete(id)
    for (const id of waiting) if (!this.#signal.aborted) await this.#lookAt(id)
  }

  async #lookAt(id: SpaceId): Promise<void> {
    const now = this.#clock.wall()
    const present = this.#observations.observed(id)?.seats.some((seat) => seat.connection !== 'absent')
    const lastSeen = present === true ? now : (this.#lastSeen.get(id) ?? now)
    this.#lastSeen.set(id, lastSeen)
    const facts = this.#spaces.store.load(id)?.facts
    if (facts === undefined || passTime(facts, now, lastSeen) === facts) return
    try {
      await this.#spaces.change(id, (record, at) => {
        const next = passTime(record.facts, at, lastSeen)
        return { record: next === record.facts ? record : { ...record, facts: next } }
      })
    } catch (error) {
      // Deleted meanwhile, or no engine: the next look decides anew.
      if (!(error instanceof MimbarError)) throw error
    }
  }
}
