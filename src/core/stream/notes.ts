// What an edge says to one listener between parts: JSON in a top-level `uuid` box that players strip before MSE.

import type { Epoch, Sequence, WallMillis } from '../../base/units.ts'

/** Sixteen bytes of the box's `usertype` (ISO/IEC 14496-12, section 11.1): "Mimbar edge note" in ASCII. */
export const NOTE_UUID: readonly number[] = [
  0x4d, 0x69, 0x6d, 0x62, 0x61, 0x72, 0x20, 0x65, 0x64, 0x67, 0x65, 0x20, 0x6e, 0x6f, 0x74, 0x65,
]

/**
 * - `hello`: first on every stream. `next` is the sequence of the first part to come, `newest` that of the last one that
 *   comes at once, if they are known: a player begins when that one is there, near its end;
 *   `gridStartMs` is the wall time of sequence 0, by which a player tells how far behind the stage it is. `ticket`
 *   is shown as `?ticket=` by a player that comes back: it goes in ahead of those who arrive for the first time.
 *   `track` is there when the sound is the low-bitrate one, asked for or not.
 * - `flush`: the new interval, announced before it is used.
 * - `skipped`: this listener was too slow; that many parts were left out and the next one is at the live edge.
 * - `move`: connect elsewhere before leaving here (the edge is draining, or above its share).
 * - `ended`: the program is over and this stream ends; the page turns into the replay.
 */
export type EdgeNote =
  | {
      readonly kind: 'hello'
      readonly flushMs: number
      readonly epoch: Epoch
      readonly next?: Sequence
      readonly newest?: Sequence
      readonly gridStartMs?: WallMillis
      readonly ticket?: string
      readonly track?: 'low.mp4'
    }
  | { readonly kind: 'flush'; readonly flushMs: number }
  | { readonly kind: 'skipped'; readonly parts: number }
  | { readonly kind: 'move' }
  | { readonly kind: 'ended' }

/** A stream without a byte for longer than this is dead: max(3 s, 2 × flush interval). */
export function silenceLimitMs(flushMs: number): number {
  return Math.max(3_000, 2 * flushMs)
}

/** Every stream carries bytes at least this often, or at each flush where those are further apart. */
export const HEARTBEAT_MS = 1_000

/** Where a stream resumes: `?from=<epoch>.<next sequence>`. */
export interface ResumePoint {
  readonly epoch: Epoch
  readonly next: Sequence
}
