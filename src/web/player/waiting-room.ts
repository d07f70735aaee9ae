// One listener's time in the waiting room, as a machine: when to ask how the line stands, and when to show the place.
// Everybody gets the same line, so each works out for itself where it stands and when it is called; and everybody
// spreads its questions, since they were all told the same time to ask again.
//
//     placed ──► line ──┬─ not called: ask again, and now and then show the place, to be counted and told the line
//                  ▲    └─ called: show the place ──► in, or told when to show it again
//                  └── no answer: later, and later
//
// The shell (`live-stream.ts`) makes the requests.

import { backoffDelay } from '../../base/backoff.ts'
import { askAfterMs, isCalled, type Outlook, outlookOf } from '../../core/door/outlook.ts'
import type { GivenPlace, LineView } from '../../core/door/waiting.ts'

/** A place came without the line: the first question, soon. Who waits wants to know. */
const FIRST_ASK_MS = 300
/** Until the line has said otherwise. */
const SHOW_AGAIN_MS = 20_000
/** Called, and refused all the same without a word on when to come again. */
const SHOW_CALLED_AGAIN_MS = 2_000
/** While the line does not answer. */
const UNANSWERED = { firstMs: 2_000, factor: 1.6, maxMs: 20_000 }
/** The rate at which people are let in is averaged over about this long: it comes in bursts. */
const RATE_OVER_MS = 20_000

export type WaitingEvent =
  /** A join was answered with a place: the first time, or again. */
  | { readonly kind: 'placed'; readonly place: GivenPlace; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'line'; readonly line: LineView }
  | { readonly kind: 'no-line'; readonly retryAfterMs?: number | undefined }
  /** The place was shown and no answer came. */
  | { readonly kind: 'not-shown'; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'tick' }

export type WaitingEffect = { readonly kind: 'ask' } | { readonly kind: 'show' }

/** From the first place to the stream. `random` in [0, 1). */
export class WaitingRoom {
  readonly #random: () => number
  #place: GivenPlace | undefined
  #outlook: Outlook = { wait: { kind: 'unknown' } }
  #called = false
  #perSecond: number | undefined
  #lineAtMs = 0
  #askAtMs: number | undefined
  #showAtMs: number | undefined
  #showAgainMs = SHOW_AGAIN_MS
  #unanswered = 0

  constructor(random: () => number) {
    this.#random = random
  }

  get outlook(): Outlook {
    return this.#outlook
  }

  get deadlineMs(): number | undefined {
    const due = [this.#askAtMs, this.#showAtMs].filter((at) => at !== undefined)
    return due.length === 0 ? undefined : Math.min(...due)
  }

  handle(event: WaitingEvent, now: number): readonly WaitingEffect[] {
    switch (event.kind) {
      case 'placed':
        return this.#placed(event.place, event.retryAfterMs, now)
      case 'line':
        return this.#heard(event.line, now)
      case 'no-line':
        this.#askAtMs = now + this.#unansweredWait(event.retryAfterMs)
        return []
      case 'not-shown':
        this.#showAtMs = now + this.#unansweredWait(event.retryAfterMs)
        return []
      case 'tick':
        return this.#tick(now)
    }
  }

  #placed(place: GivenPlace, retryAfterMs: number | undefined, now: number): readonly WaitingEffect[] {
    this.#place = place
    // Called or not, it was shown just now.
    if (place.line !== undefined) this.#heard(place.line, now)
    else if (!this.#called) this.#askAtMs ??= now + this.#spread(FIRST_ASK_MS)
    const againMs = this.#called ? (retryAfterMs ?? SHOW_CALLED_AGAIN_MS) : this.#showAgainMs
    this.#showAtMs = now + Math.max(retryAfterMs ?? 0, this.#spread(againMs))
    return []
  }

  #heard(line: LineView, now: number): readonly WaitingEffect[] {
    const { admittedPerSecond: rate, showAgainMs } = line
    const weight = this.#perSecond === undefined ? 1 : Math.min(1, (now - this.#lineAtMs) / RATE_OVER_MS)
    this.#perSecond = (this.#perSecond ?? 0) * (1 - weight) + rate * weight
    this.#lineAtMs = now
    this.#unanswered = 0
    this.#showAgainMs = showAgainMs
    if (this.#place === undefined) return []
    const { arrivedAtMs } = this.#place
    this.#outlook = outlookOf(line, arrivedAtMs, this.#perSecond)
    const wasCalled = this.#called
    this.#called = isCalled(line, arrivedAtMs)
    // Who was called has nothing to ask but to be let in.
    const askAfter = this.#spread(askAfterMs(line, arrivedAtMs, this.#perSecond))
    this.#askAtMs = this.#called ? undefined : now + askAfter
    return this.#called && !wasCalled ? this.#show() : []
  }

  #tick(now: number): readonly WaitingEffect[] {
    const effects: WaitingEffect[] = []
    if (this.#askAtMs !== undefined && now >= this.#askAtMs) {
      this.#askAtMs = undefined
      effects.push({ kind: 'ask' })
    }
    if (this.#showAtMs !== undefined && now >= this.#showAtMs) effects.push(...this.#show())
    return effects
  }

  #show(): readonly WaitingEffect[] {
    this.#showAtMs = undefined
    return [{ kind: 'show' }]
  }

  /** Within a quarter to either side: everybody was told the same. */
  #spread(ms: number): number {
    return ms * (0.75 + 0.5 * this.#random())
  }

  #unansweredWait(retryAfterMs: number | undefined): number {
    const wait = backoffDelay(this.#unanswered, this.#random(), UNANSWERED)
    this.#unanswered += 1
    return Math.max(wait, (retryAfterMs ?? 0) * (1 + 0.25 * this.#random()))
  }
}
