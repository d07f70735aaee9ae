// Parts on their way into the log, as a machine: in order, one call at a time, the same part again until the log
// has answered for it. What the log refuses decides what happens to the rest:
//
//     unavailable   again, soon: the log restarts in a second or two and nothing may be lost
//     conflict      ask where the log stands; parts before `appendFrom` can never be written
//     fenced, gone  somebody else has the space, or it has ended: give up

import { BoundedQueue } from '../../base/bounded-queue.ts'
import type { ErrorCode } from '../../base/errors.ts'
import { type Millis, millis, type Sequence } from '../../base/units.ts'
import type { GapReason, Part } from '../part/part.ts'

/** Ten seconds; when full, the part that waited longest goes and the next one declares the gap. */
export const QUEUE_PARTS_MAX = 50
/**
 * A standby counts silence from the log's return, so we must be back well within its grace (`ENGINE_GRACE_MS`):
 * this retry is quick and does not grow.
 */
export const APPEND_RETRY_MS = 100

export type AppendEvent =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'appended' }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  | { readonly kind: 'head'; readonly appendFrom: Sequence; readonly newest?: Sequence | undefined }
  | { readonly kind: 'head-failed' }
  | { readonly kind: 'deadline' }

export type AppendEffect =
  | { readonly kind: 'append'; readonly part: Part }
  | { readonly kind: 'ask-head' }
  | { readonly kind: 'lost'; readonly code: ErrorCode }

type State =
  | { readonly kind: 'ready' }
  /** A call is on its way: `append`, or `ask-head`. */
  | { readonly kind: 'calling' }
  | { readonly kind: 'pausing'; readonly until: Millis }
  | { readonly kind: 'lost' }

/** Pure; the shell makes the calls and brings back their answers. */
export class AppendQueue {
  readonly #queue = new BoundedQueue<Part>(QUEUE_PARTS_MAX, 'drop-oldest')
  #state: State = { kind: 'ready' }
  #current: Part | undefined
  #newest: Sequence | undefined
  #hole: GapReason | undefined
  #dropped = 0
  /** Conflicts over the part that is being appended. */
  #conflicts = 0

  /** The newest part that the log has acknowledged to this writer. */
  get newest(): Sequence | undefined {
    return this.#newest
  }

  /** Parts that never reached the log. */
  get dropped(): number {
    return this.#dropped + this.#queue.dropped
  }

  /** True when nothing waits and no call is on its way. */
  get isDrained(): boolean {
    return this.#state.kind === 'lost' || (this.#current === undefined && this.#queue.size === 0)
  }

  get deadline(): Millis | undefined {
    return this.#state.kind === 'pausing' ? this.#state.until : undefined
  }

  handle(event: AppendEvent, now: Millis): readonly AppendEffect[] {
    if (this.#state.kind === 'lost') return []
    switch (event.kind) {
      case 'part':
        this.#accept(event.part)
        return this.#state.kind === 'ready' ? this.#next() : []
      case 'appended':
        this.#newest = this.#current?.sequence
        this.#current = undefined
        this.#conflicts = 0
        return this.#next()
      case 'refused':
        return this.#onRefused(event.code, now)
      case 'head':
        return this.#onHead(event.appendFrom, event.newest)
      case 'head-failed':
        this.#state = { kind: 'pausing', until: millis(now + APPEND_RETRY_MS) }
        return []
      case 'deadline':
        return this.#state.kind === 'pausing' && now >= this.#state.until ? this.#next() : []
    }
  }

  #accept(part: Part): void {
    // The queue gives up its oldest part: whichever becomes the oldest then follows a hole.
    if (!this.#queue.push(part)) this.#hole = 'stalled'
  }

  #next(): readonly AppendEffect[] {
    this.#current ??= this.#take()
    this.#state = this.#current ? { kind: 'calling' } : { kind: 'ready' }
    return this.#current ? [{ kind: 'append', part: this.#current }] : []
  }

  #take(): Part | undefined {
    const part = this.#queue.shift()
    if (!part || this.#hole === undefined) return part
    const gap = part.gap ?? this.#hole
    this.#hole = undefined
    return { ...part, gap }
  }

  #onRefused(code: ErrorCode, now: Millis): readonly AppendEffect[] {
    if (code === 'unavailable' || code === 'too-many') {
      this.#state = { kind: 'pausing', until: millis(now + APPEND_RETRY_MS) }
      return []
    }
    // The same part refused again, after the log has told where to go on: repeating does not mend that.
    if (code === 'conflict' && this.#conflicts < 2) {
      this.#conflicts += 1
      this.#state = { kind: 'calling' }
      return [{ kind: 'ask-head' }]
    }
    this.#state = { kind: 'lost' }
    return [{ kind: 'lost', code }]
  }

  #onHead(appendFrom: Sequence, newest: Sequence | undefined): readonly AppendEffect[] {
    const isBurnt = newest === undefined || appendFrom > newest + 1
    while (true) {
      const part = this.#current ?? this.#take()
      this.#current = part
      if (!part || part.sequence >= appendFrom) break
      this.#current = undefined
      this.#conflicts = 0
      this.#dropped += 1
      this.#hole = part.gap ?? (isBurnt ? 'unclean-stop' : 'stalled')
    }
    if (this.#current && this.#current.gap === undefined) {
      const follows = newest !== undefined && this.#current.sequence === newest + 1
      if (!follows)
        this.#current = { ...this.#current, gap: this.#hole ?? (isBurnt ? 'unclean-stop' : 'stalled') }
    }
    if (this.#current) this.#hole = undefined
    this.#state = { kind: 'ready' }
    return this.#next()
  }
}
