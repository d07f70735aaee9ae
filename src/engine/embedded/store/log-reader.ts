// The reading side of one log: ranges, and tails that go from complete files over to memory without a seam.

import { MimbarError } from '../../../base/errors.ts'
import { type Sequence, sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'
import {
  HELD_RANGES_MAX,
  type HeldRange,
  TAIL_BACKLOG_PARTS_MAX,
  type TailItem,
  type TailStart,
} from '../../ports.ts'
import type { HeldFiles } from './held-files.ts'
import { HoleDeclarer } from './holes.ts'
import { joinRanges, rangeOf } from './ranges.ts'
import type { RecentParts } from './recent-parts.ts'

/** Somewhat less than the second that readers are promised. */
export const IDLE_AFTER_MS = 900
/** Tails and ranges at once of one log; its readers are edges and stages, not listeners. */
const READERS_MAX = 1_000

export interface LogReaderOptions {
  /** For reports. */
  readonly name: string
  readonly files: HeldFiles
  readonly recent: RecentParts
  readonly newest: () => Sequence | undefined
  readonly report: (line: string) => void
}

export class LogReader {
  readonly #name: string
  readonly #files: HeldFiles
  readonly #recent: RecentParts
  readonly #newest: () => Sequence | undefined
  readonly #report: (line: string) => void
  readonly #waiting = new Set<() => void>()
  #readers = 0
  #isEnded = false
  #cut: MimbarError | undefined

  constructor(options: LogReaderOptions) {
    this.#name = options.name
    this.#files = options.files
    this.#recent = options.recent
    this.#newest = options.newest
    this.#report = options.report
  }

  get readers(): number {
    return this.#readers
  }

  /** Of the oldest part held. Memory may hold more than the ring, but then it does not tell. */
  get oldest(): Sequence | undefined {
    return this.#files.oldest ?? this.#recent.oldest?.sequence
  }

  // Before this, the disk is asked. With nothing in memory that is all there is now, and not what may be appended
  // while the disk answers.
  get #memoryFrom(): Sequence {
    return this.#recent.oldest?.sequence ?? sequence((this.#newest() ?? -1) + 1)
  }

  /** A part was added. */
  wake(): void {
    for (const resume of this.#waiting) resume()
    this.#waiting.clear()
  }

  /** No further part comes: tails end when they have read what there is. */
  end(): void {
    this.#isEnded = true
    this.wake()
  }

  /** Every reader fails with `reason` from now on. */
  cut(reason: MimbarError): void {
    this.#cut ??= reason
    this.wake()
  }

  async *read(from: Sequence, to: Sequence, signal?: AbortSignal): AsyncGenerator<Part> {
    this.#enter()
    try {
      const holes = this.#holes()
      let next = sequence(Math.max(from, this.oldest ?? from))
      while (next < to && !signal?.aborted) {
        this.#throwIfCut()
        const memoryFrom = this.#memoryFrom
        if (next < memoryFrom) {
          const upTo = sequence(Math.min(to, memoryFrom))
          for await (const part of this.#files.read(next, upTo, () => undefined)) {
            yield holes.declare(part)
            if (signal?.aborted) return
          }
          next = upTo
          continue
        }
        const part = this.#recent.at(this.#recent.ordinalOf(next))
        if (part === undefined || part.sequence >= to) return
        yield holes.declare(part)
        next = sequence(part.sequence + 1)
      }
    } finally {
      this.#readers -= 1
    }
  }

  /** At most `HELD_RANGES_MAX` runs of what {@link read} would give, unless storage has damaged it. */
  held(from: Sequence, to: Sequence): readonly HeldRange[] {
    this.#throwIfCut()
    return joinRanges(this.#held(sequence(Math.max(from, this.oldest ?? from)), to), HELD_RANGES_MAX)
  }

  *#held(from: Sequence, to: Sequence): Generator<HeldRange> {
    const memoryFrom = this.#memoryFrom
    yield* this.#files.held(from, sequence(Math.min(to, memoryFrom)))
    for (let at = this.#recent.ordinalOf(sequence(Math.max(from, memoryFrom))); ; at++) {
      const part = this.#recent.at(at)
      if (part === undefined || part.sequence >= to) return
      yield rangeOf(part)
    }
  }

  async *tail(start: TailStart, signal: AbortSignal): AsyncGenerator<TailItem> {
    this.#enter()
    try {
      const holes = this.#holes()
      for await (const item of this.#follow(this.#startOf(start), signal)) {
        yield item.kind === 'part' ? { kind: 'part', part: holes.declare(item.part) } : item
      }
    } finally {
      this.#readers -= 1
    }
  }

  #startOf(start: TailStart): Sequence {
    const oldest = this.oldest ?? sequence(0)
    if (start.kind === 'sequence') return sequence(Math.max(start.from, oldest))
    const newest = this.#newest()
    return sequence(Math.max(newest === undefined ? 0 : newest - start.burstParts, oldest))
  }

  async *#follow(from: Sequence, signal: AbortSignal): AsyncGenerator<TailItem> {
    let next = from
    for await (const part of this.#catchUp(from, signal)) {
      yield { kind: 'part', part }
      next = sequence(part.sequence + 1)
    }
    // From here on the reader is at the live edge, and memory holds what it may lag.
    let ordinal = this.#recent.end
    while (!signal.aborted) {
      this.#throwIfCut()
      if (this.#recent.end - ordinal > TAIL_BACKLOG_PARTS_MAX) lagged()
      const part = this.#recent.at(ordinal)
      if (part !== undefined) {
        ordinal += 1
        if (part.sequence >= next) yield { kind: 'part', part }
      } else if (this.#isEnded) {
        yield { kind: 'ended' }
        return
      } else if ((await this.#change(signal)) === 'idle') yield { kind: 'idle' }
    }
  }

  // Everything that is held from `next` on, from the disk as long as it takes, until the newest part was given.
  async *#catchUp(from: Sequence, signal: AbortSignal): AsyncGenerator<Part> {
    let next = from
    while (!signal.aborted) {
      this.#throwIfCut()
      const memoryFrom = this.#memoryFrom
      if (next < memoryFrom) {
        for await (const part of this.#files.read(next, memoryFrom, lagged)) {
          yield part
          if (signal.aborted) return
        }
        next = memoryFrom
        continue
      }
      const part = this.#recent.at(this.#recent.ordinalOf(next))
      if (part === undefined) return
      yield part
      next = sequence(part.sequence + 1)
    }
  }

  #change(signal: AbortSignal): Promise<'changed' | 'idle'> {
    return new Promise((resolve) => {
      const settle = (what: 'changed' | 'idle'): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', changed)
        this.#waiting.delete(changed)
        resolve(what)
      }
      const changed = (): void => settle('changed')
      const timer = setTimeout(settle, IDLE_AFTER_MS, 'idle')
      signal.addEventListener('abort', changed)
      this.#waiting.add(changed)
    })
  }

  #enter(): void {
    this.#throwIfCut()
    if (this.#readers >= READERS_MAX) throw new MimbarError('too-many', 'Too many read this log at once.')
    this.#readers += 1
  }

  #throwIfCut(): void {
    if (this.#cut !== undefined) throw this.#cut
  }

  #holes(): HoleDeclarer {
    return new HoleDeclarer((after, before) => {
      this.#report(`${this.#name}: nothing readable between ${after} and ${before}; declared as a gap`)
    })
  }
}

function lagged(): never {
  throw new MimbarError('too-many', 'This reader fell too far behind; it should tail anew.')
}
