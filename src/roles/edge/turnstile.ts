// A bound on how much is done at once, and on how many may wait for it.

import { MimbarError } from '../../base/errors.ts'

/** Lets `concurrentMax` through at a time; `waitingMax` more stand in line; the rest are turned away. */
export class Turnstile {
  readonly #concurrentMax: number
  readonly #waitingMax: number
  readonly #what: string
  readonly #line: (() => void)[] = []
  #inside = 0

  constructor(options: {
    readonly what: string
    readonly concurrentMax: number
    readonly waitingMax: number
  }) {
    this.#what = options.what
    this.#concurrentMax = options.concurrentMax
    this.#waitingMax = options.waitingMax
  }

  /** Runs `work` when its turn comes. Throws `unavailable` at once when the line is full. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#concurrentMax) {
      if (this.#line.length >= this.#waitingMax) {
        throw new MimbarError('unavailable', `${this.#what} has too much to do; try again in a moment.`)
      }
      await new Promise<void>((resolve) => this.#line.push(resolve))
    } else this.#inside += 1
    try {
      return await work()
    } finally {
      // The place goes to who waited longest, without ever being free in between.
      const next = this.#line.shift()
      if (next === undefined) this.#inside -= 1
      else next()
    }
  }
}
