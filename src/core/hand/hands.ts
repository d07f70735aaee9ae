// Listeners who ask to speak. A hand is raised, waits in the queue, and is accepted or declined by who runs the room;
// accepted, it opens one seat, once, for a while.
//
//     raised ──accept──► accepted ──seat──► seated ──left──► (forgotten)
//       │ └──decline──► declined     └──time──► expired
//       └──lower all──► lowered
//
// A hand whose page has not asked for a while is forgotten: a queue of people who have gone helps nobody.

import { MimbarError } from '../../base/errors.ts'
import type { HandId, SeatId } from '../../base/ids.ts'
import type { WallMillis } from '../../base/units.ts'
import type { HandInQueue, HandStanding, HandsView } from '../api/api.ts'
import { SEATS_MAX, type SpaceFacts } from '../space/facts.ts'

/** Hands that are up in one space; beyond it, `too-many`. */
export const HANDS_MAX = 200
/** Of them from one address (IPv4 /32, IPv6 /64), so that one network does not fill the queue. */
export const HANDS_PER_ADDRESS_MAX = 20
/** Hands in their order that the stage page is shown; it is told how many there are in all. */
export const HANDS_SHOWN_MAX = 50
/** How long an accepted hand opens a seat. */
export const HAND_OFFER_MS = 120_000
/** A page asks this often how its hand stands, so 200 hands ask 50 times a second. */
export const HAND_ASK_AGAIN_MS = 4_000
/** A page that has not asked for this long is gone. Browsers wake a hidden page once a minute. */
export const HAND_SILENT_MS = 150_000
/** An answer waits this long for a page that was away. */
export const HAND_ANSWER_KEPT_MS = 600_000

export interface Hand {
  readonly id: HandId
  readonly name: string
  readonly state: 'raised' | 'accepted' | 'seated' | 'declined' | 'lowered'
  readonly raisedAtMs: WallMillis
  /** When it came to this state. */
  readonly changedAtMs: WallMillis
  /** Where it led to. Present once seated. */
  readonly seat?: SeatId
}

/** The state at `now`: an offer that nobody took has expired. */
export function stateAt({ state, changedAtMs }: Hand, now: WallMillis): HandStanding['state'] {
  return state === 'accepted' && now - changedAtMs >= HAND_OFFER_MS ? 'expired' : state
}

/** True once nobody needs to know of `hand` any more: of none, once the space has ended. `seenAtMs`: when its page last asked. */
export function isForgotten(
  hand: Hand,
  {
    facts,
    now,
    seenAtMs,
  }: { facts: Pick<SpaceFacts, 'phase' | 'seats'>; now: WallMillis; seenAtMs: WallMillis },
): boolean {
  if (facts.phase === 'ended') return true
  switch (stateAt(hand, now)) {
    case 'raised':
      return now - seenAtMs >= HAND_SILENT_MS
    case 'accepted':
      return false
    case 'seated':
      return !facts.seats.some(({ id }) => id === hand.seat)
    default:
      return now - hand.changedAtMs >= HAND_ANSWER_KEPT_MS
  }
}

/** Those that are up, in the order in which they are called. */
export function queueOf(hands: readonly Hand[]): readonly Hand[] {
  return hands
    .filter(({ state }) => state === 'raised')
    .sort((a, b) => a.raisedAtMs - b.raisedAtMs || (a.id < b.id ? -1 : 1))
}

/** What the page of `hand` is told, among all `hands` of its space. */
export function standingOf(hand: Hand, hands: readonly Hand[], now: WallMillis): HandStanding {
  const state = stateAt(hand, now)
  const place = queueOf(hands).findIndex(({ id }) => id === hand.id) + 1
  return {
    state,
    ...(state === 'raised' ? { place } : {}),
    ...(state === 'accepted' ? { expiresInMs: hand.changedAtMs + HAND_OFFER_MS - now } : {}),
    askAgainMs: HAND_ASK_AGAIN_MS,
  }
}

/** Throws unless one more hand may go up: `conflict` while hands are closed, `too-many` where a limit is met. */
export function requireRoom(
  facts: Pick<SpaceFacts, 'phase' | 'handsOpen'>,
  { up, fromAddress }: { up: number; fromAddress: number },
): void {
  requireHandsOpen(facts)
  if (up >= HANDS_MAX) throw new MimbarError('too-many', 'Too many hands are up already; try again later.')
  if (fromAddress >= HANDS_PER_ADDRESS_MAX) {
    throw new MimbarError('too-many', 'Too many hands are up from your network; try again later.')
  }
}

/** `gone` once the space has ended, `conflict` while nobody may raise a hand. Edges ask before anyone else does. */
export function requireHandsOpen({ phase, handsOpen }: Pick<SpaceFacts, 'phase' | 'handsOpen'>): void {
  if (phase === 'ended') throw new MimbarError('gone', 'This space has ended.')
  if (handsOpen !== true) throw new MimbarError('conflict', 'Nobody can raise a hand right now.')
  if (phase === 'scheduled') throw new MimbarError('conflict', 'This space is not open yet.')
}

/**
 * `hand`, called onto the stage; called again, the time begins anew. `conflict` for one that is not up any more,
 * `too-many` when no seat is left for all `hands` that were called.
 */
export function acceptHand(
  hand: Hand,
  { hands, seats, now }: { hands: readonly Hand[]; seats: SpaceFacts['seats']; now: WallMillis },
): Hand {
  const state = stateAt(hand, now)
  if (state !== 'raised' && state !== 'accepted') throw notUp()
  const called = hands.filter((other) => other.id !== hand.id && stateAt(other, now) === 'accepted')
  if (seats.length + called.length >= SEATS_MAX) {
    throw new MimbarError('too-many', `All ${SEATS_MAX} seats of this stage are taken or promised.`)
  }
  return { ...hand, state: 'accepted', changedAtMs: now }
}

/** `hand`, told no; also one that was called and has not come yet. `conflict` for one that is not up any more. */
export function declineHand(hand: Hand, now: WallMillis): Hand {
  const state = stateAt(hand, now)
  if (state !== 'raised' && state !== 'accepted' && state !== 'expired') throw notUp()
  return { ...hand, state: 'declined', changedAtMs: now }
}

/** `hand`, on its seat. `gone` for one that was not called, or came too late, or came before. */
export function seatHand(hand: Hand, seat: SeatId, now: WallMillis): Hand {
  if (stateAt(hand, now) !== 'accepted') {
    throw new MimbarError('gone', 'This invitation was used, or its time is over. Raise your hand again.')
  }
  return { ...hand, state: 'seated', seat, changedAtMs: now }
}

/** What the stage page is shown: to those who run the room. See {@link withoutNames} for the others. */
export function handsViewOf(hands: readonly Hand[], open: boolean, now: WallMillis): HandsView {
  const called = hands.filter((hand) => stateAt(hand, now) === 'accepted')
  const queue = queueOf(hands)
  return { open, count: queue.length, queue: [...called, ...queue.slice(0, HANDS_SHOWN_MAX)].map(shown) }
}

/** What everybody else on stage is shown. */
export function withoutNames({ open, count }: HandsView): HandsView {
  return { open, count }
}

function shown({ id, name, state, raisedAtMs }: Hand): HandInQueue {
  return { id, name, state: state === 'accepted' ? 'accepted' : 'raised', raisedAtMs }
}

const notUp = () => new MimbarError('conflict', 'This hand is not up any more.')
