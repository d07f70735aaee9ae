// Simulated time: things to do, in order of their time; equal times in the order in which they were added. Two hours
// take as long as what happens in them.

interface Entry {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class Timeline {
  #now = 0
  #order = 0
  #entries: Entry[] = []

  /** Ms since the beginning. */
  get now(): number {
    return this.#now
  }

  /** Runs `run` in `delay` ms. The answer takes it back. */
  after(delay: number, run: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, delay), order: this.#order++, run }
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#entries[middle] as Entry
      if (other.at < entry.at || (other.at === entry.at && other.order < entry.order)) low = middle + 1
      else high = middle
    }
    this.#entries.splice(low, 0, entry)
    return () => {
      const at = this.#entries.indexOf(entry)
      if (at >= 0) this.#entries.splice(at, 1)
    }
  }

  /** Lets `duration` ms pass. */
  pass(duration: number): void {
    const end = this.#now + duration
    for (let next = this.#entries[0]; next !== undefined && next.at <= end; next = this.#entries[0]) {
      this.#entries.shift()
      this.#now = next.at
      next.run()
    }
    this.#now = end
  }
}
