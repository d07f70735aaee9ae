// Turns for asynchronous work that must not overlap.

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
