// How long packets should wait, learned from how late they come. Lateness is arrival time minus media time,
// measured against the most punctual packet of the last few seconds; so it needs no common clock, and a sender
// whose clock runs 200 ppm off looks a millisecond late at most.

import { type Millis, millis } from '../../base/units.ts'

/** On top of the lateness and of the packet itself: the next packet, which may carry FEC, and a tick that is late. */
export const TARGET_MARGIN_MS = 25
/** Never more: beyond this a conversation suffers more from delay than from a concealed frame. */
export const TARGET_MAX_MS = 240
/** This share of the packets shall come in time; the others are played late or concealed. */
const IN_TIME = 0.97
/** How fast the target may fall, per packet: some 20 ms a second, as fast as sound can be shortened unheard. */
const FALL_MS = 0.4
/** Weight of the past with every new packet: about two seconds of memory at 50 packets a second. */
const MEMORY = 0.99
const BIN_MS = 5
const BINS = TARGET_MAX_MS / BIN_MS
/** The most punctual packet is remembered for one to two of these. */
const PUNCTUAL_WINDOW_MS = 2_000

/**
 * Learns the target delay of one sender, from a packet's arrival to the end of its sound: 45 ms for punctual
 * packets of 20 ms. Up within three late packets, down over some seconds.
 */
export class TargetDelay {
  readonly #histogram = new Float64Array(BINS)
  #weight = 0
  #windowEnd = Number.NEGATIVE_INFINITY
  #punctual = Number.POSITIVE_INFINITY
  #punctualBefore = Number.POSITIVE_INFINITY
  #lateness = 0
  #target = 0

  get targetMs(): Millis {
    return millis(this.#target)
  }

  /** A packet that begins at media time `mediaMs` (any origin, the same for all) arrived at `now`. */
  arrived(mediaMs: number, durationMs: number, now: Millis): void {
    const transit = now - mediaMs
    if (now >= this.#windowEnd) {
      this.#punctualBefore = this.#punctual
      this.#punctual = Number.POSITIVE_INFINITY
      this.#windowEnd = now + PUNCTUAL_WINDOW_MS
    }
    this.#punctual = Math.min(this.#punctual, transit)
    const lateness = transit - Math.min(this.#punctual, this.#punctualBefore)
    // What no buffer of ours would have waited for says nothing about the wait: a stall, or a clock that jumped.
    if (lateness < TARGET_MAX_MS) this.#learn(Math.floor(lateness / BIN_MS))
    const wanted = Math.min(TARGET_MAX_MS, this.#lateness + durationMs + TARGET_MARGIN_MS)
    this.#target = Math.max(wanted, this.#target - FALL_MS)
  }

  #learn(bin: number): void {
    for (let i = 0; i < BINS; i++) this.#histogram[i] = (this.#histogram[i] as number) * MEMORY
    this.#histogram[bin] = (this.#histogram[bin] as number) + 1
    this.#weight = this.#weight * MEMORY + 1
    let seen = 0
    let at = -1
    while (seen < this.#weight * IN_TIME && at < BINS - 1) {
      at += 1
      seen += this.#histogram[at] as number
    }
    this.#lateness = at * BIN_MS
  }
}
