// The Feed: values in memory, the newest of each topic.

import { MimbarError } from '../../base/errors.ts'
import type { Feed, FeedItem } from '../ports.ts'
import { checkKey, checkPrefix, jsonText } from './json-value.ts'
import { LatestValues } from './latest-values.ts'

/** Of one value, as JSON. */
export const FEED_BYTES_MAX = 64 * 1024
/** When there are more, the topic that was longest without news goes. */
const TOPICS_MAX = 10_000
/** Subscriptions at once: a few of each process. */
const SUBSCRIBERS_MAX = 1_000

interface Subscriber {
  readonly prefix: string
  readonly latest: LatestValues<FeedText>
}

/** A value as it travels: parsed anew for each reader, so that nobody shares an object. */
interface FeedText {
  readonly topic: string
  readonly json: string
}

export class MemoryFeed implements Feed {
  /** In order of last news. */
  readonly #topics = new Map<string, FeedText>()
  readonly #subscribers = new Set<Subscriber>()

  publish(topic: string, value: unknown): void {
    checkKey(topic)
    const item = { topic, json: jsonText(value, FEED_BYTES_MAX) }
    this.#topics.delete(topic)
    this.#topics.set(topic, item)
    if (this.#topics.size > TOPICS_MAX) this.#topics.delete(this.#topics.keys().next().value as string)
    for (const { prefix, latest } of this.#subscribers) {
      if (topic.startsWith(prefix)) latest.set(topic, item)
    }
  }

  async *subscribe(prefix: string, signal: AbortSignal): AsyncGenerator<FeedItem> {
    checkPrefix(prefix)
    if (this.#subscribers.size >= SUBSCRIBERS_MAX) {
      throw new MimbarError('too-many', `${SUBSCRIBERS_MAX} subscriptions are open; that is the limit.`)
    }
    const subscriber: Subscriber = { prefix, latest: new LatestValues(signal) }
    for (const [topic, item] of this.#topics) if (topic.startsWith(prefix)) subscriber.latest.set(topic, item)
    this.#subscribers.add(subscriber)
    try {
      for await (const { topic, json } of subscriber.latest) yield { topic, value: JSON.parse(json) }
    } finally {
      this.#subscribers.delete(subscriber)
    }
  }
}
