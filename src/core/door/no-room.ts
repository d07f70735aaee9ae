// The door's answers to who cannot come in now: expected ones, thrown because they leave the way of a stream.

import { MimbarError } from '../../base/errors.ts'
import type { Place } from './waiting.ts'

/** `full`, with the place in the line that goes with it. */
export class NoRoom extends MimbarError {
  readonly place: Place
  /** For Retry-After, s; spread among those who are told. */
  readonly retryAfterS: number
  /** Another edge of the node has room: a new connection may reach it. */
  readonly isElsewhere: boolean

  constructor(place: Place, { retryAfterS, isElsewhere }: { retryAfterS: number; isElsewhere: boolean }) {
    super('full', 'There is no room for another listener right now. This place in the line is yours.')
    this.place = place
    this.retryAfterS = retryAfterS
    this.isElsewhere = isElsewhere
  }
}

/** `too-many`, and when it is worth asking again. */
export class TooMany extends MimbarError {
  /** For Retry-After, s. */
  readonly retryAfterS: number

  constructor(message: string, retryAfterS: number) {
    super('too-many', message)
    this.retryAfterS = retryAfterS
  }
}
