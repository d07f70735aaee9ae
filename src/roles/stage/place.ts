// One seat on stage: the line that is heard, and perhaps its successor. A seat has one voice; a new offer takes over
// once its first sound is here (make before break), so that changing from Wi-Fi to mobile costs no word.

import type { SeatId } from '../../base/ids.ts'
import { type Millis, millis } from '../../base/units.ts'
import { Speaking } from '../../core/mix/speaking.ts'
import type { ObservedSeat } from '../../core/space/facts.ts'
import { levelOf, SILENCE_DBOV } from '../../media/pcm/level.ts'

/** No packet for so long: the seat counts as absent. */
export const ABSENT_AFTER_MS = 2_500
/** A line that was silent for so long is closed; its browser has long made another offer. */
export const LINE_SILENCE_MAX_MS = 30_000
/** An answered offer must bring sound within this. */
export const LINE_OPENING_MAX_MS = 15_000

/** What a place needs of a connection; `line.ts` makes them of WebRTC. Closing one calls `forget` of its place. */
export interface PlaceLine {
  readonly openedAt: Millis
  /** When the newest packet of sound came; undefined before the first. */
  readonly heardAt: Millis | undefined
  readonly stats: { readonly loss: number; readonly delayMs: number }
  readonly returns: boolean
  pull(now: Millis): Float32Array
  send(payload: Uint8Array, frame: number): void
  close(): void
}

/** Owned by the program. */
export class Place {
  readonly seat: SeatId
  readonly #speaking = new Speaking()
  #line: PlaceLine | undefined
  #next: PlaceLine | undefined

  constructor(seat: SeatId) {
    this.seat = seat
  }

  /** Takes in a line that was just answered. An older one that still waits for its sound gives way. */
  join(line: PlaceLine): void {
    this.#next?.close()
    if (this.#line?.heardAt === undefined) {
      this.#line?.close()
      this.#line = line
    } else this.#next = line
    if (line.heardAt !== undefined) this.heard(line)
  }

  /** Call when the first sound of `line` has come. */
  heard(line: PlaceLine): void {
    if (line !== this.#next) return
    this.#next = undefined
    const before = this.#line
    this.#line = line
    before?.close()
  }

  /** Call when `line` is gone. */
  forget(line: PlaceLine): void {
    if (line === this.#next) this.#next = undefined
    if (line !== this.#line) return
    this.#line = this.#next
    this.#next = undefined
  }

  /** Where this seat is sent what it hears. */
  get line(): PlaceLine | undefined {
    return this.#line
  }

  isPresent(now: Millis): boolean {
    const heardAt = this.#line?.heardAt
    return heardAt !== undefined && now - heardAt < ABSENT_AFTER_MS
  }

  get isSpeaking(): boolean {
    return this.#speaking.isSpeaking
  }

  get level(): ReturnType<typeof levelOf> {
    return this.#speaking.level
  }

  /** This tick's sound, or undefined when there is none to mix. A muted line is pulled as well: its buffer lives on. */
  pull(muted: boolean, now: Millis): Float32Array | undefined {
    const frame = this.#line?.heardAt === undefined ? undefined : this.#line.pull(now)
    if (frame === undefined || muted) {
      this.#speaking.reset()
      return undefined
    }
    this.#speaking.update(levelOf(frame))
    return frame
  }

  /** Closes lines that bring nothing. Once a second is enough. */
  sweep(now: Millis): void {
    for (const line of [this.#line, this.#next]) {
      if (!line) continue
      const limit = line.heardAt === undefined ? LINE_OPENING_MAX_MS : LINE_SILENCE_MAX_MS
      if (now - (line.heardAt ?? line.openedAt) > limit) line.close()
    }
  }

  observed(muted: boolean, now: Millis): ObservedSeat {
    const stats = this.#line?.stats
    return {
      id: this.seat,
      connection: this.isPresent(now) ? 'connected' : this.#isOpening(now) ? 'connecting' : 'absent',
      muted,
      speaking: this.isSpeaking,
      level: this.level,
      loss: stats?.loss ?? 0,
      jitterBufferMs: stats?.delayMs ?? millis(0),
    }
  }

  close(): void {
    for (const line of [this.#line, this.#next]) line?.close()
  }

  #isOpening(now: Millis): boolean {
    const line = this.#next ?? this.#line
    return line !== undefined && line.heardAt === undefined && now - line.openedAt < LINE_OPENING_MAX_MS
  }
}

/** A seat that nobody has connected to here. */
export function absentSeat(id: SeatId, muted: boolean): ObservedSeat {
  return { id, connection: 'absent', muted, speaking: false, level: SILENCE_DBOV, loss: 0, jitterBufferMs: 0 }
}
