// Which frames of a program are due. Frame f covers 20 ms from gridStart + 20 ms · f; it is due when it is over,
// because only then everything said in it can have arrived. A ticker that comes late makes up for it; one that
// comes far too late leaves a gap at a part's boundary instead of shifting the program.

import { FRAME_MS, FRAMES_PER_PART, type WallMillis } from '../../base/units.ts'

/** A second of frames is made up for; a longer stall is declared. */
export const CATCH_UP_FRAMES_MAX = 50

export type Due =
  | { readonly kind: 'frames'; readonly count: number }
  /** The program goes on at `next`, the first frame of a part; what lies between is a gap. */
  | { readonly kind: 'stalled'; readonly next: number }

/** Counts frames of one program against the wall clock. */
export class FramePacer {
  readonly #gridStartMs: WallMillis
  #next: number

  constructor(gridStartMs: WallMillis, next: number) {
    this.#gridStartMs = gridStartMs
    this.#next = next
  }

  /** The frame to be made next. */
  get next(): number {
    return this.#next
  }

  /** How late frame `next` is; negative before it is due. */
  latenessMs(now: WallMillis): number {
    return now - (this.#gridStartMs + (this.#next + 1) * FRAME_MS)
  }

  due(now: WallMillis): Due {
    const over = Math.floor((now - this.#gridStartMs) / FRAME_MS)
    const count = Math.max(0, over - this.#next)
    if (count <= CATCH_UP_FRAMES_MAX) return { kind: 'frames', count }
    return { kind: 'stalled', next: Math.floor(over / FRAMES_PER_PART) * FRAMES_PER_PART }
  }

  /** Moves past the frame that was made. */
  advance(): void {
    this.#next += 1
  }

  /** Goes on at a later frame. */
  skipTo(next: number): void {
    this.#next = Math.max(this.#next, next)
  }
}
