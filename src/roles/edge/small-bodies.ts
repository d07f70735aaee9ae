// The few bodies that the public door takes are small and come at once, or are dropped.

import { MimbarError } from '../../base/errors.ts'

export interface SmallBodiesOptions {
  /** One of them, as a sentence begins with it, such as `A report`. */
  readonly what: string
  readonly bytesMax: number
  /** What has not come then is not waited for. */
  readonly withinMs: number
  /** Awaited at the same time; beyond it, 503. */
  readonly readingMax: number
}

/** Reads the bodies of one kind of request. */
export class SmallBodies {
  readonly #options: SmallBodiesOptions
  #reading = 0

  constructor(options: SmallBodiesOptions) {
    this.#options = options
  }

  /**
   * The text of a body, or what of it had come in time. `too-large` beyond the limit, `bad-request` without one,
   * `unavailable` while too many are awaited.
   */
  async read(request: Request): Promise<string> {
    const { what, readingMax } = this.#options
    if (this.#reading >= readingMax) {
      throw new MimbarError('unavailable', `${what} cannot be taken now: too many come at once.`)
    }
    this.#reading += 1
    try {
      return await this.#text(request)
    } finally {
      this.#reading -= 1
    }
  }

  async #text(request: Request): Promise<string> {
    const { what, bytesMax, withinMs } = this.#options
    const reader = request.body?.getReader()
    if (reader === undefined) throw new MimbarError('bad-request', `${what} is missing.`)
    const late = setTimeout(() => void reader.cancel(), withinMs)
    const pieces: Uint8Array[] = []
    let bytes = 0
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        bytes += read.value.length
        if (bytes > bytesMax) {
          void reader.cancel()
          throw new MimbarError('too-large', `${what} has at most ${bytesMax} bytes.`)
        }
        pieces.push(read.value)
      }
    } finally {
      clearTimeout(late)
    }
    return Buffer.concat(pieces).toString('utf8')
  }
}
