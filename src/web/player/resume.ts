// Where a stream goes on after it was lost: at the part after the last one taken, under the newest epoch seen.

import { type Epoch, type Sequence, sequence } from '../../base/units.ts'
import { TICKET_PARAMETER } from '../../core/door/waiting.ts'
import type { ResumePoint } from '../../core/stream/notes.ts'

/** Remembers what was taken, whatever stream it came by; each sequence is taken once, in order. */
export class ResumeTracker {
  #epoch: Epoch | undefined
  #newest: Sequence | undefined

  /** What `?from=` says; absent before the first part. */
  get point(): ResumePoint | undefined {
    if (this.#epoch === undefined || this.#newest === undefined) return undefined
    return { epoch: this.#epoch, next: sequence(this.#newest + 1) }
  }

  /** An edge said under which epoch its next part was written. Epochs only grow; an older edge lags. */
  hello(epoch: Epoch): void {
    if (this.#epoch === undefined || epoch > this.#epoch) this.#epoch = epoch
  }

  /** True when the part at `at` was not taken before. `epoch` comes with the parts that carry a snapshot. */
  take(at: Sequence, epoch: Epoch | undefined): boolean {
    if (epoch !== undefined) this.hello(epoch)
    if (this.#newest !== undefined && at <= this.#newest) return false
    this.#newest = at
    return true
  }
}

/** The query that asks for a stream from `point` on: `?from=<epoch>.<n>`, or nothing for the live edge. */
export function resumeQuery(point: ResumePoint | undefined): string {
  return point === undefined ? '' : `?from=${point.epoch}.${point.next}`
}

/**
 * The same of a player that keeps tickets, with the one that it has: `?from=<epoch>.<n>&ticket=<ticket>`. Without one it
 * says so (`ticket=`), and is not taken for one of those that come again and again with nothing in hand.
 */
export function streamQuery(point: ResumePoint | undefined, ticket: string | undefined): string {
  const shown = `${TICKET_PARAMETER}=${ticket ?? ''}`
  return point === undefined ? `?${shown}` : `${resumeQuery(point)}&${shown}`
}
