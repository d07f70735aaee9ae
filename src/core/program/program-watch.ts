// When the program began to be heard, as a stage saw it that stood by. The stage that begins a program measures it; but
// it may die in the moment in which it would say so, and whether the promise was kept belongs to the space for good.

import { PART_MS, type Sequence, type WallMillis, wallMillis } from '../../base/units.ts'
import type { SpaceCourse } from '../space/phases.ts'

/** Kept for one space by a stage that follows its log; the same measure as `Opening` takes of what it writes. */
export class ProgramWatch {
  #sawLobby = false
  #onAirAtMs: WallMillis | undefined

  /** When the first part of the program had come, less its own length; undefined to who was not there. */
  get onAirAtMs(): WallMillis | undefined {
    return this.#onAirAtMs
  }

  /** A part of the log came. */
  seen(part: Sequence, { programStart, plannedStart }: SpaceCourse, now: WallMillis): void {
    const start = programStart ?? plannedStart
    if (start === undefined || this.#onAirAtMs !== undefined) return
    if (part < start) this.#sawLobby = true
    // Who follows only since the middle of a program knows nothing of its beginning.
    else if (this.#sawLobby || part === start) this.#onAirAtMs = wallMillis(now - PART_MS)
  }
}
