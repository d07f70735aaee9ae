// The limits by address and by network, at one edge's door: every request passes, every join passes again.

import type { Clock } from '../../../base/clock.ts'
import { type AddressBudget, AddressLimits } from '../../../core/door/address-limits.ts'
import { type NoRoom, TooMany } from '../../../core/door/no-room.ts'
import type { Admitted } from './admission.ts'
import type { DoorCounters } from './door-counters.ts'

export interface AddressGateOptions {
  readonly budget: AddressBudget
  readonly counters: DoorCounters
  readonly clock: Clock
}

export class AddressGate {
  readonly #options: AddressGateOptions
  readonly #limits: AddressLimits

  constructor(options: AddressGateOptions) {
    this.#options = options
    this.#limits = new AddressLimits(options.budget)
  }

  /** Counts a request. Throws `too-many` when its address has sent too many, unless `isInvited`. */
  pass(address: string, isInvited: () => boolean): void {
    const waitMs = this.#limits.request(address, this.#options.clock.now())
    if (waitMs === 0 || isInvited()) return
    this.#options.counters.addressRefused.requests += 1
    throw new TooMany('Too many requests come from your address; slow down.', retryAfterS(waitMs))
  }

  /**
   * Counts a join, and lets it try `admit`. An address that joins too fast gets the place that `placeFor` makes; one
   * with too many streams `too-many`.
   */
  admit(address: string, admit: () => Admitted, placeFor: () => NoRoom): Admitted {
    const { clock, counters } = this.#options
    if (!this.#limits.hasRoom(address)) {
      counters.addressRefused.streams += 1
      throw new TooMany('Too many listen from your address at the same time.', retryAfterS(STREAMS_RETRY_MS))
    }
    if (this.#limits.join(address, clock.now()) > 0) throw placeFor()
    const admitted = admit()
    const leave = this.#limits.enter(address)
    let isInside = true
    return {
      ...admitted,
      left: () => {
        if (isInside) leave()
        isInside = false
        admitted.left()
      },
    }
  }
}

/** Somebody has to leave first: that is no matter of a second. */
const STREAMS_RETRY_MS = 30_000

/** Spread over as much again: who was refused together doesn't come back together. */
function retryAfterS(waitMs: number): number {
  return Math.max(1, Math.ceil((waitMs / 1_000) * (1 + Math.random())))
}
