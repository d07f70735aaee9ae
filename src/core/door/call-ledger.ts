// People who were called and have not come yet: room is kept for them, for a while. Who doesn't come within it leaves
// the room to the next, and may still come later: then to the first room there is.

import type { WallMillis } from '../../base/units.ts'

/** Who is next in line asks about this often (`askAfterMs` in `outlook.ts`). */
const NEXT_ASKS_MS = 4_000
/** Room is kept for one and a half of those, and this: for caches, and the way here. */
const CALLED_EXTRA_MS = 5_000
/** For how long room is kept for who was called. */
export const ROOM_KEPT_MS = 1.5 * NEXT_ASKS_MS + CALLED_EXTRA_MS

interface Call {
  readonly until: WallMillis
  people: number
}

export class CallLedger {
  /** One for each second at most, and none is kept for half a minute. */
  #calls: Call[] = []
  readonly #cameIn = new Map<string, number>()

  /** Room that is kept. */
  get outstanding(): number {
    return this.#calls.reduce((sum, call) => sum + call.people, 0)
  }

  /** Keeps room for `people`. */
  call(people: number, until: WallMillis): void {
    if (people > 0) this.#calls.push({ until, people })
  }

  /** `edge` has let in `total` people with a place since it started; a smaller number is a new start. */
  cameIn(edge: string, total: number): void {
    const before = this.#cameIn.get(edge) ?? total
    this.#cameIn.set(edge, total)
    let people = total >= before ? total - before : total
    for (const call of this.#calls) {
      const taken = Math.min(call.people, people)
      call.people -= taken
      people -= taken
    }
    this.#calls = this.#calls.filter((call) => call.people > 0)
  }

  expire(now: WallMillis): void {
    this.#calls = this.#calls.filter((call) => call.until > now)
  }

  /** What another edge reckoned, when that edge was the one to do so. */
  takeOver(outstanding: number, until: WallMillis): void {
    this.#calls = outstanding > 0 ? [{ until, people: outstanding }] : []
  }
}
