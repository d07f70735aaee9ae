import { expect, test } from 'bun:test'
import { BLOCKED_COUNTED_MS, isListening, POLLER_COUNTED_MS, POLLERS_MAX, PollerBook } from './sessions.ts'

test('a stream counts until its socket has taken nothing for three seconds', () => {
  expect(isListening(0)).toBe(true)
  expect(isListening(BLOCKED_COUNTED_MS)).toBe(true)
  expect(isListening(BLOCKED_COUNTED_MS + 1)).toBe(false)
})

test('a poller counts once, for ten seconds after its last request', () => {
  const pollers = new PollerBook()
  pollers.saw('a', 0)
  pollers.saw('b', 1_000)
  pollers.saw('a', 2_000)
  expect(pollers.count(2_000)).toBe(2)
  expect(pollers.count(1_000 + POLLER_COUNTED_MS + 1)).toBe(1)
  expect(pollers.count(2_000 + POLLER_COUNTED_MS + 1)).toBe(0)
})

test('a flood of made-up pollers takes no more memory than its limit', () => {
  const pollers = new PollerBook()
  for (let n = 0; n < POLLERS_MAX + 100; n++) pollers.saw(`poller ${n}`, 0)
  expect(pollers.count(0)).toBe(POLLERS_MAX)
})
