// One listener of a pushed stream, as its group and whoever let it in know it.

import type { Millis, Sequence } from '../../../base/units.ts'
import type { ListenerDelivery } from '../../../core/delivery/listener-delivery.ts'

/** A socket, as far as a group knows: `write` returns a promise when the socket is full, and it resolves when it takes again. */
export interface StreamSink {
  write(bytes: Uint8Array): number | Promise<unknown>
  /** Ends the response; the connection may live on. */
  end(): void
  /** Drops the connection with whatever is still unsent. */
  abort(): void
}

/** One listener's place in its group. */
export interface StreamListener {
  readonly sink: StreamSink
  readonly delivery: ListenerDelivery
  /** Synthetic: served like everyone, counted apart. */
  readonly isRehearsed: boolean
  /** True while its network takes nothing, although its socket does. */
  readonly isSilent: () => boolean
  /** Where it stands in the dense array; −1 once it left. */
  index: number
  /** It had a `hello`, if only one that knows no part yet. */
  isGreeted: boolean
  /** The track header was sent. */
  isOpen: boolean
  /** The flush interval it was told last. */
  toldFlushMs: number
  /** See `FlushPace.cohort`. */
  readonly cohort: number
  /** It is not asked to move before. */
  staysUntil: Millis
  /** For its `hello`; dropped once it was told. */
  ticket: string | undefined
}

export interface JoinOptions {
  /** The first part that it lacks; absent for the live edge. */
  readonly resumeAt: Sequence | undefined
  readonly isRehearsed?: boolean
  /** What it shows when it comes back. */
  readonly ticket?: string
  readonly isSilent?: () => boolean
}
