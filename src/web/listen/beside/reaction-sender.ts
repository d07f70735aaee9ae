// Presses on their way to the edge: gathered for a moment, and sent at most once a second. An edge that says "too many",
// or has better things to do, gets nothing for a while; what was pressed meanwhile is let go, since a late applause is
// worse than none. Knows nothing of how things look.

import {
  countReactions,
  REACTIONS_PER_REQUEST_MAX,
  type ReactionCounts,
  type ReactionKind,
} from '../../../core/reaction/reactions.ts'

/** Presses are gathered for so long; spread, so that a crowd that laughs at once does not ask at once. */
const GATHER_MS = 250
const SPREAD_MS = 500
const BETWEEN_MS = 1_000
/** After a refusal that doesn't say how long. */
const REST_MS = 5_000
const REST_MS_MAX = 60_000

/** `taken`, or what the edge wants: quiet for a while. */
export type ReactionsSent =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly retryAfterMs: number }

export interface ReactionSenderOptions {
  readonly send: (counts: ReactionCounts) => Promise<ReactionsSent>
  /** Monotonic, ms. */
  readonly now: () => number
  /** In [0, 1). */
  readonly random: () => number
  readonly later: (work: () => void, ms: number) => void
}

export class ReactionSender {
  readonly #options: ReactionSenderOptions
  #gathered: ReactionCounts = {}
  #isOnItsWay = false
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #restUntilMs = Number.NEGATIVE_INFINITY

  constructor(options: ReactionSenderOptions) {
    this.#options = options
  }

  /** True while the edge wants no more for a moment. */
  get isResting(): boolean {
    return this.#options.now() < this.#restUntilMs
  }

  /** One press; false when it will not be sent. */
  press(kind: ReactionKind): boolean {
    if (this.isResting || countReactions(this.#gathered) >= REACTIONS_PER_REQUEST_MAX) return false
    this.#gathered = { ...this.#gathered, [kind]: (this.#gathered[kind] ?? 0) + 1 }
    if (this.#isOnItsWay) return true
    this.#isOnItsWay = true
    const { now, random, later } = this.#options
    const gatherMs = GATHER_MS + SPREAD_MS * random()
    later(() => void this.#send(), Math.max(gatherMs, this.#notBeforeMs - now()))
    return true
  }

  async #send(): Promise<void> {
    const { send, now } = this.#options
    const counts = this.#gathered
    this.#gathered = {}
    this.#isOnItsWay = false
    this.#notBeforeMs = now() + BETWEEN_MS
    const answer = await send(counts)
    if (answer.kind === 'taken') return
    this.#restUntilMs = now() + Math.min(REST_MS_MAX, Math.max(REST_MS, answer.retryAfterMs))
    this.#gathered = {}
  }
}
