// Requests that are held until a part is there. However many wait for the same one, there is one promise
// and one wake-up; a deadline costs no timer, for whoever owns this calls `expire` several times a second.

import { MimbarError } from '../../base/errors.ts'
import { type Millis, millis, SEGMENT_MS } from '../../base/units.ts'

/** Three target durations: longer, RFC 8216bis (section 6.2.5.2) has a server not hold a request. */
export const HOLD_MAX_MS = 3 * SEGMENT_MS
/** Requests whose deadlines fall into the same second share it, so that one part has seven promises at most. */
const DEADLINE_STEP_MS = 1_000

/** How a hold ended: what was waited for is there, or time ran out, or nothing more comes. */
export type HoldOutcome = 'there' | 'late' | 'over'

/** The room that all spaces of one edge share. */
export class HoldingRoom {
  readonly #heldMax: number
  #held = 0

  constructor(heldMax: number) {
    this.#heldMax = heldMax
  }

  /** Requests held now. One whose client has gone counts until its part is there. */
  get held(): number {
    return this.#held
  }

  /** Throws `unavailable` when the room is full. */
  enter(): void {
    if (this.#held >= this.#heldMax) {
      throw new MimbarError('unavailable', 'Too many requests wait for the live edge; try again in a moment.')
    }
    this.#held += 1
  }

  leave(count: number): void {
    this.#held -= count
  }
}

interface Hold {
  readonly until: number
  readonly deadline: Millis
  readonly promise: Promise<HoldOutcome>
  readonly resolve: (outcome: HoldOutcome) => void
  count: number
}

function newHold(until: number, deadline: Millis): Hold {
  let resolve: Hold['resolve'] = () => {}
  const promise = new Promise<HoldOutcome>((settle) => {
    resolve = settle
  })
  return { until, deadline, promise, resolve, count: 0 }
}

/** The held requests of one space. */
export class HeldRequests {
  readonly #room: HoldingRoom
  readonly #holds = new Map<string, Hold>()
  #isOver = false

  constructor(room: HoldingRoom) {
    this.#room = room
  }

  /** Resolves when the log ends at sequence `until`, and in good time otherwise. Throws `unavailable` without room. */
  hold(until: number, now: Millis): Promise<HoldOutcome> {
    if (this.#isOver) return Promise.resolve('over')
    this.#room.enter()
    const deadline = millis(Math.floor((now + HOLD_MAX_MS) / DEADLINE_STEP_MS) * DEADLINE_STEP_MS)
    const key = `${until}/${deadline}`
    let hold = this.#holds.get(key)
    if (hold === undefined) {
      hold = newHold(until, deadline)
      this.#holds.set(key, hold)
    }
    hold.count += 1
    return hold.promise
  }

  /** The log now ends at sequence `end`: its newest part is the one before. */
  reached(end: number): void {
    this.#release('there', (hold) => hold.until <= end)
  }

  /** Lets go whoever has waited long enough. */
  expire(now: Millis): void {
    this.#release('late', (hold) => hold.deadline <= now)
  }

  /** Nothing more comes: everyone goes, and nobody is held any more. */
  end(): void {
    this.#isOver = true
    this.#release('over', () => true)
  }

  #release(outcome: HoldOutcome, isDue: (hold: Hold) => boolean): void {
    for (const [key, hold] of this.#holds) {
      if (!isDue(hold)) continue
      this.#holds.delete(key)
      this.#room.leave(hold.count)
      hold.resolve(outcome)
    }
  }
}
