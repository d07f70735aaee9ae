import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { MimbarError } from '../../base/errors.ts'
import { parseHandId, parseSeatId } from '../../base/ids.ts'
import { wallMillis } from '../../base/units.ts'
import { SEATS_MAX, type SeatFacts } from '../space/facts.ts'
import {
  acceptHand,
  declineHand,
  HAND_OFFER_MS,
  HANDS_SHOWN_MAX,
  type Hand,
  handsViewOf,
  queueOf,
  requireHandsOpen,
  seatHand,
  standingOf,
  stateAt,
  withoutNames,
} from './hands.ts'

const seat = parseSeatId('abcdef')
const seats: readonly SeatFacts[] = []
const handAt = (n: number): Hand => ({
  id: parseHandId(`hand${String(n).padStart(4, '0')}`),
  name: `Person ${n}`,
  state: 'raised',
  raisedAtMs: wallMillis(n),
  changedAtMs: wallMillis(n),
})

type Step = {
  readonly what: 'accept' | 'decline' | 'seat' | 'wait'
  readonly hand: number
  readonly ms: number
}
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('accept', 'decline', 'seat', 'wait'),
  hand: fc.nat(7),
  ms: fc.nat(HAND_OFFER_MS),
})

describe('hands', () => {
  test('whatever happens, an invitation seats once and in time, and those who wait keep their order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let hands: readonly Hand[] = Array.from({ length: 8 }, (_, n) => handAt(n))
        let now = wallMillis(1_000)
        const acceptedAt = new Map<number, number>()
        const seated = new Set<number>()
        for (const { what, hand: n, ms } of steps) {
          if (what === 'wait') now = wallMillis(now + ms)
          const hand = hands[n] as Hand
          try {
            const next =
              what === 'accept'
                ? acceptHand(hand, { hands, seats, now })
                : what === 'decline'
                  ? declineHand(hand, now)
                  : what === 'seat'
                    ? seatHand(hand, seat, now)
                    : hand
            if (what === 'accept') acceptedAt.set(n, now)
            if (what === 'decline') acceptedAt.delete(n)
            if (what === 'seat') {
              expect(seated.has(n)).toBe(false)
              expect(now - (acceptedAt.get(n) ?? Number.NEGATIVE_INFINITY)).toBeLessThan(HAND_OFFER_MS)
              seated.add(n)
            }
            hands = hands.map((other) => (other.id === next.id ? next : other))
          } catch (error) {
            if (!(error instanceof MimbarError)) throw error
          }
          const queue = queueOf(hands)
          expect(queue.map((one) => one.raisedAtMs)).toEqual(
            queue.map((one) => one.raisedAtMs).toSorted((a, b) => a - b),
          )
          expect(queue.map((one) => standingOf(one, hands, now).place)).toEqual(
            queue.map((_, place) => place + 1),
          )
        }
      }),
    )
  })

  test('are not promised more seats than there are', () => {
    const now = wallMillis(1_000)
    let hands: readonly Hand[] = Array.from({ length: SEATS_MAX + 1 }, (_, n) => handAt(n))
    for (let n = 0; n < SEATS_MAX; n++) {
      const next = acceptHand(hands[n] as Hand, { hands, seats, now })
      hands = hands.map((other) => (other.id === next.id ? next : other))
    }
    const last = hands[SEATS_MAX] as Hand
    expect(() => acceptHand(last, { hands, seats, now })).toThrow('promised')
    // Whose time is over gives the promise back.
    const later = wallMillis(now + HAND_OFFER_MS)
    expect(stateAt(acceptHand(last, { hands, seats, now: later }), later)).toBe('accepted')
  })

  test('go up only while they are open and somebody is there to see them', () => {
    const open = { handsOpen: true } as const
    expect(() => requireHandsOpen({ phase: 'live', ...open })).not.toThrow()
    expect(() => requireHandsOpen({ phase: 'lobby', ...open })).not.toThrow()
    for (const phase of ['scheduled', 'ended'] as const) {
      expect(() => requireHandsOpen({ phase, ...open })).toThrow(MimbarError)
    }
    expect(() => requireHandsOpen({ phase: 'live' })).toThrow('right now')
  })

  test('are shown in bounded number, and by name to those who run the room alone', () => {
    const now = wallMillis(10_000)
    const many = Array.from({ length: 200 }, (_, n) => handAt(n))
    const called = acceptHand(many[9] as Hand, { hands: many, seats, now })
    const view = handsViewOf([...many.filter(({ id }) => id !== called.id), called], true, now)
    expect(view.count).toBe(199)
    expect(view.queue).toHaveLength(HANDS_SHOWN_MAX + 1)
    expect(view.queue?.[0]).toMatchObject({ name: 'Person 9', state: 'accepted' })
    expect(withoutNames(view)).toEqual({ open: true, count: 199 })
  })
})
