// Opens lobbies ahead of their time and closes those that nobody came to. Looks once a second rather than keeping
// a timer for each space: one indexed query, and nothing to restore after a restart.

import type { Clock } from '../../base/clock.ts'
import { hasCode } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import { passTime } from '../../core/space/phases.ts'
import type { Observations } from './observations.ts'
import type { Spaces } from './spaces.ts'

const LOOK_EVERY_MS = 1_000

/** Applies `passTime` to every space that waits, until `signal` ends it. */
export class PhaseKeeper {
  readonly #spaces: Spaces
  readonly #observations: Observations
  readonly #clock: Clock
  /** When somebody with a seat was last seen in a lobby; since the start of control for those before it. */
  readonly #lastSeen = new Map<SpaceId, WallMillis>()
  #looking = false

  constructor(spaces: Spaces, observations: Observations, clock: Clock, signal: AbortSignal) {
    this.#spaces = spaces
    this.#observations = observations
    this.#clock = clock
    const timer = setInterval(() => void this.look(), LOOK_EVERY_MS)
    signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  }

  /** One look at every waiting space. */
  async look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      const waiting = this.#spaces.store.waiting(this.#clock.wall()).map((record) => record.facts.id)
      for (const id of this.#lastSeen.keys()) if (!waiting.includes(id)) this.#lastSeen.delete(id)
      for (const id of waiting) await this.#lookAt(id)
    } finally {
      this.#looking = false
    }
  }

  async #lookAt(id: SpaceId): Promise<void> {
    const now = this.#clock.wall()
    const present = this.#observations.observed(id)?.seats.some((seat) => seat.connection !== 'absent')
    const lastSeen = present === true ? now : (this.#lastSeen.get(id) ?? now)
    this.#lastSeen.set(id, lastSeen)
    const { facts } = this.#spaces.get(id)
    if (passTime(facts, now, lastSeen) === facts) return
    try {
      await this.#spaces.change(id, (record, at) => {
        const next = passTime(record.facts, at, lastSeen)
        return { record: next === record.facts ? record : { ...record, facts: next } }
      })
    } catch (error) {
      // Deleted meanwhile, or no engine: the next look decides anew.
      if (!hasCode(error, 'not-found') && !hasCode(error, 'unavailable')) throw error
    }
  }
}
