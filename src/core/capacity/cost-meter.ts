// What one delivered write and one join cost this process, learned while it works. A process only knows the sum of
// what it spent, so seconds are told apart: those with hardly a join teach the cost of a write, those full of joins
// teach the cost of a join. What a second cannot teach leaves things as they are.

/** Before anything was measured: a TLS write with a margin, and a join with its handshake. */
export const WRITE_US_DEFAULT = 8
export const JOIN_US_DEFAULT = 400
/**
 * Dearer than this is not a write but something else that the process does; a longer flush interval would not mend
 * it, so it is not made to.
 */
export const WRITE_US_RANGE = [2, 60] as const
export const JOIN_US_RANGE = [50, 4_000] as const

/** In a second with fewer, the process' own upkeep is most of what it spends. */
const WRITES_TAUGHT_MIN = 500
const JOINS_TAUGHT_MIN = 50
/** What is foreseen of a second's cost that may be something else, for it still to teach. */
const OTHERS_MAX = 0.5
/** A cost is a property of the machine: it changes over seconds, not within one. */
const MEMORY_S = 10
/** How much the defaults weigh against what is measured, as writes and as joins. */
const WRITES_PRIOR = 2_000
const JOINS_PRIOR = 50

/** What was spent and done since the last time. */
export interface Spent {
  readonly elapsedS: number
  /** User and system time of the process. */
  readonly cpuUs: number
  readonly writes: number
  readonly joins: number
}

/** The two costs; µs of one core. */
export class CostMeter {
  #write = new Mean(WRITE_US_DEFAULT, WRITES_PRIOR, WRITE_US_RANGE)
  #join = new Mean(JOIN_US_DEFAULT, JOINS_PRIOR, JOIN_US_RANGE)

  get writeUs(): number {
    return this.#write.value
  }

  get joinUs(): number {
    return this.#join.value
  }

  /** Learns from a second or so of work. */
  learn({ elapsedS, cpuUs, writes, joins }: Spent): void {
    if (elapsedS <= 0) return
    const joinsUs = joins * this.joinUs
    const writesUs = writes * this.writeUs
    const kept = Math.exp(-elapsedS / MEMORY_S)
    if (writes >= WRITES_TAUGHT_MIN * elapsedS && joinsUs <= OTHERS_MAX * cpuUs) {
      this.#write.add(cpuUs - joinsUs, writes, kept)
    }
    if (joins >= JOINS_TAUGHT_MIN * elapsedS && writesUs <= OTHERS_MAX * cpuUs) {
      this.#join.add(cpuUs - writesUs, joins, kept)
    }
  }
}

/** A weighted mean that forgets, begun with a belief. */
class Mean {
  readonly #range: readonly [number, number]
  #sum: number
  #weight: number

  constructor(belief: number, weight: number, range: readonly [number, number]) {
    this.#range = range
    this.#sum = belief * weight
    this.#weight = weight
  }

  get value(): number {
    return clamp(this.#sum / this.#weight, this.#range)
  }

  add(sum: number, count: number, kept: number): void {
    // A single sample counts as what is possible, so that one odd second is not remembered for ten.
    this.#sum = this.#sum * kept + clamp(sum / count, this.#range) * count
    this.#weight = this.#weight * kept + count
  }
}

const clamp = (value: number, [min, max]: readonly [number, number]): number =>
  Math.min(max, Math.max(min, value))
