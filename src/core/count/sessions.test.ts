import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { BLOCKED_COUNTED_MS, isListening, POLLER_COUNTED_MS, POLLERS_MAX, PollerBook } from './sessions.ts'

test('a stream counts until its socket has taken nothing for three seconds', () => {
  expect(isListening(0)).toBe(true)
  expect(isListening(BLOCKED_COUNTED_MS)).toBe(true)
  expect(isListening(BLOCKED_COUNTED_MS + 1)).toBe(false)
})

test('a poller counts once, from its second playlist, for ten seconds after its last request', () => {
  const pollers = new PollerBook()
  pollers.saw('a', 0)
  pollers.saw('b', 500)
  expect(pollers.count(500)).toBe(0)
  pollers.saw('b', 1_000)
  pollers.saw('a', 2_000)
  expect(pollers.count(2_000)).toBe(2)
  expect(pollers.count(1_000 + POLLER_COUNTED_MS + 1)).toBe(1)
  expect(pollers.count(2_000 + POLLER_COUNTED_MS + 1)).toBe(0)
})

test('the first piece of media makes a listener, and says so once', () => {
  const pollers = new PollerBook()
  expect(pollers.sawMedia('a', 0)).toBe(true)
  expect(pollers.sawMedia('a', 1_000)).toBe(false)
  expect(pollers.count(1_000)).toBe(1)
  expect(pollers.sawMedia('a', 1_001 + POLLER_COUNTED_MS)).toBe(true)
})

test('one look at a playlist, and another a minute later, is nobody', () => {
  const pollers = new PollerBook()
  pollers.saw('preview', 0)
  pollers.saw('preview', 60_000)
  expect(pollers.count(60_400)).toBe(0)
})

test('a reload by its directives is a listener, whose first piece of media is still to come', () => {
  const pollers = new PollerBook()
  pollers.sawReload('a', 0)
  expect(pollers.count(0)).toBe(1)
  expect(pollers.sawMedia('a', 400)).toBe(true)
  pollers.sawReload('a', 800)
  expect(pollers.sawMedia('a', 1_200)).toBe(false)
  expect(pollers.count(1_200 + POLLER_COUNTED_MS)).toBe(1)
})

test('who has no key, such as a synthetic listener, is nobody', () => {
  const pollers = new PollerBook()
  for (let n = 0; n < 5; n++) pollers.saw('', n)
  expect(pollers.sawMedia('', 5)).toBe(false)
  expect(pollers.count(5)).toBe(0)
})

test('a flood of made-up pollers takes no more memory than its limit', () => {
  const pollers = new PollerBook()
  for (let n = 0; n < POLLERS_MAX + 100; n++) pollers.sawMedia(`poller ${n}`, 0)
  expect(pollers.count(0)).toBe(POLLERS_MAX)
})

test('property: the count is that of a plain list of requests', () => {
  const request = fc.record({
    who: fc.constantFrom('a', 'b', 'c'),
    media: fc.boolean(),
    afterMs: fc.constantFrom(0, 400, 6_000, POLLER_COUNTED_MS, POLLER_COUNTED_MS + 1),
  })
  fc.assert(
    fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
      const pollers = new PollerBook()
      const model = new Map<string, { at: number; counted: boolean }>()
      let now = 0
      for (const { who, media, afterMs } of requests) {
        now += afterMs
        const before = model.get(who)
        const fresh = before !== undefined && now - before.at <= POLLER_COUNTED_MS
        model.set(who, { at: now, counted: media || fresh })
        if (media) pollers.sawMedia(who, now)
        else pollers.saw(who, now)
        const expected = [...model.values()].filter(
          (m) => m.counted && now - m.at <= POLLER_COUNTED_MS,
        ).length
        expect(pollers.count(now)).toBe(expected)
      }
    }),
  )
})
