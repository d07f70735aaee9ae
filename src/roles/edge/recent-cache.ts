// Answers kept for a while, and asked for once: whoever comes while one is being fetched waits for the same one.

import type { Clock } from '../../base/clock.ts'

interface Entry<V> {
  readonly value: Promise<V>
  expiresAt: number
}

/** At most `entriesMax` values; the one used longest ago goes first. Failures are not kept. */
export class RecentCache<V> {
  readonly #entries = new Map<string, Entry<V>>()
  readonly #entriesMax: number
  readonly #keptMs: number
  readonly #clock: Clock

  constructor(options: { readonly entriesMax: number; readonly keptMs: number; readonly clock: Clock }) {
    this.#entriesMax = options.entriesMax
    this.#keptMs = options.keptMs
    this.#clock = options.clock
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value of `key`, from `load` unless there is a fresh one or one on its way. */
  get(key: string, load: () => Promise<V>): Promise<V> {
    const known = this.#entries.get(key)
    if (known !== undefined && known.expiresAt > this.#clock.now()) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known.value
    }
    const entry: Entry<V> = { value: load(), expiresAt: Number.POSITIVE_INFINITY }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    this.#shrink()
    entry.value.then(
      () => {
        entry.expiresAt = this.#clock.now() + this.#keptMs
      },
      () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key)
      },
    )
    return entry.value
  }

  #shrink(): void {
    if (this.#entries.size <= this.#entriesMax) return
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }
}
