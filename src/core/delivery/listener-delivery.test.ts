import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { epoch, millis, type Sequence, sequence } from '../../base/units.ts'
import type { Part } from '../part/part.ts'
import { DELIVERY_LIMITS, ListenerDelivery } from './listener-delivery.ts'
import { PartWindow } from './part-window.ts'

const part = (n: number): Part => ({ sequence: sequence(n), epoch: epoch(1), tracks: new Map() })
const NOW = millis(0)

function windowOf(from: number, to: number, capacity = DELIVERY_LIMITS.resumeParts): PartWindow {
  const window = new PartWindow(capacity)
  for (let n = from; n < to; n++) window.push(part(n))
  return window
}

const joined = (window: PartWindow, from?: number) =>
  new ListenerDelivery(DELIVERY_LIMITS, from === undefined ? undefined : sequence(from)).step(
    window,
    false,
    NOW,
  )

describe('where a listener begins', () => {
  test.each([
    [150, 40], // ten parts: 140 … 149
    [153, 40], // 151 is fewer than four before the end
    [154, 50], // exactly four: 150 … 153
  ])(
    'a join to a window that ends before %i begins at the latest snapshot that four parts follow',
    (end, from) => {
      expect(joined(windowOf(100, end))).toEqual({ kind: 'send', from, to: end - 100, skipped: 0 })
    },
  )

  test('a join finds the snapshot of a new epoch', () => {
    const window = windowOf(100, 142)
    for (let n = 144; n < 150; n++)
      window.push({ ...part(n), epoch: epoch(2), ...(n === 144 ? { gap: 'takeover' } : {}) })
    expect(joined(window)).toEqual({ kind: 'send', from: 42, to: 48, skipped: 0 })
  })

  test('a join where gaps took the snapshots away begins four parts before the live edge', () => {
    const window = new PartWindow(250)
    for (let n = 101; n < 200; n++) if (n % 10 !== 0) window.push(part(n))
    expect(joined(window)).toEqual({ kind: 'send', from: window.end - 4, to: window.end, skipped: 0 })
  })

  test('a join to a track without snapshots begins four parts before the live edge', () => {
    const delivery = new ListenerDelivery({ ...DELIVERY_LIMITS, snapshotParts: 0 })
    expect(delivery.step(windowOf(100, 153), false, NOW)).toEqual({
      kind: 'send',
      from: 49,
      to: 53,
      skipped: 0,
    })
  })

  test('any join to an unbroken window has a snapshot first, and 4 to 13 parts', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 14, max: 300 }), (start, length) => {
        const window = windowOf(start, start + length)
        const step = joined(window)
        if (step.kind !== 'send') throw new Error('a join is given parts')
        expect(window.at(step.from).sequence % 10).toBe(0)
        expect(step.to).toBe(window.end)
        expect(step.to - step.from).toBeGreaterThanOrEqual(4)
        expect(step.to - step.from).toBeLessThanOrEqual(13)
      }),
    )
  })

  test('a join to a window of two parts gets both', () => {
    expect(joined(windowOf(0, 2))).toEqual({ kind: 'send', from: 0, to: 2, skipped: 0 })
  })

  test('a join before the first part waits', () => {
    expect(joined(new PartWindow(10))).toEqual({ kind: 'wait' })
  })

  test('a resume begins exactly where it asks', () => {
    expect(joined(windowOf(100, 150), 117)).toEqual({ kind: 'send', from: 17, to: 50, skipped: 0 })
  })

  test('a resume at the next part to come waits for it', () => {
    expect(joined(windowOf(100, 150), 150)).toEqual({ kind: 'wait' })
  })

  test('a resume older than what is held is told what it skips', () => {
    expect(joined(windowOf(100, 150), 90)).toEqual({ kind: 'send', from: 46, to: 50, skipped: 56 })
  })

  test('a resume far ahead of the log begins at the live edge', () => {
    expect(joined(windowOf(100, 150), 9_000)).toEqual({ kind: 'send', from: 40, to: 50, skipped: 0 })
  })

  test('a resume slightly ahead of this edge waits until the edge has that very part', () => {
    const window = windowOf(100, 150)
    const delivery = new ListenerDelivery(DELIVERY_LIMITS, sequence(152))
    expect(delivery.step(window, false, NOW)).toEqual({ kind: 'wait' })
    window.push(part(150))
    window.push(part(151))
    expect(delivery.step(window, false, NOW)).toEqual({ kind: 'wait' })
    window.push(part(152))
    expect(delivery.step(window, false, NOW)).toEqual({ kind: 'send', from: 52, to: 53, skipped: 0 })
  })

  test('a resume into a declared gap begins after it', () => {
    const window = windowOf(100, 110)
    window.push(part(130))
    expect(joined(window, 115)).toEqual({ kind: 'send', from: 10, to: 11, skipped: 0 })
  })
})

