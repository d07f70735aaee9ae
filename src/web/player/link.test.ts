import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { epoch, sequence, wallMillis } from '../../base/units.ts'
import { HEARTBEAT_MS, silenceLimitMs } from '../../core/stream/notes.ts'
import { CONNECT_LIMIT_MS, Link, type LinkEffect, type LinkEvent, RESUME_WORTH_MS } from './link.ts'

const never = () => 0.5
const hello = (stream: number, flushMs = 200): LinkEvent => ({
  kind: 'note',
  stream,
  note: { kind: 'hello', flushMs, epoch: epoch(3), gridStartMs: wallMillis(1) },
})
const part = (stream: number, at: number): LinkEvent => ({ kind: 'part', stream, sequence: sequence(at) })
const opens = (effects: readonly LinkEffect[]) => effects.filter(({ kind }) => kind === 'open')

/** A link with one stream that has brought the parts up to `newest` at time `now`. */
function streaming(newest: number, now = 0): Link {
  const link = new Link(never)
  link.handle({ kind: 'start' }, now)
  link.handle({ kind: 'opened', stream: 1 }, now)
  link.handle(hello(1), now)
  link.handle(part(1, newest), now)
  return link
}

describe('link', () => {
  test('another address is opened beside what plays, at the part after the last one, and takes over with its first', () => {
    const link = streaming(41)
    expect(link.handle({ kind: 'moved' }, 10)).toEqual([
      { kind: 'open', stream: 2, from: { epoch: epoch(3), next: sequence(42) } },
    ])
    expect(link.handle(part(1, 42), 20)).toEqual([{ kind: 'take' }])
    // What the new one has again is not taken twice.
    expect(link.handle(part(2, 42), 30)).toEqual([{ kind: 'close', stream: 1 }])
    expect(link.handle(part(2, 43), 30)).toEqual([{ kind: 'take' }])
    expect(link.reconnects).toBe(0)
  })

  test('an address that changes again before it was heard is left for the newest one', () => {
    const link = streaming(41)
    link.handle({ kind: 'moved' }, 10)
    expect(link.handle({ kind: 'moved' }, 20)).toEqual([
      { kind: 'close', stream: 2 },
      { kind: 'open', stream: 3, from: { epoch: epoch(3), next: sequence(42) } },
    ])
    expect(link.handle(part(2, 42), 30)).toEqual([])
    expect(link.handle(part(3, 42), 30)).toEqual([{ kind: 'close', stream: 1 }, { kind: 'take' }])
  })

  test('a start opens a stream at the live edge, once', () => {
    const link = new Link(never)
    expect(link.handle({ kind: 'start' }, 0)).toEqual([{ kind: 'open', stream: 1 }])
    expect(link.handle({ kind: 'start' }, 1)).toEqual([])
  })

  test('a broken stream is opened again at the part after the last one, under its epoch', () => {
    const link = streaming(41)
    expect(link.handle({ kind: 'closed', stream: 1 }, 1_000)).toEqual([])
    const at = link.deadlineMs as number
    expect(at).toBeGreaterThanOrEqual(1_050)
    expect(at).toBeLessThanOrEqual(1_100)
    expect(link.handle({ kind: 'tick' }, at)).toEqual([
      { kind: 'open', stream: 2, from: { epoch: epoch(3), next: sequence(42) } },
    ])
    expect(link.reconnects).toBe(1)
  })

  test('retries wait longer each time, at most two seconds, and spread', () => {
    for (const random of [0, 0.999]) {
      const link = new Link(() => random)
      let now = 0
      link.handle({ kind: 'start' }, now)
      const waits: number[] = []
      for (let stream = 1; stream <= 12; stream++) {
        link.handle({ kind: 'closed', stream }, now)
        waits.push((link.deadlineMs as number) - now)
        now = link.deadlineMs as number
        link.handle({ kind: 'tick' }, now)
      }
      const last = waits.at(-1) as number
      expect(waits.every((wait, i) => wait >= (waits[i - 1] ?? 0) - 0.001)).toBe(true)
      expect(last).toBeCloseTo(2_000 * (0.5 + 0.5 * random))
    }
  })

  test('a stream that is silent past the limit is closed, and not a millisecond before', () => {
    const link = streaming(7)
    const limit = silenceLimitMs(200)
    expect(link.deadlineMs).toBe(limit)
    expect(link.handle({ kind: 'tick' }, limit - 1)).toEqual([])
    expect(link.handle({ kind: 'tick' }, limit)).toEqual([{ kind: 'close', stream: 1 }])
    expect(link.state).toBe('waiting')
  })

  test('an announced longer interval moves the limit at once', () => {
    const link = streaming(7)
    link.handle({ kind: 'note', stream: 1, note: { kind: 'flush', flushMs: 2_000 } }, 100)
    expect(link.deadlineMs).toBe(100 + 4_000)
    expect(link.flushMs).toBe(2_000)
  })

  test('after a sleep the stream gets a moment to be read before it counts as silent', () => {
    const link = streaming(7)
    expect(link.handle({ kind: 'tick' }, 60_000)).toEqual([])
    link.handle({ kind: 'bytes', stream: 1 }, 60_020)
    expect(link.state).toBe('streaming')
    expect(link.reconnects).toBe(0)
  })

  test('a server that does not answer is left after the connect limit', () => {
    const link = new Link(never)
    link.handle({ kind: 'start' }, 0)
    expect(link.deadlineMs).toBe(CONNECT_LIMIT_MS)
    expect(link.handle({ kind: 'tick' }, CONNECT_LIMIT_MS)).toEqual([{ kind: 'close', stream: 1 }])
  })

  test('a move opens the new stream first and closes the old one at the new one’s first part', () => {
    const link = streaming(10)
    const from = { epoch: epoch(3), next: sequence(11) }
    expect(link.handle({ kind: 'note', stream: 1, note: { kind: 'move' } }, 10)).toEqual([
      { kind: 'open', stream: 2, from },
    ])
    expect(link.handle({ kind: 'note', stream: 1, note: { kind: 'move' } }, 11)).toEqual([])
    expect(link.handle(part(1, 11), 20)).toEqual([{ kind: 'take' }])
    // The new edge begins where the old one stood when it was asked: a repeat, and the sign to switch.
    expect(link.handle(part(2, 11), 30)).toEqual([{ kind: 'close', stream: 1 }])
    expect(link.handle(part(2, 12), 31)).toEqual([{ kind: 'take' }])
    expect(link.handle(part(1, 12), 32)).toEqual([])
    expect(link.reconnects).toBe(0)
  })

  test('a move that fails leaves the old stream playing; the old one may also die first', () => {
    const link = streaming(10)
    link.handle({ kind: 'note', stream: 1, note: { kind: 'move' } }, 10)
    expect(link.handle({ kind: 'refused', stream: 2, why: 'busy' }, 20)).toEqual([])
    expect(link.handle(part(1, 11), 30)).toEqual([{ kind: 'take' }])
    link.handle({ kind: 'note', stream: 1, note: { kind: 'move' } }, 40)
    expect(link.handle({ kind: 'closed', stream: 1 }, 50)).toEqual([])
    expect(link.handle(part(3, 12), 60)).toEqual([{ kind: 'take' }])
    expect(link.state).toBe('streaming')
  })

  test('the end closes everything and is final', () => {
    const link = streaming(10)
    expect(link.handle({ kind: 'note', stream: 1, note: { kind: 'ended' } }, 10)).toEqual([
      { kind: 'close', stream: 1 },
      { kind: 'over' },
    ])
    expect(link.handle({ kind: 'closed', stream: 1 }, 11)).toEqual([])
    expect(link.deadlineMs).toBeUndefined()
    expect(link.state).toBe('over')
  })

  test('a space without a stream is asked for every few seconds, and its first part ends the wait', () => {
    const link = new Link(never)
    link.handle({ kind: 'start' }, 0)
    link.handle({ kind: 'refused', stream: 1, why: 'not-yet' }, 0)
    expect(link.isNotYet).toBe(true)
    expect(link.deadlineMs).toBe(750)
    link.handle({ kind: 'tick' }, 750)
    link.handle(part(2, 0), 800)
    expect(link.isNotYet).toBe(false)
  })

  test('news of the network ends the wait', () => {
    const link = streaming(3)
    link.handle({ kind: 'closed', stream: 1 }, 10)
    expect(opens(link.handle({ kind: 'online' }, 11))).toHaveLength(1)
  })

  test('after a long absence the stream is joined at the live edge', () => {
    const link = streaming(3)
    link.handle({ kind: 'closed', stream: 1 }, RESUME_WORTH_MS)
    expect(link.handle({ kind: 'online' }, RESUME_WORTH_MS + 1)).toEqual([{ kind: 'open', stream: 2 }])
  })

  test('no flush interval and no jitter below the limit ever makes a listener reconnect', () => {
    const steps = fc.array(
      fc.record({
        flushMs: fc.option(fc.integer({ min: 200, max: 10_000 }), { nil: undefined }),
        // A flush, a heartbeat, or one of them held up by the network.
        waitMs: fc.integer({ min: 0, max: HEARTBEAT_MS + 1_900 }),
        isPart: fc.boolean(),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, (list) => {
        const link = streaming(0)
        let now = 0
        let at = 0
        for (const { flushMs, waitMs, isPart } of list) {
          const until = now + waitMs
          // The shell's timer: every deadline on the way is kept.
          for (let due = link.deadlineMs; due !== undefined && due < until; due = link.deadlineMs) {
            link.handle({ kind: 'tick' }, due)
          }
          now = until
          if (flushMs !== undefined)
            link.handle({ kind: 'note', stream: 1, note: { kind: 'flush', flushMs } }, now)
          at += 1
          link.handle(isPart ? part(1, at) : { kind: 'bytes', stream: 1 }, now)
        }
        expect(link.reconnects).toBe(0)
        expect(link.state).toBe('streaming')
      }),
    )
  })

  test('whatever happens, parts are taken once and in order, and at most two streams are open', () => {
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('part' as const),
        which: fc.nat(1),
        step: fc.integer({ min: -3, max: 3 }),
      }),
      fc.record({ kind: fc.constantFrom('closed' as const, 'move' as const), which: fc.nat(1) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(4_000) }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const link = new Link(never)
        const open = new Set<number>()
        const taken: number[] = []
        let now = 0
        const feed = (e: LinkEvent) => {
          for (const effect of link.handle(e, now)) {
            if (effect.kind === 'open') open.add(effect.stream)
            if (effect.kind === 'close') open.delete(effect.stream)
            if (effect.kind === 'take' && e.kind === 'part') taken.push(e.sequence)
          }
          expect(open.size).toBeLessThanOrEqual(2)
        }
        feed({ kind: 'start' })
        for (const e of events) {
          if (e.kind === 'wait') {
            now += e.ms
            feed({ kind: 'tick' })
            continue
          }
          const stream = [...open][e.which]
          if (stream === undefined) continue
          if (e.kind === 'move') feed({ kind: 'note', stream, note: { kind: 'move' } })
          else if (e.kind === 'part') feed(part(stream, Math.max(0, (taken.at(-1) ?? 0) + e.step)))
          else {
            open.delete(stream)
            feed({ kind: 'closed', stream })
          }
        }
        expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b))
        // Nothing is forgotten: some stream is open, or a retry is due.
        expect(open.size > 0 || link.deadlineMs !== undefined).toBe(true)
      }),
    )
  })
})

