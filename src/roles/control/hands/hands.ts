// Every raised hand of every space: in the database, so that a restart keeps the queue in its order and an accepted
// hand its seat; when a page last asked is kept in memory, and begins anew with the process.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { type HandId, idFromRandom, parseHandId, type SeatId, type SpaceId } from '../../../base/ids.ts'
import { type WallMillis, wallMillis } from '../../../base/units.ts'
import type { HandStanding, HandsView, RaisedHand } from '../../../core/api/api.ts'
import { addressBlock } from '../../../core/attempts/attempt-limit.ts'
import {
  acceptHand,
  declineHand,
  HANDS_MAX,
  type Hand,
  handsViewOf,
  isForgotten,
  queueOf,
  requireRoom,
  seatHand,
  standingOf,
  stateAt,
} from '../../../core/hand/hands.ts'
import { parseName } from '../../../core/seat/seats.ts'
import { hashSecret, isSecret, newSecret } from '../secrets.ts'
import type { SpaceRecord } from '../space-store.ts'
import type { HandStore, KeptHand } from './hand-store.ts'

/** Answers that wait for their pages, beside the hands that are up; the oldest go. */
const ANSWERED_MAX = HANDS_MAX
/** Spaces whose hands are kept at hand in memory; the one used longest ago is read again when it is needed. */
const SPACES_MAX = 64

interface Seen {
  readonly atMs: WallMillis
  /** Network from which it was last asked for; absent since the start of control. */
  readonly block?: string
}

interface Room {
  hands: readonly KeptHand[]
  readonly seen: Map<HandId, Seen>
}

export interface HandsOptions {
  readonly store: HandStore
  readonly clock: Clock
  /** What the stage is shown has changed. */
  readonly onChange: (space: SpaceId) => void
}

/** Owns the `hands` table. Synchronous: each call is done, and on disk, when it returns. */
export class Hands {
  readonly #options: HandsOptions
  readonly #startedAtMs: WallMillis
  readonly #rooms = new Map<SpaceId, Room>()

  constructor(options: HandsOptions) {
    this.#options = options
    this.#startedAtMs = options.clock.wall()
  }

  /** One more hand up. `conflict` while hands are closed, `too-many` where a limit is met, `bad-request` for a name. */
  raise(record: SpaceRecord, wanted: { readonly name: unknown; readonly address: string }): RaisedHand {
    const { facts } = record
    const name = parseName(wanted.name)
    const room = this.#roomOf(record)
    const now = this.#options.clock.wall()
    const block = addressBlock(wanted.address)
    const up = queueOf(handsIn(room))
    const fromAddress = up.filter(({ id }) => room.seen.get(id)?.block === block).length
    requireRoom(facts, { up: up.length, fromAddress })
    const token = newSecret()
    const id = parseHandId(idFromRandom(randomBytes(10)))
    // Never the time of another, so that the order of two that came together is the order in which they came.
    const raisedAtMs = wallMillis(Math.max(now, ...up.map((other) => other.raisedAtMs + 1)))
    const hand: Hand = { id, name, state: 'raised', raisedAtMs, changedAtMs: now }
    this.#keep(facts.id, room, { hand, tokenHash: hashSecret(token) })
    room.seen.set(id, { atMs: now, block })
    return { hand: id, token, standing: standingOf(hand, handsIn(room), now) }
  }

  /** How a hand stands. `gone` when there is none by this id and token (any more). */
  standing(record: SpaceRecord, id: HandId, token: string, address: string): HandStanding {
    const room = this.#roomOf(record)
    const { hand } = this.#own(room, id, token)
    const now = this.#options.clock.wall()
    room.seen.set(id, { atMs: now, block: addressBlock(address) })
    return standingOf(hand, handsIn(room), now)
  }

  /** Takes a hand down, for its owner; answers the seat that it led to, if it did. `gone` as above. */
  lower(record: SpaceRecord, id: HandId, token: string): SeatId | undefined {
    const room = this.#roomOf(record)
    const { hand } = this.#own(room, id, token)
    this.#forget(record.facts.id, room, [id])
    return hand.seat
  }

  /** Calls a hand onto the stage: its token now opens a seat. Throws as `acceptHand`; `gone` for an unknown one. */
  accept(record: SpaceRecord, id: HandId): void {
    const { seats } = record.facts
    this.#change(record, id, (hand, hands, now) => acceptHand(hand, { hands, seats, now }))
  }

  /** Tells a hand no. Throws as `declineHand`; `gone` for an unknown one. */
  decline(record: SpaceRecord, id: HandId): void {
    this.#change(record, id, (hand, _, now) => declineHand(hand, now))
  }

