// The four promises that processes meet in. An engine keeps all four; the contract suite in `contract/` is the
// judge of whether it does. Every call may throw `unavailable`: the caller retries, backed off and jittered.

import type { SpaceId } from '../base/ids.ts'
import type { Epoch, Millis, Sequence, WallMillis } from '../base/units.ts'
import type { Part, TrackHeader } from '../core/part/part.ts'

/** Append-only and replayable; one writer at a time, the one with the highest epoch. */
export interface PartLog {
  /**
   * Creates the log of a space, or finds it as it is. Idempotent. Tracks that a log does not have yet are added to it,
   * unless it has ended; parts written before have no bytes in them. `conflict` when a log exists with another grid or
   * another header of the same track: the codec configuration of a track never changes.
   */
  open(space: SpaceId, spec: LogSpec): Promise<void>

  /**
   * Appends one part. Tailing readers have it at once; the promise resolves when a killed process can no longer
   * lose it (it was written; fsync follows within a second). Repeating the newest part with the same epoch is
   * answered like the first time, so a writer that saw no answer just retries.
   *
   * `fenced`: `part.epoch` is older than the newest epoch seen (by an append, or by the space's lease).
   * `conflict`: the sequence is not after the newest one, or skips without naming a gap, or lies in a block that
   * an unclean stop has burnt (`head().appendFrom` tells where to go on). `gone`: the log was ended.
   */
  append(space: SpaceId, part: Part): Promise<void>

  /** Where the log stands. `not-found` when it was never opened, or nothing of it is left. */
  head(space: SpaceId): Promise<LogHead>

  /** The parts with `from` ≤ sequence < `to` that the log holds, oldest first. */
  read(space: SpaceId, from: Sequence, to: Sequence, signal?: AbortSignal): AsyncIterable<Part>

  /**
   * Which parts with `from` ≤ sequence < `to` the log holds, oldest first, without reading them: runs of sequences
   * without a hole, by one writer each. No two that touch have the same epoch. A list of `HELD_RANGES_MAX` may have
   * been cut short: ask again from the end of its last run. Storage may have damaged a part that is held; only
   * reading tells.
   */
  held(space: SpaceId, from: Sequence, to: Sequence): Promise<readonly HeldRange[]>

  /**
   * Follows the log: first what it holds from `from` on, then every part as it is appended; no hole, no repeat.
   * Ends after `ended`. An `idle` item comes at least once a second when nothing else does, so that a reader can
   * tell a silent writer from a dead engine. A reader that falls `TAIL_BACKLOG_PARTS_MAX` behind is cut off with
   * `too-many` and tails anew.
   */
  tail(space: SpaceId, from: TailStart, signal: AbortSignal): AsyncIterable<TailItem>

  /** Everything before `from` may go as the ring turns; what comes after is kept for good. */
  keepFrom(space: SpaceId, from: Sequence, writer: Epoch): Promise<void>

  /** No further part will come; readers are told. Parts in the ring go after a few minutes. */
  end(space: SpaceId, writer: Epoch): Promise<void>

  /** Removes the log and every byte of it. Idempotent; a log that never existed counts as removed. */
  forget(space: SpaceId): Promise<void>
}

export interface LogSpec {
  /** Wall time of sequence 0. */
  readonly gridStartMs: WallMillis
  readonly tracks: readonly TrackHeader[]
  /** How many parts are held that nobody asked to keep. */
  readonly ringParts: number
}

export interface LogHead extends LogSpec {
  /** Absent while no part was ever appended. */
  readonly newest?: Sequence
  /** The oldest part still held. */
  readonly oldest?: Sequence
  /** Epoch of the newest part, or of the lease if that is newer; 0 when neither exists. */
  readonly epoch: Epoch
  /** The smallest sequence that an append may carry. */
  readonly appendFrom: Sequence
  readonly keptFrom?: Sequence
  readonly ended: boolean
}

/** The parts with `from` ≤ sequence < `to`, each of them there and written with `epoch`. */
export interface HeldRange {
  readonly from: Sequence
  readonly to: Sequence
  readonly epoch: Epoch
}

/** Runs in one answer, about 50 KB of JSON. A log has one for each writer and hole, so most need one or two. */
export const HELD_RANGES_MAX = 1_000

/** `live`: start `burstParts` before the newest part. `sequence`: at this one, or the oldest held after it. */
export type TailStart =
  | { readonly kind: 'live'; readonly burstParts: number }
  | { readonly kind: 'sequence'; readonly from: Sequence }

export type TailItem =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'idle' }
  | { readonly kind: 'ended' }

export const TAIL_BACKLOG_PARTS_MAX = 300
/** Three minutes: what is held of a program that is not recorded, and of a lobby. */
export const RING_PARTS_DEFAULT = 900

/** Lossy and latest-wins: levels, presence, reports. Nothing here survives the engine's restart. */
export interface Feed {
  /** Values are JSON. A publish that finds no engine is dropped: the next one is fresher. */
  publish(topic: string, value: unknown): void
  /**
   * The newest value of every topic that starts with `prefix`, then each change. A reader that lags sees only the
   * newest. Survives the engine's restart by itself (an iteration never throws; it ends with `signal`).
   */
  subscribe(prefix: string, signal: AbortSignal): AsyncIterable<FeedItem>
}

export interface FeedItem {
  readonly topic: string
  readonly value: unknown
}

/** One holder at a time, with an epoch that only grows: across expiry, theft, release and restarts. */
export interface LeasePort {
  /**
   * Takes a free or expired lease, or the holder's own (which keeps its epoch). With `over`, takes it from
   * whoever holds it at exactly that epoch: for a standby that saw the holder miss its parts. The log is fenced
   * to the new epoch before this resolves.
   */
  acquire(request: LeaseRequest): Promise<LeaseAnswer>
  /** False when the lease is no longer held with this epoch. */
  renew(space: SpaceId, epoch: Epoch, ttl: Millis): Promise<boolean>
  release(space: SpaceId, epoch: Epoch): Promise<void>
  /** Who holds it now, if anyone. */
  holder(space: SpaceId): Promise<LeaseHolder | undefined>
}

export interface LeaseRequest {
  readonly space: SpaceId
  readonly holder: string
  readonly ttl: Millis
  readonly over?: Epoch
}

export type LeaseAnswer =
  | { readonly kind: 'acquired'; readonly epoch: Epoch }
  | ({ readonly kind: 'held' } & LeaseHolder)

export interface LeaseHolder {
  readonly holder: string
  readonly epoch: Epoch
  readonly expiresAtMs: WallMillis
}

/** Small durable facts that everyone may read. Documents are JSON of at most `FACT_BYTES_MAX`. */
export interface Roster {
  get(key: string): Promise<RosterFact | undefined>
  /**
   * Writes if the document still has `revision` (0: does not exist yet); resolves after fsync with the new one.
   * `conflict` otherwise.
   */
  put(key: string, value: unknown, revision: number): Promise<number>
  delete(key: string, revision: number): Promise<void>
  list(prefix: string): Promise<readonly RosterFact[]>
  /**
   * Every document that starts with `prefix`, then each change (`value` undefined: deleted). After the engine's
   * restart the documents come again, deletions included. Never throws; ends with `signal`.
   */
  watch(prefix: string, signal: AbortSignal): AsyncIterable<RosterFact>
}

export interface RosterFact {
  readonly key: string
  readonly value: unknown
  readonly revision: number
}

export const FACT_BYTES_MAX = 64 * 1024

/** What a role is given. */
export interface Engine {
  readonly log: PartLog
  readonly feed: Feed
  readonly lease: LeasePort
  readonly roster: Roster
}
