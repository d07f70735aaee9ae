// What a seat-holder is told about the stage, as server-sent events (WHATWG HTML, section 9.2).

import { setTimeout as sleep } from 'node:timers/promises'
import { type BackoffOptions, backoffDelay } from '../base/backoff.ts'
import type { SpaceId } from '../base/ids.ts'
import type { StageView } from '../core/api/api.ts'
import type { FrontDoor, HeldSeat } from './front-door.ts'

const RECONNECT: BackoffOptions = { firstMs: 200, factor: 1.6, maxMs: 5_000 }
/** A view of sixteen seats has a few kilobytes; what is longer is not from Mimbar, and the stream is dropped. */
const EVENT_CHARACTERS_MAX = 256 * 1024

/** Calls `seen` with every view until `signal` ends it. Never rejects: a stream that ends is opened again. */
export async function watchStage(
  door: FrontDoor,
  space: SpaceId,
  held: HeldSeat,
  seen: (view: StageView) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const stream = await door.stageEvents(space, held, signal)
      for await (const data of eventsOf(stream)) {
        attempt = 0
        seen(JSON.parse(data) as StageView)
      }
    } catch {
      // A door that is away is nothing new; without views the speaker still notices silence.
    }
    await sleep(backoffDelay(attempt, Math.random(), RECONNECT), undefined, { signal }).catch(() => {
      // Stopped while waiting: the loop's condition sees it.
    })
  }
}

/** The data of each event; only the one-line form that Mimbar writes. Throws on an event without end. */
async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true })
    if (text.length > EVENT_CHARACTERS_MAX) throw new Error('an event without end')
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) if (line.startsWith('data:')) yield line.slice('data:'.length)
  }
}
