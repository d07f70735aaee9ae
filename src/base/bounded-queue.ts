// A queue that cannot grow: its owner says what goes when it is full.

import { assert } from './assert.ts'

/** What a full queue gives up: the value being added, or the one that has waited longest. */
export type WhenFull = 'drop-newest' | 'drop-oldest'

/** First in, first out, at most `capacity` values; a ring, so both ends are O(1). */
export class BoundedQueue<T> {
  readonly #ring: (T | undefined)[]
  readonly #whenFull: WhenFull
  #head = 0
  #size = 0
  #dropped = 0

  constructor(capacity: number, whenFull: WhenFull) {
    assert(Number.isInteger(capacity) && capacity > 0, 'a queue has room for at least one value')
    this.#ring = new Array<T | undefined>(capacity)
    this.#whenFull = whenFull
  }

  get size(): number {
    return this.#size
  }

  /** How many values were given up since the start. */
  get dropped(): number {
    return this.#dropped
  }

  /** Adds `value`; false when something was given up for it, or it was given up itself. */
  push(value: T): boolean {
    if (this.#size < this.#ring.length) {
      this.#ring[(this.#head + this.#size) % this.#ring.length] = value
      this.#size += 1
      return true
    }
    this.#dropped += 1
    if (this.#whenFull === 'drop-oldest') {
      this.#ring[this.#head] = value
      this.#head = (this.#head + 1) % this.#ring.length
    }
    return false
  }

  /** The value that has waited longest, left in place. */
  peek(): T | undefined {
    return this.#ring[this.#head]
  }

  /** Takes the value that has waited longest. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const value = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) % this.#ring.length
    this.#size -= 1
    return value
  }
}
