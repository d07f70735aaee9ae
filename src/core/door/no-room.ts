// The door's answers to who cannot come in now: expected ones, thrown because they leave the way of a stream.

import { MimbarError } from '../../base/errors.ts'
import type { LineView, Place } from './waiting.ts'

/** `full`, with the place in the line that goes with it. */
export class NoRoom extends MimbarError {
  readonly place: Place
  readonly line: LineView
  /** For Retry-After, s; spread among those who are told. */
  readonly retryAfterS: number
  /** True when another connection serves better: another edge has room, or there is nothing to ask for long. */
  readonly endsConnection: boolean

  constructor(options: Pick<NoRoom, 'place' | 'line' | 'retryAfterS' | 'endsConnection'>) {
    super('full', 'There is no room for another listener right now. This place in the line is yours.')
    this.place = options.place
    this.line = options.line
    this.retryAfterS = options.retryAfterS
    this.endsConnection = options.endsConnection
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
