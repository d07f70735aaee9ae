// Who is speaking? A level that stays up for a moment, until it stays down for a longer one: a cough does not
// light anybody up, and a breath between words does not switch anybody off.

import { type Dbov, FRAME_MS } from '../../base/units.ts'
import { SILENCE_DBOV } from '../../media/pcm/level.ts'

/** Above this it is speech, below the other it is not; between them nothing changes. */
const SPEECH_DBOV = -45
const PAUSE_DBOV = -51
const ATTACK_FRAMES = 80 / FRAME_MS
const RELEASE_FRAMES = 400 / FRAME_MS
/** The shown level follows the sound up at once and down by this much a tick: 100 dB a second. */
const FALL_DB_PER_FRAME = 2

/** Decides for one seat, tick by tick. */
export class Speaking {
  #speaking = false
  #level = SILENCE_DBOV
  /** Ticks in a row that spoke for a change. */
  #run = 0

  get isSpeaking(): boolean {
    return this.#speaking
  }

  /** For meters: rises at once, falls gently. */
  get level(): Dbov {
    return this.#level
  }

  /** Takes the level of one 20 ms tick, measured or from RFC 6464; pass silence for a muted seat. True while speaking. */
  update(level: Dbov): boolean {
    const fallen = Math.max(SILENCE_DBOV, this.#level - FALL_DB_PER_FRAME)
    this.#level = Math.max(level, fallen) as Dbov
    const speaksForChange = this.#speaking ? level < PAUSE_DBOV : level > SPEECH_DBOV
    // Between syllables the level dips: a dip takes back one tick of an attack and does not undo it.
    if (speaksForChange) this.#run += 1
    else this.#run = this.#speaking ? 0 : Math.max(0, this.#run - 1)
    if (this.#run >= (this.#speaking ? RELEASE_FRAMES : ATTACK_FRAMES)) {
      this.#speaking = !this.#speaking
      this.#run = 0
    }
    return this.#speaking
  }

  /** Muted or gone: not speaking, at once. */
  reset(): void {
    this.#speaking = false
    this.#level = SILENCE_DBOV
    this.#run = 0
  }
}
