// One listener's hand, from the first press to the way back from the stage. Asks how it stands only while it is up;
// knows nothing of how things look.

import type { HandCalls } from './hand-calls.ts'
import type { HandMemory, RememberedHand } from './hand-memory.ts'

export type DownWhy = 'declined' | 'lowered' | 'expired' | 'gone' | 'full' | 'closed' | 'trouble' | 'left'

export type HandState =
  | { readonly kind: 'down'; readonly why?: DownWhy | { readonly refused: string } }
  | { readonly kind: 'naming' }
  | { readonly kind: 'raising' }
  /** `lost`: the server has not answered lately. */
  | { readonly kind: 'raised'; readonly place?: number; readonly lost: boolean }
  | { readonly kind: 'accepted' }
  /** The stage is open inside the page. */
  | { readonly kind: 'inside' }
  /** The seat is taken, and the stage not open: the page was reloaded. */
  | { readonly kind: 'seated' }

/** Asked again this often before the server has said how often. */
const ASK_MS = 4_000
const ASK_MS_MAX = 30_000

export interface RaisedHandOptions {
  readonly calls: HandCalls
  readonly memory: HandMemory
  readonly changed: () => void
}

export class RaisedHandVisit {
  readonly #options: RaisedHandOptions
  #state: HandState = { kind: 'down' }
  #timer: ReturnType<typeof setTimeout> | undefined
  #troubles = 0
  /** A hand that was lost with the server is raised again by itself, once. */
  #mayRaiseAgain = true

  constructor(options: RaisedHandOptions) {
    this.#options = options
  }

  get state(): HandState {
    return this.#state
  }

  /** What opens the seat, while there is a hand. */
  get remembered(): RememberedHand | undefined {
    return this.#options.memory.hand
  }

  /** Goes on with the hand that this tab had before it was reloaded. */
  resume(): void {
    if (this.remembered === undefined || this.#state.kind !== 'down') return
    this.#show({ kind: 'raised', lost: false })
    void this.#ask()
  }

  askName(): void {
    this.#show({ kind: 'naming' })
  }

  cancel(): void {
    this.#show({ kind: 'down' })
  }

  async raise(name: string): Promise<void> {
    const { calls, memory } = this.#options
    memory.name = name
    this.#mayRaiseAgain = true
    this.#show({ kind: 'raising' })
    await this.#raise(calls, memory, name)
  }

  /** Takes the hand down, or gives the seat up that it led to. */
  lower(why?: DownWhy): void {
    const hand = this.remembered
    if (hand !== undefined) void this.#options.calls.lower(hand)
    this.#goDown(why)
  }

  /** The stage opens in the page; it tells from now on how things stand. */
  enter(): void {
    clearTimeout(this.#timer)
    this.#show({ kind: 'inside' })
  }

  /** The stage in the page was closed because it is over, or came too late. */
  backFromStage(why: 'left' | 'expired'): void {
    this.#goDown(why)
  }

  async #raise(calls: HandCalls, memory: HandMemory, name: string): Promise<void> {
    const answer = await calls.raise(name)
    switch (answer.kind) {
      case 'done': {
        const { hand, token, standing } = answer.value
        memory.hand = { hand, token, name }
        this.#troubles = 0
        this.#show({ kind: 'raised', lost: false, ...placeOf(standing.place) })
        this.#askLater(standing.askAgainMs)
        return
      }
      case 'refused':
        this.#goDown({ refused: answer.why })
        return
      case 'gone':
        this.#goDown('closed')
        return
      default:
        this.#goDown(answer.kind)
    }
  }

  async #ask(): Promise<void> {
    const { calls, memory } = this.#options
    const hand = memory.hand
    if (hand === undefined) return
    const answer = await calls.standing(hand)
    // Meanwhile lowered, or on stage: the answer is about the past.
    if (memory.hand?.hand !== hand.hand || this.#state.kind === 'inside') return
    if (answer.kind === 'done') return this.#see(answer.value)
    if (answer.kind === 'gone') {
      const wasUp = this.#state.kind === 'raised'
      if (!wasUp || !this.#mayRaiseAgain) return this.#goDown('gone')
      this.#mayRaiseAgain = false
      return this.#raise(calls, memory, hand.name)
    }
    this.#troubles += 1
    if (this.#state.kind === 'raised') this.#show({ ...this.#state, lost: true })
    const retryAfterMs = answer.kind === 'trouble' ? answer.retryAfterMs : 0
    this.#askLater(Math.max(retryAfterMs, Math.min(ASK_MS_MAX, ASK_MS * 1.5 ** this.#troubles)))
  }

  #see(standing: { readonly state: string; readonly place?: number; readonly askAgainMs: number }): void {
    this.#troubles = 0
    switch (standing.state) {
      case 'raised':
        this.#show({ kind: 'raised', lost: false, ...placeOf(standing.place) })
        break
      case 'accepted':
      case 'seated':
        if (this.#state.kind !== standing.state) this.#show({ kind: standing.state })
        break
      case 'declined':
      case 'lowered':
      case 'expired':
        this.#goDown(standing.state)
        return
    }
    this.#askLater(standing.askAgainMs)
  }

  #goDown(why: DownWhy | { readonly refused: string } | undefined): void {
    clearTimeout(this.#timer)
    this.#options.memory.hand = undefined
    this.#show({ kind: 'down', ...(why === undefined ? {} : { why }) })
  }

  #askLater(afterMs: number): void {
    clearTimeout(this.#timer)
    // Spread, so that pages that were answered together don't ask together.
    this.#timer = setTimeout(() => void this.#ask(), afterMs * (0.75 + 0.5 * Math.random()))
  }

  #show(state: HandState): void {
    this.#state = state
    this.#options.changed()
  }
}

const placeOf = (place: number | undefined) => (place === undefined ? {} : { place })
