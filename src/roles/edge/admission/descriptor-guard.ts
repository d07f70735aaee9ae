// Keeps descriptors for those who are inside. Bun accepts whatever comes, and at the end of its table it goes round in
// circles: connections wait unanswered, and a core is spent on being told so. So an edge that nears the end lets go of
// its port until enough idle connections have timed out. Others of the node still have theirs, and streams go on.
// A few spare descriptors are held all the time, for a flood that is faster than we look.

import { closeSpare, lowestFreeDescriptor, openSpare } from '../../../host/descriptors.ts'

/** Held for tails of the log, files and control, which must be able to begin anew in a flood. */
const SPARES = 16
/** The door closes when less of the table than this is free, and opens when twice as much is. */
const KEPT_SHARE = 0.04
const KEPT_MIN = 24
/** With less of the table than this free, nobody keeps a connection for a next request. */
const AMPLE_SHARE = 0.5
/** Between opening and closing again: each time costs whoever stands in the kernel's queue a reset. */
const OPEN_MS_MIN = 3_000

export interface DescriptorGuardOptions {
  readonly limit: number
  readonly pause: () => void
  readonly resume: () => void
  readonly log: (line: string) => void
}

export class DescriptorGuard {
  readonly #options: DescriptorGuardOptions
  readonly #kept: number
  readonly #spares: number[] = []
  #isPaused = false
  #isScarce = false
  #openedAt = Number.NEGATIVE_INFINITY

  constructor(options: DescriptorGuardOptions) {
    this.#options = options
    this.#kept = Math.max(KEPT_MIN, Math.floor(options.limit * KEPT_SHARE))
    this.#holdSpares()
  }

  /**
   * True while connections are better closed after each answer. In a long line everyone keeps one to ask how it stands,
   * and they alone could take the whole table; a handshake more costs them less than no answer.
   */
  get isScarce(): boolean {
    return this.#isScarce
  }

  /** Several times a second; `now` is a clock in ms that does not go back. */
  tick(now: number): void {
    const { limit, pause, resume, log } = this.#options
    const free = limit - (lowestFreeDescriptor() ?? limit)
    this.#isScarce = free < limit * AMPLE_SHARE
    if (!this.#isPaused) {
      const isWorst = free === 0
      if (free >= this.#kept || (now - this.#openedAt < OPEN_MS_MIN && !isWorst)) return
      this.#isPaused = true
      pause()
      this.#letSparesGo()
      log(`takes no connections for now: ${free} of ${limit} descriptors are free (raise "ulimit -n")`)
    } else if (free >= 2 * this.#kept + SPARES) {
      this.#isPaused = false
      this.#openedAt = now
      this.#holdSpares()
      resume()
      log('takes connections again')
    }
  }

  stop(): void {
    this.#letSparesGo()
  }

  #holdSpares(): void {
    while (this.#spares.length < SPARES) {
      const spare = openSpare()
      if (spare === undefined) return
      this.#spares.push(spare)
    }
  }

  #letSparesGo(): void {
    for (const spare of this.#spares.splice(0)) closeSpare(spare)
  }
}
