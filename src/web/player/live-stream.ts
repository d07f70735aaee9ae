// The shell round `Link`: fetches streams, reads them, and hands on each part once. It needs `fetch` and timers
// and no page, so that rehearsal's probes listen with the same code.

import type { Outlook } from '../../core/door/outlook.ts'
import type { Place } from '../../core/door/waiting.ts'
import { parseLineView, parsePlace, parseRetryAfter } from '../../core/door/waiting-answers.ts'
import { PROBLEM_TYPE } from '../../core/problem/problem.ts'
import type { EdgeNote } from '../../core/stream/notes.ts'
import { Link, type LinkEffect, type LinkEvent, type Refusal } from './link.ts'
import { streamQuery } from './resume.ts'
import { type StreamItem, StreamParser, type StreamPart } from './stream-parser.ts'
import { type WaitingEvent, WaitingRoom } from './waiting-room.ts'

/** A line that has not come by then is asked for again. */
const LINE_WITHIN_MS = 8_000

export interface LiveStreamOptions {
  /** Without query, such as `/live/demo/opus.mp4`. */
  readonly url: string
  /** Monotonic, ms. */
  readonly now: () => number
  readonly random: () => number
  /** A place or ticket that was kept from before. */
  readonly ticket?: string | undefined
  /** The platform's own by default; a probe has to say more than a page does, or trusts other certificates. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
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
  #room: WaitingRoom | undefined
  #roomTimer: ReturnType<typeof setTimeout> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #hasInit = false
  #lastPartAtMs: number | undefined
  #heartbeatLast = false

  constructor(options: LiveStreamOptions) {
    this.#options = options
    this.#link = new Link(options.random, options.ticket)
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
    return this.#link.state === 'in-line' ? this.#room?.outlook : undefined
  }
  get lastPartAtMs(): number | undefined {
    return this.#lastPartAtMs
  }
  /** True when the last thing heard of the edge was a heartbeat: it is there, and has nothing new. */
  get isOriginSilent(): boolean {
    return this.#heartbeatLast
  }

  start(): void {
    this.#handle({ kind: 'start' })
  }
  stop(): void {
    this.#handle({ kind: 'stop' })
    this.#leaveRoom()
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
      const url = this.#options.url + streamQuery(effect.from, effect.ticket)
      void this.#run(effect.stream, url, request.signal)
    } else if (effect.kind === 'close') {
      this.#requests.get(effect.stream)?.abort()
      this.#requests.delete(effect.stream)
    } else if (effect.kind === 'line-up') {
      const { place, retryAfterMs } = effect
      if (place !== undefined) this.#options.handlers.ticket?.(place.ticket)
      this.#room ??= new WaitingRoom(this.#options.random)
      this.#wait(place ? { kind: 'placed', place, retryAfterMs } : { kind: 'not-shown', retryAfterMs })
    } else if (effect.kind === 'over') {
      this.#leaveRoom()
      this.#options.handlers.over()
    }
  }

  /** Tells the waiting room, and does what it says. */
  #wait(event: WaitingEvent): void {
    const room = this.#room
    if (room === undefined) return
    const effects = room.handle(event, this.#options.now())
    clearTimeout(this.#roomTimer)
    const { deadlineMs } = room
    if (deadlineMs !== undefined) {
      const wait = Math.max(0, deadlineMs - this.#options.now())
      this.#roomTimer = setTimeout(() => this.#wait({ kind: 'tick' }), wait)
    }
    for (const effect of effects) {
      if (effect.kind === 'ask') void this.#askLine()
      else this.#handle({ kind: 'show' })
    }
  }

  async #askLine(): Promise<void> {
    const room = this.#room
    let told: WaitingEvent = { kind: 'no-line' }
    try {
      const open = this.#options.fetch ?? fetch
      // No `no-store` here: whoever asks in the same second may be answered by a cache in between.
      const response = await open(this.#options.url.replace(/[^/]*$/, 'line'), {
        signal: AbortSignal.timeout(LINE_WITHIN_MS),
        credentials: 'same-origin',
      })
      const line = response.ok ? parseLineView(await response.json()) : undefined
      told = line ? { kind: 'line', line } : { kind: 'no-line', retryAfterMs: retryAfterOf(response) }
    } catch {
      // No network, or an answer that is no line: asked again later.
    }
    if (room === this.#room) this.#wait(told)
  }

  #leaveRoom(): void {
    clearTimeout(this.#roomTimer)
    this.#room = undefined
  }

  /** Follows one stream to its end; whatever ends it is told to the link, which decides. */
  async #run(stream: number, url: string, signal: AbortSignal): Promise<void> {
    const parser = new StreamParser()
    try {
      const open = this.#options.fetch ?? fetch
      const response = await open(url, { signal, cache: 'no-store', credentials: 'same-origin' })
      if (!response.ok || response.body === null) {
        const refusal = await refusalOf(response)
        if (!signal.aborted) this.#handle({ kind: 'refused', stream, ...refusal })
        return
      }
      this.#handle({ kind: 'opened', stream })
      this.#leaveRoom()
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
      handlers.note(item.note)
      if (item.note.kind === 'hello' && item.note.ticket !== undefined) handlers.ticket?.(item.note.ticket)
      this.#handle({ kind: 'note', stream, note: item.note })
    } else {
      const { sequence, epoch } = item.part
      const known = epoch === undefined ? {} : { epoch }
      const effects = this.#handle({ kind: 'part', stream, sequence, ...known })
      if (!effects.some(({ kind }) => kind === 'take')) return
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
  const { status, headers } = response
  const retryAfterMs = retryAfterOf(response)
  if (status === 503 && headers.get('content-type')?.startsWith(PROBLEM_TYPE)) {
    const place = parsePlace(await response.json().catch(() => undefined))
    return place === undefined ? { why: 'busy', retryAfterMs } : { why: 'full', place, retryAfterMs }
  }
  void response.body?.cancel()
  if (status === 404 || status === 425) return { why: 'not-yet', retryAfterMs }
  return { why: status === 410 ? 'gone' : 'busy', retryAfterMs }
}

const retryAfterOf = (response: Response): number | undefined =>
  parseRetryAfter(response.headers.get('retry-after'))
