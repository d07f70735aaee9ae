import { describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { millis, wallMillis } from '../../base/units.ts'
import { ADDRESSES_MAX, AddressLimits } from './address-limits.ts'
import { ARRIVALS_LATE_MS, Pressure, REST_LATE_MS } from './pressure.ts'
import { PLACE_LASTS_MS, RETURN_LASTS_MS, rankOf, readTicket, type TicketMac, writeTicket } from './ticket.ts'
import { TokenBuckets } from './token-buckets.ts'
import { TICKET_CHARACTERS_MAX } from './waiting.ts'
import { PLACES_MAX, WaitingBook } from './waiting-book.ts'
import { countBefore, gatherCrowd, momentBefore, SAMPLE_PLACES_MAX, sizeOf } from './waiting-sample.ts'

const macOf =
  (key: string): TicketMac =>
  (message) =>
    createHmac('sha256', key).update(message).digest('base64url')
const NOW = wallMillis(1_800_000_000_000)
const idOf = (n: number) => createHmac('sha256', 'id').update(String(n)).digest('base64url').slice(0, 12)

describe('a ticket', () => {
  const mac = macOf('one')
  const place = { kind: 'place', arrivedAtMs: NOW, id: idOf(1) } as const

  test('is read by whoever has its key, old or new, for its space alone', () => {
    const text = writeTicket(mac, 'a', place, NOW)
    expect(text.length).toBeLessThanOrEqual(TICKET_CHARACTERS_MAX)
    expect(encodeURIComponent(text)).toBe(text)
    expect(readTicket([macOf('new'), mac], 'a', text, NOW)).toEqual(place)
    expect(readTicket([mac], 'b', text, NOW)).toBeUndefined()
    expect(readTicket([macOf('new')], 'a', text, NOW)).toBeUndefined()
  })

  test('expires: a place by its arrival, a ticket to return by its last join', () => {
    const text = writeTicket(mac, 'a', place, wallMillis(NOW + 1_000))
    expect(readTicket([mac], 'a', text, wallMillis(NOW + PLACE_LASTS_MS - 1))).toEqual(place)
    expect(readTicket([mac], 'a', text, wallMillis(NOW + PLACE_LASTS_MS))).toBeUndefined()
    const back = writeTicket(mac, 'a', { ...place, kind: 'return' }, wallMillis(NOW + 1_000))
    expect(readTicket([mac], 'a', back, wallMillis(NOW + RETURN_LASTS_MS + 999))?.kind).toBe('return')
    expect(readTicket([mac], 'a', back, wallMillis(NOW + RETURN_LASTS_MS + 1_000))).toBeUndefined()
  })

  test('of an edge whose clock runs ahead has arrived now', () => {
    const early = wallMillis(NOW - 3_000)
    expect(readTicket([mac], 'a', writeTicket(mac, 'a', place, NOW), early)?.arrivedAtMs).toBe(early)
  })

  test('that was changed anywhere is none', () => {
    const text = writeTicket(mac, 'a', place, NOW)
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, put) => {
        const changed = text.slice(0, at) + put + text.slice(at + 1)
        fc.pre(changed !== text)
        expect(readTicket([mac], 'a', changed, NOW)).toBeUndefined()
      }),
    )
    expect(readTicket([mac], 'a', 'p'.repeat(10_000), NOW)).toBeUndefined()
  })

  test('ids are ranked evenly', () => {
    const ranks = Array.from({ length: 2_000 }, (_, n) => rankOf(idOf(n)))
    for (const tenth of [0, 3, 9]) {
      const within = ranks.filter((rank) => Math.floor(rank * 10) === tenth).length
      expect(within).toBeGreaterThan(140)
      expect(within).toBeLessThan(260)
    }
  })
})

