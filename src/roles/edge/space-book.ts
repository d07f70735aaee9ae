// What control has said of every space, from the Roster: enough for pages and streams to work while control is dead.

import { setTimeout as sleep } from 'node:timers/promises'
import { backoffDelay, NEIGHBOUR_BACKOFF } from '../../base/backoff.ts'
import { MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import { type SpaceFacts, spaceKey } from '../../core/space/facts.ts'
import type { Roster, RosterFact } from '../../engine/ports.ts'

const PREFIX = spaceKey('' as SpaceId)

export interface SpaceBookOptions {
  readonly roster: Roster
  /** Facts have changed; undefined: the space was deleted. */
  readonly onChange: (space: SpaceId, facts: SpaceFacts | undefined) => void
}

export class SpaceBook {
  readonly #options: SpaceBookOptions
  readonly #facts = new Map<SpaceId, SpaceFacts>()
  readonly #stopping = new AbortController()
  readonly #running: Promise<unknown>
  #isComplete = false

  constructor(options: SpaceBookOptions) {
    this.#options = options
    this.#running = Promise.all([this.#untilComplete(), this.#watch()])
  }

  /** True once every space that existed at the start is known. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  all(): Iterable<SpaceFacts> {
    return this.#facts.values()
  }

  /** Throws `not-found` for a space that does not exist, `unavailable` while that cannot be known. */
  get(space: SpaceId): SpaceFacts {
    const facts = this.#facts.get(space)
    if (facts !== undefined) return facts
    if (!this.#isComplete) {
      throw new MimbarError('unavailable', 'This server has just started and does not know its spaces yet.')
    }
    throw new MimbarError('not-found', `There is no space "${space}".`)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #watch(): Promise<void> {
    for await (const fact of this.#options.roster.watch(PREFIX, this.#stopping.signal)) this.#learn(fact)
  }

  /** A watch of nothing says nothing; only a list can say that there is no space, or that all of them were seen. */
  async #untilComplete(): Promise<void> {
    const { signal } = this.#stopping
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const listed = await this.#options.roster.list(PREFIX)
        if (listed.every((fact) => this.#facts.has(spaceOf(fact)))) {
          this.#isComplete = true
          return
        }
      } catch (error) {
        if (!(error instanceof MimbarError)) throw error
      }
      const delay = backoffDelay(attempt, Math.random(), NEIGHBOUR_BACKOFF)
      await sleep(delay, undefined, { signal }).catch(() => undefined) // stopped while waiting
    }
  }

  #learn(fact: RosterFact): void {
    const space = spaceOf(fact)
    const facts = fact.value as SpaceFacts | undefined
    if (facts === undefined) this.#facts.delete(space)
    else this.#facts.set(space, facts)
    this.#options.onChange(space, facts)
  }
}

const spaceOf = (fact: RosterFact): SpaceId => fact.key.slice(PREFIX.length) as SpaceId
