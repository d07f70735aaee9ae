// Turns for asynchronous work that must not overlap: of one thing, or of each of many.

/** Runs what it is given in order, each after the one before has settled. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve()
  #pending = 0

  /** True when nothing runs or waits. */
  get isIdle(): boolean {
    return this.#pending === 0
  }

  /** Settles as `work` does. A failure does not stop those that wait. */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.#pending += 1
    const turn = this.#last.then(work, work).finally(() => {
      this.#pending -= 1
    })
    this.#last = turn
    return turn
  }

  /** Resolves when everything that was asked for so far has settled. */
  idle(): Promise<void> {
    return this.#last.then(
      () => undefined,
      () => undefined,
    )
  }
}

/** A queue of turns for each key: a slow space holds up no other. */
export class OneAtATimeEach<Key> {
  readonly #queues = new Map<Key, OneAtATime>()

  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? new OneAtATime()
    this.#queues.set(key, queue)
    try {
      return await queue.run(work)
    } finally {
      if (queue.isIdle) this.#queues.delete(key)
    }
  }
}