describe('the crowd that waits', () => {
  const book = (from: number, to: number) => {
    const places = new WaitingBook()
    for (let n = from; n < to; n++) {
      places.saw(idOf(n), wallMillis(NOW + 10 * n), wallMillis(NOW + 10 * n + 1_000_000))
    }
    return places
  }
  const crowdOf = (...books: readonly WaitingBook[]) =>
    gatherCrowd(
      books.map((one) => one.sample(NOW, NOW)),
      NOW,
    )

  test('is counted once, whichever edges its places were shown at', () => {
    expect(sizeOf(crowdOf(book(0, 60), book(30, 100), book(0, 100)))).toBe(100)
  })

  test('is told in a bounded sample that is right to a few per cent', () => {
    const crowd = crowdOf(book(0, 12_000), book(6_000, 20_000))
    expect(crowd.arrivals.length).toBeLessThanOrEqual(2 * SAMPLE_PLACES_MAX)
    expect(Math.abs(sizeOf(crowd) - 20_000)).toBeLessThan(4_000)
    const half = momentBefore(crowd, sizeOf(crowd) / 2)
    expect(Math.abs(half - NOW - 100_000)).toBeLessThan(25_000)
  })

  test('is divided after exactly as many as there is room for, while it is told in full', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 100 }),
        fc.integer({ min: 1, max: 120 }),
        (gaps, people) => {
          let at = NOW
          const arrivals = gaps.map((gap) => {
            at = wallMillis(at + gap)
            return at
          })
          const crowd = { arrivals, weight: 1, from: NOW }
          expect(countBefore(crowd, momentBefore(crowd, people))).toBe(Math.min(people, arrivals.length))
        },
      ),
    )
  })

  test('is divided at as many as there is room for on average, where a sample tells of it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 2, max: 500, noNaN: true }),
        fc.integer({ min: 1, max: 2_000 }),
        (gaps, weight, people) => {
          let at = NOW
          const arrivals = gaps.map((gap) => {
            at = wallMillis(at + gap)
            return at
          })
          const crowd = { arrivals, weight, from: NOW }
          const moment = momentBefore(crowd, people)
          expect(moment).toBeGreaterThan(NOW)
          const called = countBefore(crowd, moment)
          // No fewer, and with a millisecond less, no more.
          expect(called).toBeGreaterThanOrEqual(Math.min(people, arrivals.length * weight) - 1e-6)
          const justBefore = countBefore(crowd, wallMillis(moment - 1))
          expect(justBefore).toBeLessThan(Math.min(people, arrivals.length * weight) + 1e-6)
        },
      ),
    )
  })

  test('that came in one millisecond is let in together, rather than never', () => {
    const crowd = { arrivals: [NOW, NOW, NOW], weight: 1, from: NOW }
    expect(countBefore(crowd, momentBefore(crowd, 1))).toBe(3)
  })

  test('forgets who was not seen for a while, and who was called', () => {
    const places = new WaitingBook()
    places.gave(idOf(1), NOW, wallMillis(NOW + 30_000))
    places.saw(idOf(2), wallMillis(NOW + 5), wallMillis(NOW + 60_000))
    places.saw(idOf(3), wallMillis(NOW - 5), wallMillis(NOW + 60_000))
    expect(places.sample(NOW, NOW).places).toHaveLength(2)
    expect(places.sample(NOW, wallMillis(NOW + 31_000)).places.map(([id]) => id)).toEqual([
      idOf(2).slice(0, 8),
    ])
  })

  test('is remembered up to a bound', () => {
    const places = new WaitingBook()
    for (let n = 0; n < PLACES_MAX + 10; n++) places.gave(`${String(n).padStart(8, '0')}AAAA`, NOW, NOW)
    expect(places.size).toBe(PLACES_MAX)
  })
})

