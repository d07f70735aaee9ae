// The Feed from another process: what is published goes out in batches, one at a time; what cannot go is dropped.

import type { Feed, FeedItem } from '../../ports.ts'
import { FEED_BYTES_MAX } from '../feed.ts'
import { checkKey, checkPrefix, jsonText } from '../json-value.ts'
import { LatestValues } from '../latest-values.ts'
import type { EngineConnection } from './connection.ts'
import { readLinesForever } from './reconnecting-lines.ts'
import { BODY_BYTES_MAX } from './routes.ts'

/** Topics that wait for the batch before; when full, the one that waited longest goes. */
const OUTBOX_TOPICS_MAX = 1_000

export class RemoteFeed implements Feed {
  readonly #connection: EngineConnection
  /** JSON of `{topic, value}` by topic: a newer value takes the place of one that still waits. */
  readonly #outbox = new Map<string, string>()
  #isSending = false

  constructor(connection: EngineConnection) {
    this.#connection = connection
  }

  publish(topic: string, value: unknown): void {
    checkKey(topic)
    const json = jsonText(value, FEED_BYTES_MAX)
    this.#outbox.delete(topic)
    this.#outbox.set(topic, `{"topic":${JSON.stringify(topic)},"value":${json}}`)
    if (this.#outbox.size > OUTBOX_TOPICS_MAX) this.#outbox.delete(this.#outbox.keys().next().value as string)
    if (!this.#isSending) void this.#send()
  }

  async *subscribe(prefix: string, signal: AbortSignal): AsyncGenerator<FeedItem> {
    checkPrefix(prefix)
    const end = new AbortController()
    const until = AbortSignal.any([signal, this.#connection.signal, end.signal])
    const latest = new LatestValues<FeedItem>(until)
    const path = `/feed?prefix=${encodeURIComponent(prefix)}`
    const reader = {
      connected: () => undefined,
      document: (value: unknown) => latest.set((value as FeedItem).topic, value as FeedItem),
    }
    const reading = readLinesForever(this.#connection, path, reader, until)
    try {
      yield* latest
    } finally {
      end.abort()
      await reading
    }
  }

  async #send(): Promise<void> {
    this.#isSending = true
    // Everything that is published in the same turn of the loop goes together.
    await Promise.resolve()
    while (this.#outbox.size > 0) {
      try {
        await this.#connection.call('POST', '/feed', `[${this.#takeBatch().join(',')}]`)
      } catch {
        // The next value of each topic is fresher than another try.
      }
    }
    this.#isSending = false
  }

  #takeBatch(): string[] {
    const batch: string[] = []
    let chars = 0
    for (const [topic, item] of this.#outbox) {
      // A character is at most three bytes of UTF-8.
      if (batch.length > 0 && (chars + item.length) * 3 > BODY_BYTES_MAX) break
      chars += item.length
      batch.push(item)
      this.#outbox.delete(topic)
    }
    return batch
  }
}
