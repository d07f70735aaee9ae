// How a program begins to be heard: which slate the listeners have while nobody is on air, and when voices take over.
//
//     lobby ──► opening ("we begin in a moment") ──► voices ◄──► pause (silence, then the chime)
//                                                      ▲──────► hold ("we will be right back")
//
// A program that the host starts has its voices at once. One that starts by itself keeps the opening under the open
// microphones until somebody speaks, so that nobody hears a second of nothing, and no first word is cut off.

import {
  FRAME_MS,
  FRAMES_PER_PART,
  PART_MS,
  type Sequence,
  type WallMillis,
  wallMillis,
} from '../../base/units.ts'
import type { ObservedSpace, SpaceFacts } from '../space/facts.ts'

/** Which slate is due, and how far into it we are, in frames; before 0 the loop is counted from its end. */
export interface SlateCue {
  readonly kind: 'lobby' | 'opening' | 'pause' | 'hold'
  readonly at: number
}

/** What goes out: the slate alone; the slate under open microphones; people alone. */
export type Air = 'slate' | 'opening' | 'voices'

/** Kept by the writer of one space, for as long as it writes. */
export class Opening {
  #hadVoices = false
  #isOpening = false
  /** The newest part that others have written. */
  readonly #inherited: Sequence | undefined
  #onAirAtMs: WallMillis | undefined

  /**
   * `inherited`: the newest part that was in the log before this writer, if any; `seenOnAirAtMs`: since when the program
   * was on air, if others began it and this stage saw it (`ProgramWatch`).
   */
  constructor(inherited: Sequence | undefined, seenOnAirAtMs?: WallMillis) {
    this.#inherited = inherited
    this.#onAirAtMs = seenOnAirAtMs
  }

  /** Call for every frame, in order. `isHeard`: the program is on and not held, and somebody on air is connected. */
  airOf(isHeard: boolean, isSpeaking: boolean, facts: SpaceFacts): Air {
    const isPlanned = facts.plannedStart !== undefined && facts.plannedStart === facts.programStart
    this.#isOpening = isHeard && isPlanned && !isSpeaking && !this.#hasBegun(facts)
    if (!isHeard) return 'slate'
    if (this.#isOpening) return 'opening'
    this.#hadVoices = true
    return 'voices'
  }

  /** The slate of `frame`, should it be needed. Its place in the loop follows the clock, so a takeover goes on there. */
  cue(frame: number, facts: SpaceFacts): SlateCue {
    const { programStart, scheduledAtMs, gridStartMs } = facts
    const startFrame = programStart === undefined ? undefined : programStart * FRAMES_PER_PART
    if (startFrame !== undefined && frame >= startFrame) {
      if (facts.heldSinceMs !== undefined) {
        return { kind: 'hold', at: frame - Math.floor((facts.heldSinceMs - gridStartMs) / FRAME_MS) }
      }
      return this.#hasBegun(facts)
        ? { kind: 'pause', at: frame }
        : { kind: 'opening', at: frame - startFrame }
    }
    // The lobby's loop ends at the scheduled second; a host who is late has the opening played instead.
    const dueFrame =
      scheduledAtMs === undefined ? undefined : Math.ceil((scheduledAtMs - gridStartMs) / FRAME_MS)
    if (dueFrame === undefined) return { kind: 'lobby', at: frame }
    return { kind: frame < dueFrame ? 'lobby' : 'opening', at: frame - dueFrame }
  }

  /** The log has taken a part. */
  appended(sequence: Sequence, { programStart }: SpaceFacts, now: WallMillis): void {
    if (programStart === undefined || sequence < programStart || this.#isInherited(programStart)) return
    // A part cannot be in the log before it is over: what it took beyond that is what listeners had to wait.
    this.#onAirAtMs ??= wallMillis(now - PART_MS)
  }

  /** What the stage reports of it. */
  observed(): Pick<ObservedSpace, 'opening' | 'programOnAirAtMs'> {
    return {
      ...(this.#isOpening ? { opening: true } : {}),
      ...(this.#onAirAtMs === undefined ? {} : { programOnAirAtMs: this.#onAirAtMs }),
    }
  }

  /** True once voices were on air; what somebody else has written of the program counts as such. */
  #hasBegun({ programStart }: SpaceFacts): boolean {
    return this.#hadVoices || (programStart !== undefined && this.#isInherited(programStart))
  }

  #isInherited(programStart: Sequence): boolean {
    return this.#inherited !== undefined && this.#inherited >= programStart
  }
}
