// People who were called and have not come yet: room is kept for them, for a while. Who doesn't come within it leaves
// the room to the next, and may still come later: then to the first room there is.

import type { WallMillis } from '../../base/units.ts'

/** Longer than the slowest player asks (15 s, jittered), and the line may be a second old in a cache. */
export const CALLED_MS = 20_000

interface Call {
  readonly atMs: WallMillis
  people: number
}

export class CallLedger {
  /** The oldest first; one for each second at most, so no more than CALLED_MS / 1 s and a few. */
  #calls: Call[] = []
  readonly #cameIn = new Map<string, number>()

  /** Room that is kept. */
  get outstanding(): number {
    return this.#calls.reduce((sum, call) => sum + call.people, 0)
  }

  call(people: number, now: WallMillis): void {
    if (people > 0) this.#calls.push({ atMs: now, people })
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
    this.#calls = this.#calls.filter((call) => now - call.atMs < CALLED_MS)
  }

  /** What another edge reckoned, when that edge was the one to do so. */
  takeOver(outstanding: number, now: WallMillis): void {
    this.#calls = outstanding > 0 ? [{ atMs: now, people: outstanding }] : []
  }
}
