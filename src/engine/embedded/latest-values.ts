// What a slow reader of changing values is owed: the newest value of each key, and nothing of what it missed.

/** Set by a producer, iterated by one reader. Bounded by the number of keys, whatever the reader does. */
export class LatestValues<V> {
  readonly #pending = new Map<string, V>()
  readonly #signal: AbortSignal
  #resume: (() => void) | undefined

  /** The iteration ends when `signal` is aborted. */
  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#resume?.(), { once: true })
  }

  set(key: string, value: V): void {
    this.#pending.set(key, value)
    this.#resume?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<V> {
    while (!this.#signal.aborted) {
      for (const [key, value] of this.#pending) {
        this.#pending.delete(key)
        yield value
        if (this.#signal.aborted) return
      }
      if (this.#pending.size > 0) continue
      await new Promise<void>((resolve) => {
        this.#resume = resolve
        if (this.#signal.aborted) resolve()
      })
      this.#resume = undefined
    }
  }
}