describe('a link without room', () => {
  const place = { ticket: 'p1.2.3', arrivedAtMs: wallMillis(5_000) }
  const lineUp = (link: Link, stream = 1, now = 0) =>
    link.handle({ kind: 'refused', stream, why: 'full', place, retryAfterMs: 2_000 }, now)

  test('lines up with its place, opens nothing by itself, and shows the place when it is told to', () => {
    const link = new Link(() => 0)
    link.handle({ kind: 'start' }, 0)
    expect(lineUp(link)).toEqual([{ kind: 'line-up', place, retryAfterMs: 2_000 }])
    expect(link.state).toBe('in-line')
    expect(link.deadlineMs).toBeUndefined()
    expect(link.handle({ kind: 'show' }, 9_000)).toEqual([{ kind: 'open', stream: 2, ticket: place.ticket }])
    expect(link.state).toBe('in-line')
    expect(link.handle({ kind: 'show' }, 9_100)).toEqual([])
    link.handle({ kind: 'opened', stream: 2 }, 9_200)
    expect(link.state).toBe('connecting')
  })

  test('stays in line when its place could not be shown', () => {
    const link = new Link(() => 0)
    link.handle({ kind: 'start' }, 0)
    lineUp(link)
    link.handle({ kind: 'show' }, 1_000)
    expect(link.handle({ kind: 'closed', stream: 2 }, 1_100)).toMatchObject([{ kind: 'line-up' }])
    expect(link.state).toBe('in-line')
    link.handle({ kind: 'show' }, 2_000)
    expect(link.handle({ kind: 'refused', stream: 3, why: 'busy', retryAfterMs: 3_000 }, 2_100)).toEqual([
      { kind: 'line-up', retryAfterMs: 3_000 },
    ])
  })

  test('shows the ticket of the last hello when it comes back', () => {
    const link = new Link(() => 0)
    link.handle({ kind: 'start' }, 0)
    const note = { kind: 'hello', flushMs: 200, epoch: epoch(1), ticket: 'r9.8.7' } as const
    link.handle({ kind: 'note', stream: 1, note }, 10)
    link.handle({ kind: 'closed', stream: 1 }, 20)
    expect(link.handle({ kind: 'tick' }, link.deadlineMs as number)).toEqual([
      { kind: 'open', stream: 2, ticket: 'r9.8.7' },
    ])
    expect(new Link(() => 0, 'kept').handle({ kind: 'start' }, 0)).toMatchObject([{ ticket: 'kept' }])
  })

  test('leaves the first stream as it is when the edge it should move to is full', () => {
    const link = new Link(() => 0)
    link.handle({ kind: 'start' }, 0)
    link.handle({ kind: 'part', stream: 1, sequence: sequence(1), epoch: epoch(1) }, 10)
    link.handle({ kind: 'note', stream: 1, note: { kind: 'move' } }, 20)
    expect(lineUp(link, 2, 30)).toEqual([])
    expect(link.state).toBe('streaming')
  })

  test('that is out of the line asks for nothing', () => {
    const link = new Link(() => 0)
    link.handle({ kind: 'start' }, 0)
    lineUp(link)
    link.handle({ kind: 'stop' }, 100)
    expect(link.handle({ kind: 'show' }, 200)).toEqual([])
    expect(link.state).toBe('idle')
  })
})

test('a busy server is asked again when it said, spread, and told from a network that is gone', () => {
  for (const random of [0, 0.99]) {
    const link = new Link(() => random)
    link.handle({ kind: 'start' }, 0)
    link.handle({ kind: 'refused', stream: 1, why: 'busy', retryAfterMs: 8_000 }, 0)
    expect(link.isBusy).toBe(true)
    expect(link.deadlineMs).toBeGreaterThanOrEqual(8_000)
    expect(link.deadlineMs).toBeLessThanOrEqual(10_000)
  }
})
