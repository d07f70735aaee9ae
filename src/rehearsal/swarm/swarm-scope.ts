// What all listeners of one process share: where they go, what they count into, and the clock.

import { backoffDelay } from '../../base/backoff.ts'
import type { LineView } from '../../core/door/waiting.ts'
import { DurationHistogram, type SparseHistogram } from '../../core/rehearsal/histogram.ts'
import { newTally } from '../../core/rehearsal/tally.ts'
import type { ResumePoint } from '../../core/stream/notes.ts'
import { RECONNECT_BACKOFF } from '../../web/player/link.ts'
import { streamQuery } from '../../web/player/resume.ts'
import { KnownFlushes } from './known-flushes.ts'
import { DURATION_NAMES, type DurationName, type SwarmPlan } from './messages.ts'
import { PartLedger } from './part-ledger.ts'
import type { TokenMint } from './token-mint.ts'

export class SwarmScope {
  readonly plan: SwarmPlan
  readonly tally = newTally()
  readonly ledger = new PartLedger()
  readonly flushes = new KnownFlushes()
  readonly durations: Readonly<Record<DurationName, DurationHistogram>>
  readonly tls: { readonly serverName: string; readonly ca?: string } | undefined
  readonly #tokens: TokenMint
  #dialled = 0
  /** The line is the same text for everyone in the same second: it is read once. */
  #line: { readonly text: string; readonly view: LineView | undefined } = { text: '', view: undefined }
  /** The interval that an edge announced last. */
  flushMs = 200
  /** Wall time of sequence 0 by the server's clock, once an edge said so. */
  gridStartMs: number | undefined

  constructor(plan: SwarmPlan, tokens: TokenMint) {
    this.plan = plan
    this.#tokens = tokens
    this.durations = Object.fromEntries(
      DURATION_NAMES.map((name) => [name, new DurationHistogram()]),
    ) as Record<DurationName, DurationHistogram>
    const { tls, hostName, ca } = plan.target
    this.tls = tls ? { serverName: hostName, ...(ca === undefined ? {} : { ca }) } : undefined
  }

  now(): number {
    return performance.now()
  }

  /** The wall clock as the server has it, ms. */
  serverWallMs(): number {
    return Date.now() + this.plan.clockOffsetMs
  }

  /** Round and round over the front door's addresses. */
  nextAddress(): string {
    const { addresses } = this.plan.target
    this.#dialled += 1
    return addresses[this.#dialled % addresses.length] as string
  }

  /** For the pushed stream; `ticket` is a place in the line, or proof of having been inside. */
  requestFor(from: ResumePoint | undefined, ticket?: string): string {
    const path = `/live/${this.plan.target.space}/opus.mp4${streamQuery(from, ticket)}`
    return this.#request(path, 'Connection: close\r\n')
  }

  /** For anything else, on a connection that is kept. */
  questionFor(path: string): string {
    return this.#request(path, '')
  }

  #request(path: string, more: string): string {
    return (
      `GET ${path} HTTP/1.1\r\nHost: ${this.plan.target.authority}\r\n` +
      `User-Agent: mimbar-rehearsal\r\nAccept: */*\r\n${this.#tokens.header()}\r\n${more}\r\n`
    )
  }

  /** What `parse` makes of a line; asked again for the same bytes, what it made of them before. */
  readLine(body: Buffer, parse: (text: string) => LineView | undefined): LineView | undefined {
    const text = body.toString()
    if (text !== this.#line.text) this.#line = { text, view: parse(text) }
    return this.#line.view
  }

  /** When to try again after failure number `attempt`: like a player, and not before the server said. */
  retryDelayMs(attempt: number, retryAfterS: number | undefined): number {
    const asked = (retryAfterS ?? 0) * 1_000 * (1 + 0.5 * Math.random())
    return Math.max(asked, backoffDelay(attempt, Math.random(), RECONNECT_BACKOFF))
  }

  /** What was measured since the last call. */
  takeDurations(): Record<DurationName, SparseHistogram> {
    const taken = Object.fromEntries(DURATION_NAMES.map((name) => [name, this.durations[name].toSparse()]))
    for (const name of DURATION_NAMES) this.durations[name].clear()
    return taken as Record<DurationName, SparseHistogram>
  }
}
