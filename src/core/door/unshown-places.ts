// Players that keep no ticket (VLC, a radio, an HLS player that polls) ask again and again, and would stand behind all
// the places that they were given before. So a visitor who comes back without a ticket, while nobody has shown the one
// he was given, is taken to have arrived when that one was. Visitors are told apart by address and User-Agent: two who
// look alike share the time of arrival of the first until one of them shows a place, and never a place.

import type { WallMillis } from '../../base/units.ts'

/** Remembered so long after the last try: players that give up for longer begin anew. */
const KEPT_MS = 60_000
/** The one that tried longest ago goes first. */
const VISITORS_MAX = 20_000

export interface UnshownPlace {
  readonly id: string
  readonly arrivedAtMs: WallMillis
}

interface Kept extends UnshownPlace {
  readonly triedAtMs: WallMillis
}

export class UnshownPlaces {
  /** In the order of the last try. */
  readonly #byVisitor = new Map<string, Kept>()

  /** What `visitor` was given last, if that was lately. */
  find(visitor: string, now: WallMillis): UnshownPlace | undefined {
    const kept = this.#byVisitor.get(visitor)
    return kept === undefined || now - kept.triedAtMs > KEPT_MS ? undefined : kept
  }

  gave(visitor: string, { id, arrivedAtMs }: UnshownPlace, now: WallMillis): void {
    this.#byVisitor.delete(visitor)
    this.#byVisitor.set(visitor, { id, arrivedAtMs, triedAtMs: now })
    if (this.#byVisitor.size > VISITORS_MAX) {
      this.#byVisitor.delete(this.#byVisitor.keys().next().value as string)
    }
  }

  forget(visitor: string): void {
    this.#byVisitor.delete(visitor)
  }
}
