// What `/readyz` says.

import { MimbarError } from '../../base/errors.ts'
import type { Engine } from '../../engine/ports.ts'
import { systemClock } from '../../host/system-clock.ts'
import { RecentCache } from './recent-cache.ts'
import type { SpaceBook } from './space-book.ts'

/** Whether a listener could be served: the spaces are known, and the engine answers. Asked at most once a second. */
export class Readiness {
  readonly #engine: Engine
  readonly #book: SpaceBook
  readonly #answers = new RecentCache<boolean>({ entriesMax: 1, keptMs: 1_000, clock: systemClock })
  #isDraining = false

  constructor(engine: Engine, book: SpaceBook) {
    this.#engine = engine
    this.#book = book
  }

  drain(): void {
    this.#isDraining = true
  }

  async isReady(): Promise<boolean> {
    if (this.#isDraining || !this.#book.isComplete) return false
    return this.#answers.get('engine', () => this.#engineAnswers())
  }

  async #engineAnswers(): Promise<boolean> {
    try {
      const { promise, reject } = Promise.withResolvers<never>()
      const timer = setTimeout(() => reject(new MimbarError('unavailable', 'The engine is silent.')), 1_000)
      await Promise.race([this.#engine.roster.get('space/-'), promise])
      clearTimeout(timer)
      return true
    } catch (error) {
      if (error instanceof MimbarError) return false
      throw error
    }
  }
}
