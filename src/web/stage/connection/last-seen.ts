// Who of the others is away for a moment, and who is not there. A seat is kept for its person: whoever had a connection
// and lost it is coming back as far as anybody knows, and is shown so. Pure.

import type { SeatId } from '../../../base/ids.ts'
import type { StageView } from '../../../core/api/api.ts'

/** After this long without a connection a person is "offline" rather than "reconnecting". */
export const RETURNING_FOR_MS = 60_000

/** What one page remembers of the views it has seen; forgets who gave the seat up. */
export class LastSeen {
  /** Server's time of the last view with a connection, by seat. */
  #connectedAtMs: ReadonlyMap<SeatId, number> = new Map()
  #nowMs = 0

  /** Call with every view. */
  see(view: Pick<StageView, 'seats' | 'nowMs'>): void {
    this.#nowMs = view.nowMs
    const next = new Map<SeatId, number>()
    for (const { id, observed } of view.seats) {
      const at = observed?.connection === 'connected' ? view.nowMs : this.#connectedAtMs.get(id)
      if (at !== undefined) next.set(id, at)
    }
    this.#connectedAtMs = next
  }

  /** True for a seat whose connection was lost less than a minute ago. */
  isReturning({ id, observed }: StageView['seats'][number]): boolean {
    const at = this.#connectedAtMs.get(id)
    return observed?.connection !== 'connected' && at !== undefined && this.#nowMs - at < RETURNING_FOR_MS
  }
}
