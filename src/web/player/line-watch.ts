// The shell round `WaitingRoom`: keeps its time, asks the door how the line stands, and says when the place is to be
// shown. Shared by every way of playing, since all of them may meet a full house.

import type { Outlook } from '../../core/door/outlook.ts'
import type { Place } from '../../core/door/waiting.ts'
import { parseLineView, parsePlace, parseRetryAfter } from '../../core/door/waiting-answers.ts'
import { PROBLEM_TYPE } from '../../core/problem/problem.ts'
import { type WaitingEvent, WaitingRoom } from './waiting-room.ts'

/** A line that has not come by then is asked for again. */
const LINE_WITHIN_MS = 8_000

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface LineWatchOptions {
  /** Of anything live of the space: the line is beside it. */
  readonly url: string
  /** Monotonic, ms. */
  readonly now: () => number
  readonly random: () => number
  readonly fetch: Fetch
  /** Show the place, and {@link LineWatch.tell} what came of it, unless that was a way in. */
  readonly show: () => void
}

/** From the first place to `stop()`. */
export class LineWatch {
  readonly #options: LineWatchOptions
  readonly #room: WaitingRoom
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(options: LineWatchOptions) {
    this.#options = options
    this.#room = new WaitingRoom(options.random)
  }

  get outlook(): Outlook {
    return this.#room.outlook
  }

  tell(event: WaitingEvent): void {
    if (this.#stopped) return
    const effects = this.#room.handle(event, this.#options.now())
    clearTimeout(this.#timer)
    const { deadlineMs } = this.#room
    if (deadlineMs !== undefined) {
      const wait = Math.max(0, deadlineMs - this.#options.now())
      this.#timer = setTimeout(() => this.tell({ kind: 'tick' }), wait)
    }
    for (const { kind } of effects) {
      if (kind === 'ask') void this.#ask()
      else this.#options.show()
    }
  }

  /** Idempotent. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #ask(): Promise<void> {
    try {
      // No `no-store` here: whoever asks in the same second may be answered by a cache in between.
      const response = await this.#options.fetch(this.#options.url.replace(/[^/]*$/, 'line'), {
        signal: AbortSignal.timeout(LINE_WITHIN_MS),
        credentials: 'same-origin',
      })
      const line = response.ok ? parseLineView(await response.json()) : undefined
      this.tell(line ? { kind: 'line', line } : { kind: 'no-line', retryAfterMs: retryAfterOf(response) })
    } catch {
      // No network, or an answer that is no line: asked again later.
      this.tell({ kind: 'no-line' })
    }
  }
}

/** The place in an answer that says that there is no room; undefined for any other. Reads the body only of such. */
export async function placeIn(response: Response): Promise<Place | undefined> {
  if (response.status !== 503 || !response.headers.get('content-type')?.startsWith(PROBLEM_TYPE))
    return undefined
  return parsePlace(await response.json().catch(() => undefined))
}

export const retryAfterOf = (response: Response): number | undefined =>
  parseRetryAfter(response.headers.get('retry-after'))
