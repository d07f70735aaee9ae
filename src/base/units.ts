// Units that must not be mixed up, as branded numbers, and the grid on which a program is cut.
// The grid is fixed: every role, file and player relies on it, so it is a constant and not a setting.

declare const unit: unique symbol
type Branded<Name extends string> = number & { readonly [unit]: Name }

/** A count of PCM samples at 48 kHz. Always an integer; may be negative where it is a media time. */
export type Samples = Branded<'samples'>
/** Milliseconds of a wall clock since the Unix epoch. */
export type WallMillis = Branded<'wall-ms'>
/** Milliseconds of a clock that never jumps, from an arbitrary start; also durations. */
export type Millis = Branded<'ms'>
/**
 * A part's position in a space's log: how many parts after the log's `gridStartMs` it begins.
 * Follows the wall clock, so it only grows, has holes where nothing was written, and is never reused.
 */
export type Sequence = Branded<'sequence'>
/** Fencing number of a lease: every new holder of a space gets a higher one. Starts at 1. */
export type Epoch = Branded<'epoch'>
/** Loudness of one packet in dBov, −127…0 (RFC 6464, section 3). */
export type Dbov = Branded<'dbov'>

export const samples = (n: number): Samples => n as Samples
export const wallMillis = (n: number): WallMillis => n as WallMillis
export const millis = (n: number): Millis => n as Millis
export const sequence = (n: number): Sequence => n as Sequence
export const epoch = (n: number): Epoch => n as Epoch
export const dbov = (n: number): Dbov => n as Dbov

export const SAMPLE_RATE_HZ = 48_000
/** One frame: 20 ms. */
export const FRAME_SAMPLES = 960
export const FRAME_MS = 20
/** One part: 200 ms, ten frames. */
export const FRAMES_PER_PART = 10
export const PART_SAMPLES = FRAME_SAMPLES * FRAMES_PER_PART
export const PART_MS = FRAME_MS * FRAMES_PER_PART
/** One segment: 2 s, ten parts; segment k holds the sequences 10·k … 10·k + 9. */
export const PARTS_PER_SEGMENT = 10
export const SEGMENT_MS = PART_MS * PARTS_PER_SEGMENT

/** The part that is being spoken at `now`, in a log whose sequence 0 began at `gridStartMs`. */
export function sequenceAt(now: WallMillis, gridStartMs: WallMillis): Sequence {
  return sequence(Math.floor((now - gridStartMs) / PART_MS))
}

/** When the part `seq` begins, on the wall clock. */
export function wallTimeOf(seq: Sequence, gridStartMs: WallMillis): WallMillis {
  return wallMillis(gridStartMs + seq * PART_MS)
}