  /** Lowers every hand that is up. Who was called may still come. */
  lowerAll(record: SpaceRecord): void {
    const room = this.#roomOf(record)
    const now = this.#options.clock.wall()
    for (const hand of queueOf(handsIn(room))) {
      this.#replace(record.facts.id, room, { ...hand, state: 'lowered', changedAtMs: now })
    }
    this.#options.onChange(record.facts.id)
  }

  /** The hand whose token this is; undefined when it is none's. `gone` for one that does not open a seat now. */
  invited(record: SpaceRecord, token: string): HandId | undefined {
    const room = this.#roomOf(record)
    const kept = room.hands.find(({ tokenHash }) => isSecret(token, tokenHash))
    if (kept === undefined) return undefined
    seatHand(kept.hand, '' as SeatId, this.#options.clock.wall())
    return kept.hand.id
  }

  /** Spends the invitation of a hand: to be called in the transaction that takes the seat. `gone` when it was spent. */
  seat(record: SpaceRecord, id: HandId, seat: SeatId): Hand {
    let before: Hand | undefined
    this.#change(record, id, (hand, _, now) => {
      before = hand
      return seatHand(hand, seat, now)
    })
    return before as Hand
  }

  /** Takes {@link seat} back: the seat was not to be had after all. */
  unseat(record: SpaceRecord, before: Hand): void {
    this.#change(record, before.id, () => before)
  }

  /** What the stage is shown, with names. */
  view(record: SpaceRecord): HandsView {
    const room = this.#roomOf(record)
    return handsViewOf(handsIn(room), record.facts.handsOpen === true, this.#options.clock.wall())
  }

  #own(room: Room, id: HandId, token: string): KeptHand {
    const kept = room.hands.find(({ hand }) => hand.id === id)
    if (kept === undefined || !isSecret(token, kept.tokenHash)) throw noSuchHand()
    return kept
  }

  #change(
    record: SpaceRecord,
    id: HandId,
    change: (hand: Hand, hands: readonly Hand[], now: WallMillis) => Hand,
  ): void {
    const room = this.#roomOf(record)
    const kept = room.hands.find(({ hand }) => hand.id === id)
    if (kept === undefined) throw noSuchHand()
    this.#replace(record.facts.id, room, change(kept.hand, handsIn(room), this.#options.clock.wall()))
    this.#options.onChange(record.facts.id)
  }

  #replace(space: SpaceId, room: Room, hand: Hand): void {
    const kept = room.hands.find((other) => other.hand.id === hand.id) as KeptHand
    const next = { ...kept, hand }
    this.#options.store.save(space, next)
    room.hands = room.hands.map((other) => (other === kept ? next : other))
  }

  #keep(space: SpaceId, room: Room, kept: KeptHand): void {
    this.#options.store.save(space, kept)
    room.hands = [...room.hands, kept]
    this.#options.onChange(space)
  }

  #forget(space: SpaceId, room: Room, ids: readonly HandId[]): void {
    if (ids.length === 0) return
    for (const id of ids) {
      this.#options.store.delete(space, id)
      room.seen.delete(id)
    }
    room.hands = room.hands.filter(({ hand }) => !ids.includes(hand.id))
    this.#options.onChange(space)
  }

  /** The hands of a space, without those that time has taken down. */
  #roomOf({ facts }: SpaceRecord): Room {
    const room = this.#rooms.get(facts.id) ?? { hands: this.#options.store.of(facts.id), seen: new Map() }
    this.#rooms.delete(facts.id)
    this.#rooms.set(facts.id, room)
    if (this.#rooms.size > SPACES_MAX) this.#rooms.delete(this.#rooms.keys().next().value as SpaceId)
    this.#forget(facts.id, room, this.#forgettable(facts, room))
    return room
  }

  #forgettable(facts: SpaceRecord['facts'], room: Room): readonly HandId[] {
    const now = this.#options.clock.wall()
    const forgotten: HandId[] = []
    const answered: Hand[] = []
    for (const { hand } of room.hands) {
      const seenAtMs = room.seen.get(hand.id)?.atMs ?? this.#startedAtMs
      if (isForgotten(hand, { facts, now, seenAtMs })) forgotten.push(hand.id)
      else if (['declined', 'lowered', 'expired'].includes(stateAt(hand, now))) answered.push(hand)
    }
    const tooMany = Math.max(0, answered.length - ANSWERED_MAX)
    answered.sort((a, b) => a.changedAtMs - b.changedAtMs)
    return [...forgotten, ...answered.slice(0, tooMany).map(({ id }) => id)]
  }
}

const handsIn = (room: Room): readonly Hand[] => room.hands.map(({ hand }) => hand)

const noSuchHand = () => new MimbarError('gone', 'This hand is not up any more.')
