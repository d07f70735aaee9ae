// The shell round `Link`: fetches streams, reads them, and hands on each part once. It needs `fetch` and timers
// and no page, so that rehearsal's probes listen with the same code.

import type { Outlook } from '../../core/door/outlook.ts'
import type { Place } from '../../core/door/waiting.ts'
import type { EdgeNote } from '../../core/stream/notes.ts'
import { type Fetch, LineWatch, placeIn, retryAfterOf } from './line-watch.ts'
import { Link, type LinkEffect, type LinkEvent, type Refusal } from './link.ts'
import { streamQuery } from './resume.ts'
import { type StreamItem, StreamParser, type StreamPart } from './stream-parser.ts'

export interface LiveStreamOptions {
  /** Without query, such as `/live/demo/opus.mp4`; asked whenever a stream is opened. */
  readonly url: string | (() => string)
  /** Monotonic, ms. */
  readonly now: () => number
  readonly random: () => number
  /** A place or ticket that was kept from before. */
  readonly ticket?: string | undefined
  /** The platform's own by default; a probe has to say more than a page does, or trusts other certificates. */
  readonly fetch?: Fetch
  readonly handlers: LiveStreamHandlers
}

export interface LiveStreamHandlers {
  /** The CMAF header, once, before the first part. */
  init(bytes: Uint8Array): void
  part(part: StreamPart): void
  note(note: EdgeNote): void
  /** Keep this: shown again, it is a place in the line, or the way back in. */
  ticket?(ticket: string): void
  /** The program is over; every part was handed on. */
  over(): void
}

/** One listener's stream, kept alive from `start()` to `stop()`. */
export class LiveStream {
  readonly #options: LiveStreamOptions
  readonly #link: Link
  readonly #requests = new Map<number, AbortController>()
  readonly #fetch: Fetch
  #line: LineWatch | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #hasInit = false
  #lastPartAtMs: number | undefined
  #heartbeatLast = false
  /** Streams whose `hello` said that they have the low-bitrate sound. */
  readonly #lowStreams = new Set<number>()
  #isLow = false

