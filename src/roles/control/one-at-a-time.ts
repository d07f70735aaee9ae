// Work that is asked for again and again, and done once at a time.

export class OneAtATime {
  readonly #work: () => Promise<void>
  #running: Promise<void> | undefined

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Does the work; while it is under way, answers with that. */
  run(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await this.#running
  }
}
