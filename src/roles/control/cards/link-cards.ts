// The cards of spaces, each drawn once for what it says and kept. One is drawn at a time, by a worker that is started
// for the first and let go when nobody has asked for a while. After each it rests, so that whoever asks for the cards of
// a thousand spaces in turn takes a quarter of a core from the people on stage, and not a whole one.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import type { LinkCard } from '../../../core/card/link-card.ts'
import type { CardAnswer, CardOrder } from './card-order.ts'

/** Cards of about 60 KB in memory; the one that was asked for longest ago goes. */
export const CARDS_KEPT_MAX = 64
/** Cards that wait to be drawn; further ones are turned away with `unavailable`. */
export const CARDS_WAITING_MAX = 32
/** One card takes a fraction of a second; what takes this long is given up, and its worker with it. */
export const CARD_WITHIN_MS = 20_000
/** The worker holds about 40 MB, for which there is better use than waiting for the next card. */
const WORKER_IDLE_MS = 60_000

/** After a drawing the next one waits for this many times as long as it took, but not longer than the second. */
const REST_FACTOR = 3
const REST_MS_MAX = 500

export interface LinkCardsOptions {
  readonly clock: Clock
  /** One line per failure. */
  readonly log: (line: string) => void
}

export class LinkCards {
  readonly #options: LinkCardsOptions
  readonly #kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  #worker: Worker | undefined
  /** Hears what the worker answers to the order that is out. */
  #heard: (answer: CardAnswer) => void = () => {}
  #idle: Timer | undefined
  /** Ends when the last of those who wait has its card. */
  #line: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #drawn = 0
  #isStopped = false

  constructor(options: LinkCardsOptions) {
    this.#options = options
  }

  /** How many were drawn since the start. */
  get drawn(): number {
    return this.#drawn
  }

  /** The PNG of `card`. Throws `unavailable` when too many wait, or when it cannot be drawn. */
  get(card: LinkCard): Promise<Uint8Array<ArrayBuffer>> {
    const key = JSON.stringify(card)
    const known = this.#kept.get(key)
    if (known !== undefined) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known
    }
    if (this.#isStopped || this.#waiting >= CARDS_WAITING_MAX) {
      return Promise.reject(new MimbarError('unavailable', 'Too many cards are being drawn; try again soon.'))
    }
    const png = this.#inTurn(() => this.#draw(card))
    this.#kept.set(key, png)
    if (this.#kept.size > CARDS_KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value as string)
    png.catch(() => {
      if (this.#kept.get(key) === png) this.#kept.delete(key)
    })
    return png
  }

  /** Whoever waits for a card hears that there is none. */
  stop(): void {
    this.#isStopped = true
    this.#endWorker()
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1
    const { clock } = this.#options
    let startedAt = clock.now()
    const turn = this.#line.then(() => {
      startedAt = clock.now()
      return work()
    })
    const rest = () =>
      sleep(Math.min(REST_FACTOR * (clock.now() - startedAt), REST_MS_MAX), undefined, { ref: false })
    this.#line = turn.then(rest, rest) // who asked is told of a failure; the next in line does not care
    try {
      return await turn
    } finally {
      this.#waiting -= 1
    }
  }

  async #draw(card: LinkCard): Promise<Uint8Array<ArrayBuffer>> {
    clearTimeout(this.#idle)
    const answer = await this.#order({ card })
    if (answer.kind === 'failed') {
      this.#endWorker()
      if (!this.#isStopped) this.#options.log(`control cannot draw a link card: ${answer.reason}`)
      throw new MimbarError('unavailable', 'The card of this space cannot be drawn right now.')
    }
    this.#drawn += 1
    this.#idle = setTimeout(() => this.#endWorker(), WORKER_IDLE_MS)
    this.#idle.unref()
    return answer.png
  }

  #order(order: CardOrder): Promise<CardAnswer> {
    if (this.#isStopped) return Promise.resolve({ kind: 'failed', reason: 'control stops' })
    this.#worker ??= this.#startWorker()
    const worker = this.#worker
    return new Promise((resolve) => {
      const late = setTimeout(
        () => this.#heard({ kind: 'failed', reason: `it took more than ${CARD_WITHIN_MS} ms` }),
        CARD_WITHIN_MS,
      )
      this.#heard = (answer) => {
        clearTimeout(late)
        resolve(answer)
      }
      worker.postMessage(order)
    })
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./card-worker.ts', import.meta.url), { ref: false })
    // One that was ended may still have had something to say.
    const hear = (answer: CardAnswer) => {
      if (worker === this.#worker) this.#heard(answer)
    }
    worker.onmessage = ({ data }: MessageEvent<CardAnswer>) => hear(data)
    worker.onerror = ({ message }) => hear({ kind: 'failed', reason: message })
    return worker
  }

  #endWorker(): void {
    clearTimeout(this.#idle)
    this.#worker?.terminate()
    this.#worker = undefined
    this.#heard({ kind: 'failed', reason: 'its worker was ended' })
  }
}
