// What happens is shown when it is heard: events wait here for the playhead. Going back in time (replay) starts
// again from the latest snapshot before the new place.

import type { PartEvent } from '../../core/part/events.ts'

/** Ten minutes of parts that all carry something; the oldest go first. */
export const TIMELINE_ENTRIES_MAX = 3_000

interface Entry {
  readonly atSeconds: number
  readonly events: readonly PartEvent[]
}

/** Events by media time, handed out in order as the playhead passes them. */
export class Timeline {
  readonly #entries: Entry[] = []
  /** How many entries the playhead has passed. */
  #passed = 0
  #playheadSeconds = Number.NEGATIVE_INFINITY

  /** How many entries are held. */
  get size(): number {
    return this.#entries.length
  }

  /** Adds what happened at `atSeconds`. Entries at a time that is held already are a repeat and dropped. */
  add(atSeconds: number, events: readonly PartEvent[]): void {
    const index = this.#indexAfter(atSeconds)
    if (events.length === 0 || this.#entries[index - 1]?.atSeconds === atSeconds) return
    this.#entries.splice(index, 0, { atSeconds, events })
    if (index < this.#passed) this.#passed += 1
    if (this.#entries.length <= TIMELINE_ENTRIES_MAX) return
    this.#entries.shift()
    this.#passed = Math.max(0, this.#passed - 1)
  }

  /** The events from where the playhead was to `playheadSeconds`, in order. */
  advance(playheadSeconds: number): PartEvent[] {
    const wentBack = playheadSeconds < this.#playheadSeconds
    this.#playheadSeconds = playheadSeconds
    const end = this.#indexAfter(playheadSeconds)
    const start = wentBack ? this.#snapshotBefore(end) : this.#passed
    this.#passed = end
    return this.#entries.slice(start, Math.max(start, end)).flatMap(({ events }) => events)
  }

  /** Forgets everything: another source begins. */
  clear(): void {
    this.#entries.length = 0
    this.#passed = 0
    this.#playheadSeconds = Number.NEGATIVE_INFINITY
  }

  /** Index of the first entry later than `atSeconds`. Most are added at the end, so the search starts there. */
  #indexAfter(atSeconds: number): number {
    let index = this.#entries.length
    while (index > 0 && (this.#entries[index - 1] as Entry).atSeconds > atSeconds) index -= 1
    return index
  }

  #snapshotBefore(end: number): number {
    for (let index = end - 1; index >= 0; index--) {
      const entry = this.#entries[index] as Entry
      if (entry.events.some(({ kind }) => kind === 'snapshot')) return index
    }
    return 0
  }
}
