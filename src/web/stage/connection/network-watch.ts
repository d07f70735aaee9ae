// Notices that the network is back. The browser's own `online` event tells of cables and radios only; a tunnel, a
// router that restarts, or a lost route look to it like a server that takes its time. And what was sent meanwhile waits
// for TCP, which after ten seconds of silence tries again every six. So while the stage is not connected we knock at
// the door: the first answer after a silence means "back".

import { ask, dial, type Knocked } from './knock.ts'

/** Network Information API (WICG draft); only some browsers have it, and fewer have `type`. */
interface NetworkInformation extends EventTarget {
  readonly type?: string
}

export interface NetworkWatchOptions {
  /** Absolute; answers to anybody and at once. */
  readonly url: string
  /** A knock was not answered, and so each time. Whatever else is asked of the door is better kept until `onBack`. */
  onSilent(): void
  onBack(): void
}

/** A knock that nobody answers is given up after this. TCP tries at once and after a second, so at least once a second. */
const QUICK_KNOCK_MS = 2_000
/** So many in a row; then a long tunnel must do with fewer (knock.ts), or it is a way that takes longer. */
const QUICK_KNOCKS = 8
/** TCP tries at once, after one second and after three. */
const PATIENT_KNOCK_MS = 4_000
export const KNOCK_EVERY_MS = 800
/** Chromium's patience with knocks that fail grows with those that are answered, and forgets in three to six minutes. */
const CREDIT_EVERY_MS = 60_000

type Way = 'dial' | 'ask'

/** The browser's events are heeded from construction to `stop`; it knocks while told to. */
export class NetworkWatch {
  readonly #options: NetworkWatchOptions
  readonly #stopping = new AbortController()
  readonly #credit: ReturnType<typeof setInterval>
  #knocking: AbortController | undefined

  constructor(options: NetworkWatchOptions) {
    this.#options = options
    const { signal } = this.#stopping
    const back = () => options.onBack()
    window.addEventListener('online', back, { signal })
    // Wi-Fi to mobile, where the browser tells which it is; the same event tells of every guess at the bandwidth.
    const { connection } = navigator as { readonly connection?: NetworkInformation }
    let type = connection?.type
    const changed = () => {
      const isOther = connection?.type !== type && connection?.type !== 'none'
      type = connection?.type
      if (isOther) options.onBack()
    }
    connection?.addEventListener('change', changed, { signal })
    this.#credit = setInterval(() => this.#earnCredit(), CREDIT_EVERY_MS)
  }

  /** Knocks from now on, or no longer. */
  knock(wanted: boolean): void {
    if (wanted === (this.#knocking !== undefined) || this.#stopping.signal.aborted) return
    this.#knocking?.abort()
    this.#knocking = wanted ? new AbortController() : undefined
    if (this.#knocking !== undefined) void this.#knockUntil(this.#knocking.signal)
    // The knock that was on its way counts as failed.
    else this.#earnCredit()
  }

  /** Idempotent. */
  stop(): void {
    this.#stopping.abort()
    this.#knocking?.abort()
    this.#knocking = undefined
    clearInterval(this.#credit)
  }

  /** Dials while all is well. */
  #earnCredit(): void {
    if (this.#knocking === undefined) void dial(this.#options.url, PATIENT_KNOCK_MS, this.#stopping.signal)
  }

  /** One knock at a time. */
  async #knockUntil(stop: AbortSignal): Promise<void> {
    let way: Way = 'dial'
    let unanswered = 0
    while (!stop.aborted) {
      const nextAt = performance.now() + KNOCK_EVERY_MS
      const withinMs = unanswered < QUICK_KNOCKS ? QUICK_KNOCK_MS : PATIENT_KNOCK_MS
      const knock = await this.#knockBy(way, withinMs, stop)
      if (stop.aborted) return
      if (knock.found !== 'answered') this.#options.onSilent()
      else if (unanswered > 0) this.#options.onBack()
      unanswered = knock.found === 'answered' ? 0 : unanswered + 1
      way = knock.next
      await new Promise((resolve) => setTimeout(resolve, nextAt - performance.now()))
    }
  }

  /**
   * Dials, or asks when that fails, and then goes on asking for as long as it is told something, as behind a proxy that
   * knows no WebSockets, or without a network: each dialling that fails would use up Chromium's patience.
   */
  async #knockBy(way: Way, withinMs: number, stop: AbortSignal): Promise<{ found: Knocked; next: Way }> {
    const { url } = this.#options
    const dialled = way === 'dial' ? await dial(url, withinMs, stop) : 'failed'
    if (dialled !== 'failed') return { found: dialled, next: 'dial' }
    const asked = await ask(url, withinMs, stop)
    return { found: asked, next: asked === 'void' ? 'dial' : 'ask' }
  }
}
