// Which sequences somebody received, as ranges: a run of hours is one pair of numbers while nothing is missing.

/** Ranges remembered; beyond it the oldest is forgotten. */
export const RANGES_MAX = 10_000

/** A set of sequences that is dense but for a few holes. */
export class SequenceRanges {
  /** Disjoint, ascending, not touching; ends are exclusive. */
  readonly #ranges: [from: number, to: number][] = []

  add(sequence: number): void {
    let i = this.#ranges.length - 1
    while (i >= 0 && (this.#ranges[i] as [number, number])[0] > sequence) i -= 1
    const before = this.#ranges[i]
    if (before !== undefined && sequence < before[1]) return
    const after = this.#ranges[i + 1]
    const joinsBefore = before !== undefined && before[1] === sequence
    const joinsAfter = after !== undefined && after[0] === sequence + 1
    if (joinsBefore && joinsAfter) {
      before[1] = after[1]
      this.#ranges.splice(i + 1, 1)
    } else if (joinsBefore) before[1] = sequence + 1
    else if (joinsAfter) after[0] = sequence
    else this.#ranges.splice(i + 1, 0, [sequence, sequence + 1])
    if (this.#ranges.length > RANGES_MAX) this.#ranges.shift()
  }

  /** How many of the sequences `from` ≤ n < `to` are in the set. */
  countWithin(from: number, to: number): number {
    let count = 0
    for (const [start, end] of this.#ranges) count += Math.max(0, Math.min(end, to) - Math.max(start, from))
    return count
  }

  /** The greatest sequence in the set; −1 while it is empty. */
  get last(): number {
    return (this.#ranges.at(-1)?.[1] ?? 0) - 1
  }

  /** How many sequences are in the set. */
  get size(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + to - from, 0)
  }
}
