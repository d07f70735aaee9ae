// The seats of one space that are, or were, connected to this stage.

import type { SeatId } from '../../base/ids.ts'
import type { Millis } from '../../base/units.ts'
import { Place } from './place.ts'

/** Places by seat; iterates in the order in which they first connected. */
export class Places {
  readonly #places = new Map<SeatId, Place>()

  get(seat: SeatId): Place | undefined {
    return this.#places.get(seat)
  }

  [Symbol.iterator](): IterableIterator<Place> {
    return this.#places.values()
  }

  /** The place of `seat`, made on its first connection. */
  take(seat: SeatId): Place {
    let place = this.#places.get(seat)
    if (!place) {
      place = new Place(seat)
      this.#places.set(seat, place)
    }
    return place
  }

  /** Seats that are not in `seats` were left or taken away: their connections close. */
  keepOnly(seats: ReadonlySet<SeatId>): void {
    for (const [seat, place] of this.#places) {
      if (seats.has(seat)) continue
      this.#places.delete(seat)
      place.close()
    }
  }

  sweep(now: Millis): void {
    for (const place of this.#places.values()) place.sweep(now)
  }

  close(): void {
    this.keepOnly(new Set())
  }
}