describe('an address', () => {
  const budget = { joinsPerSecond: 2, requestsPerSecond: 10, streamsMax: 3 }

  test('joins in bursts, then at its rate, and is told how long to wait', () => {
    const limits = new AddressLimits(budget)
    const joins = () => Array.from({ length: 9 }, () => limits.join('203.0.113.1', 0))
    expect(joins().filter((wait) => wait === 0)).toHaveLength(8)
    expect(limits.join('203.0.113.1', 0)).toBe(500)
    expect(limits.join('203.0.113.1', 500)).toBe(0)
    expect(limits.join('203.0.114.1', 500)).toBe(0)
  })

  test('has a network, which may do eight times as much in all', () => {
    const limits = new AddressLimits(budget)
    let joined = 0
    for (let host = 0; host < 200; host++) if (limits.join(`203.0.113.${host}`, 0) === 0) joined += 1
    expect(joined).toBe(64)
    expect(limits.join('2001:db8:0:1::1', 0)).toBe(0)
  })

  test('of IPv6 is the /64 that a host picks from', () => {
    const limits = new AddressLimits({ ...budget, joinsPerSecond: 0.25 })
    expect(limits.join('2001:db8:0:1::1', 0)).toBe(0)
    expect(limits.join('2001:db8:0:1::2', 0)).toBeGreaterThan(0)
    expect(limits.join('2001:db8:0:2::2', 0)).toBe(0)
  })

  test('has so many streams at a time, and room again when one ends', () => {
    const limits = new AddressLimits(budget)
    const [first] = [1, 2, 3].map(() => limits.enter('203.0.113.1'))
    expect(limits.hasRoom('203.0.113.1')).toBe(false)
    expect(limits.hasRoom('203.0.113.2')).toBe(true)
    first?.()
    expect(limits.hasRoom('203.0.113.1')).toBe(true)
  })

  test('of this machine is not limited', () => {
    const limits = new AddressLimits(budget)
    for (let n = 0; n < 100; n++) expect(limits.join('127.0.0.1', 0)).toBe(0)
  })
})

test('buckets never let through more than their rate and burst, in any order of time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (gaps, burst) => {
      const buckets = new TokenBuckets(4)
      const budget = { perSecond: 5, burst }
      let now = 0
      let taken = 0
      for (const gap of gaps) {
        now += gap
        if (buckets.take('key', budget, now) === 0) taken += 1
        expect(taken).toBeLessThanOrEqual(burst + (now * 5) / 1_000 + 1e-6)
      }
    }),
  )
})

test('buckets are bounded: the one used longest ago goes', () => {
  const buckets = new TokenBuckets(2)
  const budget = { perSecond: 0, burst: 1 }
  for (const key of ['a', 'b', 'c']) expect(buckets.take(key, budget, 0)).toBe(0)
  expect(buckets.size).toBe(2)
  expect(buckets.take('c', budget, 0)).toBe(Number.POSITIVE_INFINITY)
  expect(buckets.take('a', budget, 0)).toBe(0)
  expect(ADDRESSES_MAX).toBeGreaterThan(10_000)
})

test('under lasting pressure replays go first, then arrivals; one look in time brings both back', () => {
  const pressure = new Pressure(200)
  let at = 0
  const tick = (lateMs: number) => {
    at += 200 + lateMs
    pressure.tick(millis(at))
    return [pressure.shedsRest(0, 100), pressure.isArrivalsLate]
  }
  tick(0)
  expect(tick(5_000)).toEqual([false, false])
  for (let n = 0; n < 12; n++) tick(0)
  for (let n = 0; n < 12; n++) tick(REST_LATE_MS + 1)
  expect(tick(REST_LATE_MS + 1)).toEqual([true, false])
  for (let n = 0; n < 6; n++) tick(ARRIVALS_LATE_MS + 1)
  expect(tick(ARRIVALS_LATE_MS + 1)).toEqual([true, true])
  for (let n = 0; n < 3; n++) tick(3_000)
  expect(tick(3_000)).toEqual([true, true])
  expect(tick(0)).toEqual([false, false])
  expect(pressure.shedsRest(98, 100)).toBe(true)
})
