// The stream of views from control, for as long as the person has a seat. Losing it is not losing the stage:
// people keep talking while control is away, so this only ever tries again, and says what it heard.

import { type BackoffOptions, backoffDelay } from '../../../base/backoff.ts'
import type { StageView } from '../../../core/api/api.ts'

export interface ViewFeedOptions {
  readonly url: string
  onView(view: StageView): void
  /** The stream ended; `failures` in a row so far. Someone should ask whether the seat still exists. */
  onLost(failures: number): void
}

const FEED_BACKOFF: BackoffOptions = { firstMs: 250, factor: 1.8, maxMs: 4_000 }
/** Control writes a view at least every few seconds; after this long the connection is a dead one. */
export const VIEW_STALE_AFTER_MS = 15_000

export interface ViewFeed {
  /** Asks for no other stream before `again`: what there is may come to life, and another one could not be had. */
  hold(): void
  /** Opens the stream anew at once: what it came by may be gone without a word. */
  again(): void
  stop(): void
}

/** Follows the views until `stop`. EventSource's own retry waits for seconds; news of a new stage cannot. */
export function followViews(options: ViewFeedOptions): ViewFeed {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let held = false
  let stopped = false

  function open(): void {
    if (stopped) return
    source = new EventSource(options.url)
    source.addEventListener('view', (event) => {
      failures = 0
      watch()
      options.onView(JSON.parse(event.data) as StageView)
    })
    source.addEventListener('error', retry)
    watch()
  }

  function retry(): void {
    source?.close()
    clearTimeout(timer)
    if (held) return
    failures += 1
    timer = setTimeout(open, backoffDelay(failures - 1, Math.random(), FEED_BACKOFF))
    options.onLost(failures)
  }

  function watch(): void {
    clearTimeout(timer)
    if (held) return
    timer = setTimeout(retry, VIEW_STALE_AFTER_MS)
  }

  open()
  return {
    hold: () => {
      held = true
      clearTimeout(timer)
    },
    again: () => {
      held = false
      source?.close()
      clearTimeout(timer)
      open()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      source?.close()
    },
  }
}
