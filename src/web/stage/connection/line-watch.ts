// Everybody's connection in a word, from what the stage measures. A word stays for a moment before it comes and for
// longer before it goes, so that a single bad second, or a single good one, makes nothing flicker.

import type { SeatId } from '../../../base/ids.ts'
import type { ObservedSeat } from '../../../core/space/facts.ts'

/** losing: packets are missing, and with them syllables · late: the network holds sound back, so it arrives late. */
export type LineWord = 'good' | 'losing' | 'late'

/** Share of lost packets from which concealment is heard, and below which it is not any more. */
const LOSING_FROM = 0.05
const LOSING_UNTIL = 0.02
/** Delay of the jitter buffer from which people begin to talk over each other; half a dozen packets. */
const LATE_FROM_MS = 150
const LATE_UNTIL_MS = 110
/** A worse word must hold for so long before it is said, a better one for so long. */
export const WORSE_AFTER_MS = 1_500
export const BETTER_AFTER_MS = 5_000

type Measured = Pick<ObservedSeat, 'connection' | 'loss' | 'jitterBufferMs'>

/** One seat's line. */
export class LineWatch {
  #word: LineWord = 'good'
  #other: { readonly word: LineWord; readonly sinceMs: number } | undefined

  /** The word after a report at `nowMs` (of any clock that only runs forward). Who is away has no line to speak of. */
  see(measured: Measured | undefined, nowMs: number): LineWord {
    if (measured?.connection !== 'connected') {
      this.#word = 'good'
      this.#other = undefined
      return this.#word
    }
    const word = this.#judge(measured)
    if (word === this.#word) {
      this.#other = undefined
      return word
    }
    if (this.#other?.word !== word) this.#other = { word, sinceMs: nowMs }
    if (nowMs - this.#other.sinceMs >= (word === 'good' ? BETTER_AFTER_MS : WORSE_AFTER_MS)) {
      this.#word = word
      this.#other = undefined
    }
    return this.#word
  }

  #judge({ loss, jitterBufferMs }: Measured): LineWord {
    if (loss >= (this.#word === 'losing' ? LOSING_UNTIL : LOSING_FROM)) return 'losing'
    return jitterBufferMs >= (this.#word === 'late' ? LATE_UNTIL_MS : LATE_FROM_MS) ? 'late' : 'good'
  }
}

/** The lines of everybody on stage. */
export class LineWatches {
  readonly #watches = new Map<SeatId, LineWatch>()

  /** What there is to say of each seat; seats that are not named any more are forgotten. */
  see(
    seats: readonly { readonly id: SeatId; readonly observed?: Measured }[],
    nowMs: number,
  ): ReadonlyMap<SeatId, LineWord> {
    const words = new Map<SeatId, LineWord>()
    for (const { id, observed } of seats) {
      const watch = this.#watches.get(id) ?? new LineWatch()
      this.#watches.set(id, watch)
      words.set(id, watch.see(observed, nowMs))
    }
    for (const id of this.#watches.keys()) if (!words.has(id)) this.#watches.delete(id)
    return words
  }
}
