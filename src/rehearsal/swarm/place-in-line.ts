// A synthetic listener's time in the waiting room: the page's own rules (`web/player/waiting-room.ts`), with a question
// over a kept connection wherever a page would fetch.

import type { LineView, Place } from '../../core/door/waiting.ts'
import { parseLineView } from '../../core/door/waiting-answers.ts'
import { WaitingRoom } from '../../web/player/waiting-room.ts'
import { type Answer, Asker } from './asker.ts'
import type { SwarmScope } from './swarm-scope.ts'

/** A line that is to be asked for later than this is asked for over a new connection. */
const KEPT_MS = 20_000

export class PlaceInLine {
  readonly #scope: SwarmScope
  readonly #room = new WaitingRoom(Math.random)
  readonly #show: () => void
  #asker: Asker | undefined
  #ticket = ''

  /** `show` is called whenever it is time to ask for the stream with the place. */
  constructor(scope: SwarmScope, show: () => void) {
    this.#scope = scope
    this.#show = show
  }

  /** To be shown. */
  get ticket(): string {
    return this.#ticket
  }

  /** The stream was asked for, and there was no room: at first, or again. */
  placed(place: Place, retryAfterS: number | undefined): void {
    this.#ticket = place.ticket
    this.#handle({ kind: 'placed', place, retryAfterMs: msOf(retryAfterS) })
  }

  /** The stream was asked for, and no answer came. */
  notShown(retryAfterS: number | undefined): void {
    this.#handle({ kind: 'not-shown', retryAfterMs: msOf(retryAfterS) })
  }

  /** Several times a second. */
  sweep(now: number): void {
    this.#asker?.sweep(now)
    const { deadlineMs } = this.#room
    if (deadlineMs !== undefined && now >= deadlineMs) this.#handle({ kind: 'tick' })
  }

  /** It is inside, or has gone. */
  stop(): void {
    this.#asker?.close()
    this.#asker = undefined
  }

  #handle(event: Parameters<WaitingRoom['handle']>[0]): void {
    for (const { kind } of this.#room.handle(event, this.#scope.now())) {
      if (kind === 'show') this.#show()
      else this.#ask()
    }
  }

  #ask(): void {
    this.#scope.tally.lineAsks += 1
    this.#asker ??= new Asker(this.#scope, (answer) => this.#answered(answer))
    if (!this.#asker.isAsking) this.#asker.ask(`/live/${this.#scope.plan.target.space}/line`)
  }

  #answered(answer: Answer | undefined): void {
    const line = answer?.status === 200 ? this.#scope.readLine(answer.body, parseLine) : undefined
    if (line === undefined) this.#handle({ kind: 'no-line', retryAfterMs: msOf(answer?.retryAfterS) })
    else this.#handle({ kind: 'line', line })
    const again = (this.#room.deadlineMs ?? Number.POSITIVE_INFINITY) - this.#scope.now()
    if (again > KEPT_MS) this.stop()
  }
}

const msOf = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000)

function parseLine(text: string): LineView | undefined {
  try {
    return parseLineView(JSON.parse(text))
  } catch {
    return undefined // what answered is not a door of ours
  }
}
