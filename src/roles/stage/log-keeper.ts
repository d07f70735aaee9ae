// What the writer of a space asks of its log besides appending: to keep the program, and to close at its end. Both
// are asked again until the log has answered.

import { backoffDelay, NEIGHBOUR_BACKOFF } from '../../base/backoff.ts'
import { type ErrorCode, MimbarError } from '../../base/errors.ts'
import type { SpaceId } from '../../base/ids.ts'
import type { Epoch, Sequence } from '../../base/units.ts'
import type { PartLog } from '../../engine/ports.ts'

export interface LogKeeperOptions {
  readonly space: SpaceId
  readonly epoch: Epoch
  readonly log: PartLog
  readonly random: () => number
  lost(code: ErrorCode): void
}

/** Owned by one program; ends with it. */
export class LogKeeper {
  readonly #options: LogKeeperOptions
  #keptFrom: Sequence | undefined
  #isStopped = false

  constructor(options: LogKeeperOptions) {
    this.#options = options
  }

  /** Everything from `from` on is kept for good. Repeating it costs nothing. */
  keepFrom(from: Sequence): void {
    if (from === this.#keptFrom) return
    this.#keptFrom = from
    const { log, space, epoch } = this.#options
    void this.#insist(() => log.keepFrom(space, from, epoch))
  }

  /** Closes the log; false when that is not ours to do any more. */
  end(): Promise<boolean> {
    const { log, space, epoch } = this.#options
    return this.#insist(() => log.end(space, epoch))
  }

  /** Asks for nothing any more. Idempotent. */
  stop(): void {
    this.#isStopped = true
  }

  async #insist(call: () => Promise<void>): Promise<boolean> {
    for (let attempt = 0; !this.#isStopped; attempt++) {
      try {
        await call()
        return true
      } catch (error) {
        if (!(error instanceof MimbarError)) throw error
        if (error.code !== 'unavailable') {
          this.#options.lost(error.code)
          return false
        }
      }
      const delay = backoffDelay(attempt, this.#options.random(), NEIGHBOUR_BACKOFF)
      await new Promise((resolve) => setTimeout(resolve, delay))
    }
    return false
  }
}
