// The waiting room, as players see it. A join beyond capacity or the admit rate is answered 503 with a place: a signed
// time of arrival, valid on every edge, which the player shows again until its turn has come. Whose turn it is, is one
// moment in time, the same for everybody ("whoever arrived before it"), so the answer to "how long still?" is one
// cacheable document and costs nothing per waiting listener.
//
//   GET /live/:space/opus.mp4                  → 200, the stream
//                                              → 503 problem+json (code `full`) with `place`, `line` and Retry-After
//   GET /live/:space/opus.mp4?ticket=          → the same, for a player that will show its place again
//   GET /live/:space/line                      → LineView; cacheable for a second
//   GET /live/:space/opus.mp4?ticket=<ticket>  → 200 once `arrivedAtMs` < `admittedBeforeMs`, and there is a slot
//                                              → 503 with the same place otherwise
//
// Every question costs a connection, so who has long to wait seldom asks. A waiting player shows its place every
// `showAgainMs`, and is told how the line stands by the way: a place that isn't shown for two and a half of those counts
// as gone away, and the line no longer waits for it (the place stays valid). It asks for the line every `askAgainMs` at
// least, sooner the nearer it is to the front (`askAfterMs` in `outlook.ts`), and for its stream as soon as it was called.
// The ticket in a stream's `hello` is shown in the same way.

import type { WallMillis } from '../../base/units.ts'

/** A place in the waiting room; `place` in the problem document. */
export interface Place {
  /** Opaque, URL-safe, at most `TICKET_CHARACTERS_MAX`. Proves the time of arrival to any edge. */
  readonly ticket: string
  readonly arrivedAtMs: WallMillis
}

/** A place as it is given, with the line as it stood then. */
export interface GivenPlace extends Place {
  readonly line?: LineView
}

/** The line before the door of a node. It is one line for all its spaces, since they share its room. */
export interface LineView {
  readonly nowMs: WallMillis
  /** Whoever arrived before this is let in, now. */
  readonly admittedBeforeMs: WallMillis
  /** How many wait. */
  readonly waiting: number
  /** People let in per second of late; 0 while nobody leaves and nothing is free. */
  readonly admittedPerSecond: number
  /** How many who wait arrived before each of these times, ascending; between two of them, a straight line. */
  readonly arrivals: readonly { readonly atMs: WallMillis; readonly before: number }[]
  /** When to ask for the line again, to be jittered by who asks. */
  readonly askAgainMs: number
  /** When to show the place again, in order to be counted; likewise. */
  readonly showAgainMs: number
}

/** The query parameter in which a place, or a ticket to return, is shown. */
export const TICKET_PARAMETER = 'ticket'

export const TICKET_CHARACTERS_MAX = 160
