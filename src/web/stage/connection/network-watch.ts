// Notices that the network is back. The browser's own `online` event tells of cables and radios only; a tunnel, a
// router that restarts, or a lost route look to it like a server that takes its time. And what was sent meanwhile waits
// for TCP, which after ten seconds of silence tries again every six. So while the stage is not connected we knock at
// the door, each time on a connection that is a second old at most: the first answer after a silence means "back".

/** Network Information API (WICG draft); only some browsers have it, and fewer have `type`. */
interface NetworkInformation extends EventTarget {
  readonly type?: string
}

export interface NetworkWatchOptions {
  /** Answers to anybody and at once. */
  readonly url: string
  onBack(): void
}

/** A connection that is not there by then never was; with TLS a slow phone takes three quarters of it. */
export const KNOCK_WITHIN_MS = 1_600
export const KNOCK_EVERY_MS = 800
/** Browsers allow six connections to a door: the others are for the offer, the views and what is pressed. */
export const KNOCKS_MAX = 2

/** The browser's events are heeded from construction to `stop`; it knocks while told to. */
export class NetworkWatch {
  readonly #options: NetworkWatchOptions
  readonly #stopping = new AbortController()
  #timer: ReturnType<typeof setInterval> | undefined
  #knocks = 0
  /** When the newest knock began that nobody answered. */
  #unansweredAt: number | undefined

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
  }

  /** Knocks from now on, or no longer. */
  knock(wanted: boolean): void {
    if (wanted === (this.#timer !== undefined) || this.#stopping.signal.aborted) return
    clearInterval(this.#timer)
    this.#timer = wanted ? setInterval(() => void this.#try(), KNOCK_EVERY_MS) : undefined
    this.#unansweredAt = undefined
    if (wanted) void this.#try()
  }

  /** Idempotent. */
  stop(): void {
    this.knock(false)
    this.#stopping.abort()
  }

  async #try(): Promise<void> {
    if (this.#knocks >= KNOCKS_MAX) return
    const begunAt = performance.now()
    this.#knocks += 1
    const answered = await this.#isAnswered()
    this.#knocks -= 1
    if (this.#timer === undefined) return
    if (!answered) {
      this.#unansweredAt = Math.max(begunAt, this.#unansweredAt ?? 0)
      return
    }
    if (this.#unansweredAt === undefined) return
    this.#unansweredAt = undefined
    this.#options.onBack()
  }

  async #isAnswered(): Promise<boolean> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(KNOCK_WITHIN_MS)])
    try {
      // Whatever the answer says, somebody gave it.
      await fetch(this.#options.url, { method: 'HEAD', cache: 'no-store', signal })
      return true
    } catch {
      // No network says no more than this.
      return false
    }
  }
}