describe('a socket that is full', () => {
  test('gets nothing until it drains', () => {
    const window = windowOf(0, 10)
    const delivery = new ListenerDelivery(DELIVERY_LIMITS)
    delivery.step(window, false, NOW)
    delivery.sent(window.end, false, NOW)
    window.push(part(10))
    expect(delivery.step(window, false, NOW)).toEqual({ kind: 'wait' })
    delivery.drained()
    expect(delivery.step(window, false, NOW)).toEqual({ kind: 'send', from: 10, to: 11, skipped: 0 })
  })

  test('skips to the live edge, and is told, when it drains more than a backlog later', () => {
    const window = windowOf(0, 10)
    const delivery = new ListenerDelivery(DELIVERY_LIMITS)
    delivery.step(window, false, NOW)
    delivery.sent(window.end, false, NOW)
    for (let n = 10; n < 36; n++) window.push(part(n))
    delivery.drained()
    expect(delivery.step(window, false, NOW)).toEqual({ kind: 'send', from: 32, to: 36, skipped: 22 })
  })

  test('is closed after fifteen seconds of taking nothing', () => {
    const window = windowOf(0, 10)
    const delivery = new ListenerDelivery(DELIVERY_LIMITS)
    delivery.step(window, false, NOW)
    delivery.sent(window.end, false, NOW)
    expect(delivery.step(window, false, millis(14_999))).toEqual({ kind: 'wait' })
    expect(delivery.step(window, false, millis(15_000))).toEqual({ kind: 'close', reason: 'stuck' })
  })
})

test('a stall of the source is not the listener’s fault: everything that comes at once is delivered', () => {
  const window = windowOf(0, 10)
  const delivery = new ListenerDelivery(DELIVERY_LIMITS)
  delivery.step(window, false, NOW)
  delivery.sent(window.end, true, NOW)
  for (let n = 10; n < 70; n++) window.push(part(n))
  expect(delivery.step(window, false, NOW)).toEqual({ kind: 'send', from: 10, to: 70, skipped: 0 })
})

test('a stream ends once everything was sent and nothing more comes', () => {
  const window = windowOf(0, 10)
  const delivery = new ListenerDelivery(DELIVERY_LIMITS)
  expect(delivery.step(window, true, NOW).kind).toBe('send')
  delivery.sent(window.end, true, NOW)
  expect(delivery.step(window, true, NOW)).toEqual({ kind: 'end' })
})

type Event =
  | { readonly kind: 'append'; readonly count: number; readonly gap: number }
  | { readonly kind: 'flush'; readonly taken: boolean }
  | { readonly kind: 'drain' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'reconnect' }

const EVENT: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }), gap: fc.nat(3) }),
  fc.record({ kind: fc.constant('flush' as const), taken: fc.boolean() }),
  fc.constant({ kind: 'drain' as const }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(6_000) }),
  fc.constant({ kind: 'reconnect' as const }),
)

test('for any stall and any reconnect: no hole unless told, no repeat, and nothing for a full socket', () => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 120 }), (events) => {
      const log = new Log()
      let listener = new Listener(log.window)
      for (const event of events) {
        if (event.kind === 'append') log.append(event.count, event.gap)
        else if (event.kind === 'flush') listener.flush(event.taken)
        else if (event.kind === 'drain') listener.delivery.drained()
        else if (event.kind === 'pass') listener.now += event.ms
        else listener = listener.reconnect()
        expect(listener.heard).toEqual(log.between(listener.heard[0], listener.heard.at(-1), listener.told))
        if (listener.isClosed) listener = listener.reconnect()
      }
    }),
  )
})

/** Everything that was ever appended. */
class Log {
  readonly window = new PartWindow(DELIVERY_LIMITS.resumeParts)
  readonly #sequences: number[] = []

  append(count: number, gap: number): void {
    let next = (this.#sequences.at(-1) ?? -1) + 1 + gap
    for (let i = 0; i < count; i++, next++) {
      this.#sequences.push(next)
      this.window.push(part(next))
    }
  }

  /** What a listener has to have heard from `first` to `last`, without what it was told that it missed. */
  between(first: number | undefined, last: number | undefined, told: readonly (readonly [number, number])[]) {
    if (first === undefined || last === undefined) return []
    return this.#sequences.filter(
      (n) => n >= first && n <= last && !told.some(([after, before]) => n > after && n < before),
    )
  }
}

class Listener {
  readonly delivery: ListenerDelivery
  heard: number[] = []
  /** The sequences on both sides of each skip that it was told of. */
  told: [number, number][] = []
  now = 0
  isClosed = false
  readonly #window: PartWindow

  constructor(window: PartWindow, resumeAt?: Sequence) {
    this.#window = window
    this.delivery = new ListenerDelivery(DELIVERY_LIMITS, resumeAt)
  }

  flush(taken: boolean): void {
    const isBlocked = this.delivery.isBlocked
    const step = this.delivery.step(this.#window, false, millis(this.now))
    if (step.kind === 'close') {
      expect(this.delivery.blockedFor(millis(this.now))).toBeGreaterThanOrEqual(DELIVERY_LIMITS.stuck)
      this.isClosed = true
    }
    if (step.kind !== 'send') return
    expect(isBlocked).toBe(false)
    const sent = []
    for (let n = step.from; n < step.to; n++) sent.push(this.#window.at(n).sequence)
    if (step.skipped > 0) this.told.push([this.heard.at(-1) ?? -1, sent[0] as number])
    this.heard.push(...sent)
    this.delivery.sent(step.to, taken, millis(this.now))
  }

  /** Drops, and comes back with `?from=` the part after the last one it heard. */
  reconnect(): Listener {
    const last = this.heard.at(-1)
    if (last === undefined) return new Listener(this.#window)
    const next = new Listener(this.#window, sequence(last + 1))
    next.heard = [last]
    next.now = this.now
    return next
  }
}
