// The contract of the Feed, as tests.

import { describe, expect, test } from 'bun:test'
import type { FeedItem } from '../ports.ts'
import { until } from './program.ts'
import { type MakeSubject, withSubject } from './subject.ts'

export function describeFeed(name: string, make: MakeSubject): void {
  describe(`${name}: Feed`, () => {
    test('a subscriber has the newest value of each topic with its prefix, then each change', () =>
      withSubject(make, async ({ engine: { feed } }) => {
        const abort = new AbortController()
        feed.publish('stage/a', { n: 1 })
        feed.publish('stage/a', { n: 2 })
        feed.publish('edge/a', { n: 3 })
        const latest = new Map<string, unknown>()
        const reading = (async () => {
          for await (const { topic, value } of feed.subscribe('stage/', abort.signal))
            latest.set(topic, value)
        })()
        await until(() => latest.has('stage/a'))
        expect(latest).toEqual(new Map([['stage/a', { n: 2 }]]))
        feed.publish('stage/b', [null, 'x'])
        feed.publish('stage/a', 5)
        await until(() => latest.get('stage/a') === 5)
        await until(() => latest.has('stage/b'))
        expect(latest.get('stage/b')).toEqual([null, 'x'])
        expect(latest.has('edge/a')).toBe(false)
        abort.abort()
        await reading
      }))

    test('a subscriber that lags sees the newest value, and not all before it', () =>
      withSubject(make, async ({ engine: { feed } }) => {
        const abort = new AbortController()
        feed.publish('t', -1)
        const reader = feed.subscribe('t', abort.signal)[Symbol.asyncIterator]()
        await reader.next()
        for (let n = 0; n < 1_000; n++) feed.publish('t', n)
        const seen: FeedItem[] = []
        while (seen.at(-1)?.value !== 999) seen.push((await reader.next()).value as FeedItem)
        expect(seen.length).toBeLessThan(1_000)
        abort.abort()
        expect((await reader.next()).done).toBe(true)
      }))

    test('a value without JSON, a bad topic and one that is too large are refused', () =>
      withSubject(make, async ({ engine: { feed } }) => {
        expect(() => feed.publish('t', undefined)).toThrow('no JSON')
        expect(() => feed.publish('a b', 1)).toThrow('printable')
        expect(() => feed.publish('t', 'x'.repeat(100_000))).toThrow('at most')
      }))
  })
}
