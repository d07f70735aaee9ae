// Delivers alarms to the operator's address: one after the other, each tried a few times and then given up, from a queue
// that cannot grow. Nobody waits for it. What goes wrong is told on the operator page and in the metrics, since the
// webhook cannot tell it.

import { type BackoffOptions, backoffDelay } from '../../../base/backoff.ts'
import { BoundedQueue } from '../../../base/bounded-queue.ts'
import type { Clock } from '../../../base/clock.ts'
import type { WebhookView } from '../../../core/watch/node-view.ts'
import { type AlarmMessage, headersOf } from './alarm-message.ts'

export interface AlarmWebhookSettings {
  readonly url: string
  /** What messages are signed with; empty: they are not. */
  readonly secret: string
}

export interface AlarmWebhookOptions extends AlarmWebhookSettings {
  readonly clock: Clock
  /** Ends it; what waits then is not sent. */
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  /** `RETRY_BACKOFF` by default. */
  readonly backoff?: BackoffOptions
  readonly timeoutMs?: number
}

/** Messages that wait. When full, the oldest goes: what is so now matters more than what was. */
export const WEBHOOK_QUEUE_MAX = 64
/** For a connection, and an answer's status. */
export const WEBHOOK_TIMEOUT_MS = 5_000
/** Tries of one message: over about a minute, so that a receiver that restarts misses nothing. */
export const WEBHOOK_TRIES_MAX = 7
export const RETRY_BACKOFF: BackoffOptions = { firstMs: 1_000, factor: 2, maxMs: 60_000 }

export class AlarmWebhook {
  readonly #options: AlarmWebhookOptions
  readonly #queue = new BoundedQueue<AlarmMessage>(WEBHOOK_QUEUE_MAX, 'drop-oldest')
  #isSending = false
  #delivered = 0
  #failed = 0
  #givenUp = 0
  #deliveredAtMs: number | undefined
  #problem: string | undefined

  constructor(options: AlarmWebhookOptions) {
    this.#options = options
  }

  /** Returns at once. */
  send(message: AlarmMessage): void {
    if (!this.#queue.push(message)) {
      this.#options.log('alarm webhook: too many messages wait, the oldest is dropped')
    }
    if (!this.#isSending) void this.#sendAll()
  }

  /** One try, now, beside the queue. Answers what went wrong; undefined when it was delivered. */
  async try(message: AlarmMessage): Promise<string | undefined> {
    const problem = await this.#post(message)
    if (problem === undefined) {
      this.#delivered += 1
      this.#deliveredAtMs = this.#options.clock.wall()
    } else this.#failed += 1
    this.#problem = problem
    return problem
  }

  view(): WebhookView {
    return {
      host: new URL(this.#options.url).host,
      isSigned: this.#options.secret !== '',
      delivered: this.#delivered,
      lost: this.#givenUp + this.#queue.dropped,
      waiting: this.#queue.size,
      ...(this.#deliveredAtMs === undefined ? {} : { deliveredAtMs: this.#deliveredAtMs }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    }
  }

  /** Lines of the metrics document. */
  metrics(): readonly string[] {
    return [
      '# TYPE mimbar_control_alarm_webhook_tries counter',
      '# HELP mimbar_control_alarm_webhook_tries Requests to the alarm webhook.',
      `mimbar_control_alarm_webhook_tries_total{outcome="delivered"} ${this.#delivered}`,
      `mimbar_control_alarm_webhook_tries_total{outcome="failed"} ${this.#failed}`,
      '# TYPE mimbar_control_alarm_webhook_lost counter',
      '# HELP mimbar_control_alarm_webhook_lost Messages that were not delivered.',
      `mimbar_control_alarm_webhook_lost_total{reason="given-up"} ${this.#givenUp}`,
      `mimbar_control_alarm_webhook_lost_total{reason="queue-full"} ${this.#queue.dropped}`,
      '# TYPE mimbar_control_alarm_webhook_waiting gauge',
      '# HELP mimbar_control_alarm_webhook_waiting Messages that wait.',
      `mimbar_control_alarm_webhook_waiting ${this.#queue.size}`,
    ]
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    while (!this.#options.signal.aborted) {
      const message = this.#queue.shift()
      if (message === undefined) break
      await this.#deliver(message)
    }
    this.#isSending = false
  }

  async #deliver(message: AlarmMessage): Promise<void> {
    const { signal, log, backoff = RETRY_BACKOFF } = this.#options
    for (let tries = 1; ; tries++) {
      const problem = await this.try(message)
      if (problem === undefined || signal.aborted) return
      if (tries === WEBHOOK_TRIES_MAX) {
        this.#givenUp += 1
        log(`alarm webhook: gave up ${message.id} after ${tries} tries: ${problem}`)
        return
      }
      await pause(backoffDelay(tries - 1, Math.random(), backoff), signal)
    }
  }

  /** No redirect is followed, and nothing but the status of an answer is read. */
  async #post(message: AlarmMessage): Promise<string | undefined> {
    const { url, secret, clock, signal, timeoutMs = WEBHOOK_TIMEOUT_MS } = this.#options
    const body = JSON.stringify(message)
    const late = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers: headersOf(message.id, body, secret, clock.wall()),
        redirect: 'manual',
        signal: AbortSignal.any([late, signal]),
      })
      await answer.body?.cancel()
      return answer.ok ? undefined : `it answered ${answer.status}`
    } catch (error) {
      if (late.aborted) return `no answer within ${timeoutMs / 1_000} s`
      // The words of the network, without the address: that may hold a secret.
      return `it cannot be reached (${codeOf(error)})`
    }
  }
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown'
}

/** Resolves early when `signal` ends. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}
