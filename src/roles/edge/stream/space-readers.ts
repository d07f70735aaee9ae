// The tails of this edge: one for each space that somebody needs, from the first need until a while after the last.

import type { Clock } from '../../../base/clock.ts'
import type { SpaceId } from '../../../base/ids.ts'
import type { Millis } from '../../../base/units.ts'
import type { EgressPacer } from '../../../core/capacity/egress-pacer.ts'
import type { FlushPace } from '../../../core/delivery/flush-pace.ts'
import type { HoldingRoom } from '../../../core/delivery/held-requests.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import type { PartLog } from '../../../engine/ports.ts'
import type { EdgeCounters } from '../metrics.ts'
import { SpaceReader } from './space-reader.ts'
import { STREAM_TRACKS, type StreamTrack } from './stream-framing.ts'

export interface SpaceReadersOptions {
  readonly log: PartLog
  readonly pace: FlushPace
  readonly room: HoldingRoom
  readonly counters: EdgeCounters
  readonly egress: EgressPacer
  readonly clock: Clock
  /** See `StreamGroupOptions`. */
  readonly moveRest?: Millis | undefined
  /** Somebody here wants a track that is made on demand; told at most every two seconds. */
  readonly onWanted: (space: SpaceId) => void
}

export class SpaceReaders {
  readonly #options: SpaceReadersOptions
  readonly #readers = new Map<SpaceId, SpaceReader>()
  readonly #stopped: Promise<void>[] = []

  constructor(options: SpaceReadersOptions) {
    this.#options = options
  }

  /** The reader of a space that exists, begun if nobody needed it so far. Counts as a need. */
  get(facts: SpaceFacts): SpaceReader {
    let reader = this.#readers.get(facts.id)
    if (reader === undefined) {
      reader = new SpaceReader({ ...this.#options, facts })
      this.#readers.set(facts.id, reader)
    }
    reader.touch()
    return reader
  }

  /** The reader, if there is one. Not a need. */
  find(space: SpaceId): SpaceReader | undefined {
    return this.#readers.get(space)
  }

  all(): ReadonlyMap<SpaceId, SpaceReader> {
    return this.#readers
  }

  get streams(): number {
    let sum = 0
    for (const reader of this.#readers.values()) sum += reader.streams
    return sum
  }

  /** Streams of one track that are open. */
  streamsOf(track: StreamTrack): number {
    let sum = 0
    for (const reader of this.#readers.values()) sum += reader.group(track).size
    return sum
  }

  /** Streams of one track that are being delivered to: people's, or those of rehearsals. */
  listening(track: StreamTrack, now: Millis, isRehearsed = false): number {
    let sum = 0
    for (const reader of this.#readers.values()) sum += reader.group(track).listening(now, isRehearsed)
    return sum
  }

  learn(space: SpaceId, facts: SpaceFacts | undefined): void {
    this.#readers.get(space)?.learn(facts)
    // A space that comes again under this id has another log; its readers begin anew.
    if (facts === undefined) this.#close(space)
  }

  announceFlush(flushMs: number): void {
    for (const reader of this.#readers.values()) reader.announceFlush(flushMs)
  }

  askToMove(): void {
    for (const reader of this.#readers.values()) {
      for (const track of STREAM_TRACKS) reader.group(track).askToMove()
    }
  }

  /** Asks up to `count` listeners, over all spaces, who have been here for a while; returns how many there were. */
  askSomeToMove(count: number, now: Millis): number {
    let asked = 0
    for (const reader of this.#readers.values()) {
      for (const track of STREAM_TRACKS) asked += reader.group(track).askSomeToMove(count - asked, now)
    }
    return asked
  }

  /** Players that poll playlists. */
  pollers(now: Millis): number {
    let sum = 0
    for (const reader of this.#readers.values()) sum += reader.pollers.count(now)
    return sum
  }

  tick(now: Millis): void {
    for (const [space, reader] of this.#readers) {
      if (reader.isIdle()) this.#close(space)
      else reader.tick(now)
    }
  }

  async stop(): Promise<void> {
    for (const space of [...this.#readers.keys()]) this.#close(space)
    await Promise.all(this.#stopped)
  }

  #close(space: SpaceId): void {
    const reader = this.#readers.get(space)
    if (reader === undefined) return
    this.#readers.delete(space)
    const stopped = reader.stop().finally(() => this.#stopped.splice(this.#stopped.indexOf(stopped), 1))
    this.#stopped.push(stopped)
  }
}