  constructor(options: LiveStreamOptions) {
    this.#options = options
    this.#link = new Link(options.random, options.ticket)
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init))
  }

  get state(): Link['state'] {
    return this.#link.state
  }
  get flushMs(): number {
    return this.#link.flushMs
  }
  get reconnects(): number {
    return this.#link.reconnects
  }
  get isNotYet(): boolean {
    return this.#link.isNotYet
  }
  /** True when the server was reached and cannot serve us now. */
  get isBusy(): boolean {
    return this.#link.isBusy
  }
  /** How one stands in the line; undefined while not in it. */
  get outlook(): Outlook | undefined {
    return this.#link.state === 'in-line' ? this.#line?.outlook : undefined
  }
  get lastPartAtMs(): number | undefined {
    return this.#lastPartAtMs
  }
  /** True when the last thing heard of the edge was a heartbeat: it is there, and has nothing new. */
  get isOriginSilent(): boolean {
    return this.#heartbeatLast
  }

  /** True when the newest part has the low-bitrate sound, asked for or not. */
  get isLow(): boolean {
    return this.#isLow
  }

  /** The address has changed: what plays goes on without a gap, and comes from there as soon as it can. */
  reopen(): void {
    this.#handle({ kind: 'moved' })
  }

  start(): void {
    this.#handle({ kind: 'start' })
  }
  stop(): void {
    this.#handle({ kind: 'stop' })
    this.#leaveLine()
  }
  /** The network is said to be back. */
  online(): void {
    this.#handle({ kind: 'online' })
  }

  #handle(event: LinkEvent): readonly LinkEffect[] {
    const effects = this.#link.handle(event, this.#options.now())
    for (const effect of effects) this.#apply(effect)
    clearTimeout(this.#timer)
    const deadline = this.#link.deadlineMs
    if (deadline !== undefined) {
      const wait = Math.max(0, deadline - this.#options.now())
      this.#timer = setTimeout(() => this.#handle({ kind: 'tick' }), wait)
    }
    return effects
  }

  #apply(effect: LinkEffect): void {
    if (effect.kind === 'open') {
      const request = new AbortController()
      this.#requests.set(effect.stream, request)
      void this.#run(effect.stream, this.#address + streamQuery(effect.from, effect.ticket), request.signal)
    } else if (effect.kind === 'close') {
      this.#requests.get(effect.stream)?.abort()
      this.#requests.delete(effect.stream)
    } else if (effect.kind === 'line-up') {
      const { place, retryAfterMs } = effect
      if (place !== undefined) this.#options.handlers.ticket?.(place.ticket)
      this.#line ??= this.#openLine()
      this.#line.tell(place ? { kind: 'placed', place, retryAfterMs } : { kind: 'not-shown', retryAfterMs })
    } else if (effect.kind === 'over') {
      this.#leaveLine()
      this.#options.handlers.over()
    }
  }

  get #address(): string {
    const { url } = this.#options
    return typeof url === 'string' ? url : url()
  }

  #openLine(): LineWatch {
    const { now, random } = this.#options
    const show = () => void this.#handle({ kind: 'show' })
    return new LineWatch({ url: this.#address, now, random, fetch: this.#fetch, show })
  }

  #leaveLine(): void {
    this.#line?.stop()
    this.#line = undefined
  }

  /** Follows one stream to its end; whatever ends it is told to the link, which decides. */
  async #run(stream: number, url: string, signal: AbortSignal): Promise<void> {
    const parser = new StreamParser()
    try {
      const response = await this.#fetch(url, { signal, cache: 'no-store', credentials: 'same-origin' })
      if (!response.ok || response.body === null) {
        const refusal = await refusalOf(response)
        if (!signal.aborted) this.#handle({ kind: 'refused', stream, ...refusal })
        return
      }
      this.#handle({ kind: 'opened', stream })
      this.#leaveLine()
      const reader = response.body.getReader()
      for (let read = await reader.read(); !read.done && !signal.aborted; read = await reader.read()) {
        this.#handle({ kind: 'bytes', stream })
        for (const item of parser.push(read.value)) this.#take(stream, item)
      }
    } catch {
      // Broken connection, our own abort, or bytes that are not ours: all of them end this stream, below.
    } finally {
      this.#requests.get(stream)?.abort()
      this.#requests.delete(stream)
      this.#lowStreams.delete(stream)
      this.#handle({ kind: 'closed', stream })
    }
  }

  #take(stream: number, item: StreamItem): void {
    const { handlers, now } = this.#options
    if (item.kind === 'init') {
      // Every stream of a space has the same header; the decoder needs it once.
      if (!this.#hasInit) handlers.init(item.bytes)
      this.#hasInit = true
    } else if (item.kind === 'heartbeat') {
      this.#heartbeatLast = true
    } else if (item.kind === 'note') {
      if (item.note.kind === 'hello' && item.note.track === 'low.mp4') this.#lowStreams.add(stream)
      handlers.note(item.note)
      if (item.note.kind === 'hello' && item.note.ticket !== undefined) handlers.ticket?.(item.note.ticket)
      this.#handle({ kind: 'note', stream, note: item.note })
    } else {
      const { sequence, epoch } = item.part
      const known = epoch === undefined ? {} : { epoch }
      const effects = this.#handle({ kind: 'part', stream, sequence, ...known })
      if (!effects.some(({ kind }) => kind === 'take')) return
      this.#isLow = this.#lowStreams.has(stream)
      this.#lastPartAtMs = now()
      this.#heartbeatLast = false
      handlers.part(item.part)
    }
  }
}

/** What an answer without a stream means; its body is read only where it may hold a place. */
async function refusalOf(
  response: Response,
): Promise<{ why: Refusal; place?: Place | undefined; retryAfterMs?: number | undefined }> {
  const { status } = response
  const retryAfterMs = retryAfterOf(response)
  const place = await placeIn(response)
  if (place !== undefined) return { why: 'full', place, retryAfterMs }
  if (!response.bodyUsed) void response.body?.cancel()
  if (status === 404 || status === 425) return { why: 'not-yet', retryAfterMs }
  return { why: status === 410 ? 'gone' : 'busy', retryAfterMs }
}
