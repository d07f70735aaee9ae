// A part of the page that most visits need late or never: loaded when it is first asked for.

/** A script of ours at `path`, with the exports `M`. A load that failed is tried anew by the next call. */
export class LaterModule<M> {
  readonly #path: string
  #loading: Promise<M> | undefined
  #tries = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Rejects while it cannot be had. */
  load(): Promise<M> {
    this.#loading ??= this.#import()
    return this.#loading
  }

  async #import(): Promise<M> {
    try {
      // A module that failed to load is remembered as failed, under its whole address.
      const address = this.#tries === 0 ? this.#path : `${this.#path}?again=${this.#tries}`
      return (await import(address)) as M
    } catch (error) {
      this.#tries += 1
      this.#loading = undefined
      throw error
    }
  }
}
