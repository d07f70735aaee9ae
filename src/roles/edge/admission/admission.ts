// The door's keeper on one edge: lets people in or gives them a place, tells the other edges how things stand, and
// answers everyone who waits from memory. What it decides by is in `core/door`; nothing here is waited for.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { type WallMillis, wallMillis } from '../../../base/units.ts'
import type { EdgeShare } from '../../../core/capacity/edge-share.ts'
import { judgeJoin } from '../../../core/door/admission.ts'
import { DoorLine, type DoorReport } from '../../../core/door/door-line.ts'
import { LineWatch } from '../../../core/door/line-watch.ts'
import { NoRoom } from '../../../core/door/no-room.ts'
import {
  readTicket,
  TICKET_ID_BYTES,
  type Ticket,
  type TicketMac,
  writeTicket,
} from '../../../core/door/ticket.ts'
import { TokenBuckets } from '../../../core/door/token-buckets.ts'
import { UnshownPlaces } from '../../../core/door/unshown-places.ts'
import { type LineView, TICKET_PARAMETER } from '../../../core/door/waiting.ts'
import { WaitingBook } from '../../../core/door/waiting-book.ts'
import { NOBODY_WAITS, type WaitingSample } from '../../../core/door/waiting-sample.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { CACHE, MEDIA_CORS } from '../answers.ts'
import type { DoorCounters, TurnedAway } from './door-counters.ts'
import { Sessions } from './sessions.ts'

export interface AdmissionOptions {
  readonly edgeId: string
  /** The first signs; all verify. */
  readonly macs: readonly [TicketMac, ...TicketMac[]]
  readonly share: () => EdgeShare
  /** Listeners that the operator allows the node; 0: what the machine allows. */
  readonly listenersMax: number
  /** Slots taken on this edge: streams, and players that poll. */
  readonly taken: () => number
  /** How late this edge is with what it owes to listeners. */
  readonly isLate: () => boolean
  /** Somebody was let in while room is getting short: the others should hear of it soon. */
  readonly onNear: () => void
  readonly counters: DoorCounters
  readonly clock: Clock
  /** A line that a person would act on. */
  readonly log: (line: string) => void
}

/** Who was let in. */
export interface Admitted {
  /** To be shown on return. */
  readonly ticket: string
  /** It is at its slot now, and counted among those. `dismiss` ends it, when its ticket is used elsewhere. */
  seated(dismiss: () => void): void
  /** It has gone, or never came to its slot. */
  left(): void
}

/** A place counts as waiting for so many of the periods in which its holder shows it; see `waiting.ts`. */
const COUNTED_SHOWS = 2.5
/** Who was let in and has no stream after this long went away in between. */
const SEATING_MS = 5_000
/** The line is worked out this seldom: as long as caches keep it. */
const LINE_VIEW_MS = 1_000
/** Who has nothing to ask for longer needs no connection in the meantime. */
const CONNECTION_KEPT_MS = 5_000
/** Who was called and finds no room yet comes back within this many seconds, at most. */
const CALLED_SPREAD_S = 8
/** Players that know nothing of lines try so often at least: for longer, the place of one without a ticket isn't kept. */
const RETRY_S_MAX = 30

export class Admission {
  readonly #options: AdmissionOptions
  readonly #line: DoorLine
  readonly #book = new WaitingBook()
  readonly #watch = new LineWatch()
  readonly #unshown = new UnshownPlaces()
  readonly #pace = new TokenBuckets(1)
  readonly #sessions = new Sessions()
  /** Let in, and not among `taken` yet; by when. */
  readonly #seating = new Map<object, number>()
  #cameIn = 0
  /** Taken once a second: a report in between tells the same of who waits. */
  #sample: WaitingSample = NOBODY_WAITS
  #lineView: LineView | undefined

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#line = new DoorLine({ edge: options.edgeId, listenersMax: options.listenersMax })
  }

  /** How many wait, on all edges. */
  get waiting(): number {
    return this.#line.waiting
  }

  /**
   * Lets `visitor` (a key by which players that keep no tickets are known) in to `facts`' space, by the ticket in `url`
   * if there is one; throws {@link NoRoom}.
   */
  admit(url: URL, facts: SpaceFacts, visitor: string): Admitted {
    const { clock, counters } = this.#options
    const now = clock.wall()
    const asked = this.#asked(url, facts, visitor, now)
    const { ticket, isShown } = asked
    const why = this.#refusal(ticket, now)
    if (why !== undefined) throw this.#turnAway(asked, why, now)
    const kind = ticket?.kind ?? 'new'
    counters.admitted[kind] += 1
    if (kind === 'place') this.#cameIn += 1
    if (ticket !== undefined) this.#book.left(ticket.id)
    if (asked.visitor !== undefined) this.#unshown.forget(visitorKey(facts, asked.visitor))
    return this.#admitted(ticket ?? newPlace(now), facts, isShown, now)
  }

  /** A place for somebody who isn't even asked in: from an address that joins too often. */
  placeFor(url: URL, facts: SpaceFacts, visitor: string): NoRoom {
    const now = this.#options.clock.wall()
    return this.#turnAway(this.#asked(url, facts, visitor, now), 'address', now)
  }

  /** Who holds the ticket in `text`: a word that stands for one listener of the space; undefined for no ticket of ours. */
  holderOf(text: string, facts: SpaceFacts): string | undefined {
    return readTicket(this.#options.macs, facts.id, text, this.#options.clock.wall())?.id
  }

  /** `LineView`, the same bytes for everyone in the same second. */
  lineAnswer(request: Request): Response {
    this.#options.counters.lineAnswers += 1
    return new Response(request.method === 'HEAD' ? null : JSON.stringify(this.#view()), {
      headers: { ...MEDIA_CORS, 'Content-Type': 'application/json', 'Cache-Control': CACHE.line },
    })
  }

  /** An edge has reported; this one's own reports come back too. */
  learn(edge: string, atMs: WallMillis, door: DoorReport | undefined): void {
    if (edge === this.#options.edgeId) this.#line.echoed(this.#options.clock.wall())
    else this.#line.learn(edge, atMs, door)
  }

  /** Once a second: the line moves on. */
  move(): void {
    const now = this.#options.clock.wall()
    for (const [one, until] of this.#seating)
      if (until <= this.#options.clock.now()) this.#seating.delete(one)
    this.#sample = this.#book.sample(this.#line.cutoff, now)
    this.#line.move(this.report(), now)
    this.#lineView = undefined
    const { waiting, calledPerSecond } = this.#line
    const said = this.#watch.observe(waiting, calledPerSecond, now)
    // One edge's word is enough.
    if (said !== undefined && this.#line.isMover) this.#options.log(said)
  }

  /** What the other edges are told. */
  report(): DoorReport {
    const { share, isLate } = this.#options
    const { streamsMax, joinsPerSecond } = share()
    return {
      streamsMax,
      joinsPerSecond: isLate() ? 0 : joinsPerSecond,
      taken: this.#taken(),
      cutoffMs: this.#line.cutoff,
      called: this.#line.called,
      calledPerSecond: this.#line.calledPerSecond,
      cameIn: this.#cameIn,
      waiting: this.#sample,
    }
  }

  #asked(url: URL, facts: SpaceFacts, visitor: string, now: WallMillis): Asked {
    const text = url.searchParams.get(TICKET_PARAMETER)
    // Hundreds behind one address look alike; only who keeps no ticket has to be known by looks.
    if (text === null) {
      return { facts, visitor, ticket: this.#arrived(facts, visitor, now), isShown: false }
    }
    const ticket = text === '' ? undefined : this.#shown(text, facts, now)
    return { facts, visitor: undefined, ticket, isShown: ticket !== undefined }
  }

  #shown(text: string, facts: SpaceFacts, now: WallMillis): Ticket | undefined {
    const ticket = readTicket(this.#options.macs, facts.id, text, now)
    // Forged, expired, or for another space: whoever shows it is as welcome as anyone who arrives now.
    if (ticket === undefined) this.#options.counters.ticketsRefused += 1
    if (ticket?.kind !== 'return' || this.#sessions.mayReturn(ticket.id, this.#options.clock.now())) {
      return ticket
    }
    // Shown so often, it is many people's: they arrive now, like everyone else.
    this.#options.counters.ticketsShared += 1
    return undefined
  }

  /** The place of a visitor who shows none, if he was given one lately that nobody has shown: anew, of the same time. */
  #arrived(facts: SpaceFacts, visitor: string, now: WallMillis): Ticket | undefined {
    const before = this.#unshown.find(visitorKey(facts, visitor), now)
    if (before === undefined || this.#book.isShown(before.id)) return undefined
    this.#book.left(before.id)
    return { kind: 'place', arrivedAtMs: before.arrivedAtMs, id: newTicketId() }
  }

  #refusal(ticket: Ticket | undefined, now: WallMillis): TurnedAway | undefined {
    const { share, clock, isLate, onNear } = this.#options
    const { streamsMax, returningMax, joinsPerSecond } = share()
    const verdict = judgeJoin(ticket ?? ARRIVAL, {
      streamsMax,
      returningMax,
      taken: this.#taken(),
      node: this.#line.room(streamsMax, now),
      cutoffMs: this.#line.cutoff,
      called: this.#line.called,
      hasLine: this.#hasLine(),
      isLate: isLate(),
    })
    if (verdict.kind === 'wait') return verdict.why
    const budget = { perSecond: joinsPerSecond, burst: Math.max(1, joinsPerSecond) }
    if (this.#pace.take('', budget, clock.now()) > 0) return 'pace'
    if (verdict.isNear) onNear()
    return undefined
  }

  #admitted(ticket: Ticket, facts: SpaceFacts, isReturning: boolean, now: WallMillis): Admitted {
    const key = {}
    this.#seating.set(key, this.#options.clock.now() + SEATING_MS)
    let release: (() => void) | undefined
    return {
      ticket: writeTicket(this.#options.macs[0], facts.id, { ...ticket, kind: 'return' }, now),
      seated: (dismiss) => {
        this.#seating.delete(key)
        if (isReturning) release = this.#sessions.enter(ticket.id, dismiss)
      },
      left: () => {
        this.#seating.delete(key)
        release?.()
      },
    }
  }

  #turnAway({ facts, visitor, isShown, ...asked }: Asked, why: TurnedAway, now: WallMillis): NoRoom {
    const { counters, macs } = this.#options
    const ticket = asked.ticket ?? newPlace(now)
    const line = this.#view()
    const countedUntil = wallMillis(now + COUNTED_SHOWS * line.showAgainMs)
    if (!isShown) {
      this.#book.gave(ticket.id, ticket.arrivedAtMs, countedUntil)
      if (visitor !== undefined) this.#unshown.gave(visitorKey(facts, visitor), ticket, now)
    } else if (ticket.kind === 'place') {
      this.#book.saw(ticket.id, ticket.arrivedAtMs, countedUntil)
    }
    if (this.#sample.places.length === 0 && this.#book.size > 0) {
      // The first one who waits: arrivals on the other edges stand behind.
      this.#sample = this.#book.sample(this.#line.cutoff, now)
      this.#options.onNear()
    }
    counters.turnedAway[why] += 1
    const text = writeTicket(macs[0], facts.id, ticket, now)
    const isNext = ticket.kind === 'return' || ticket.arrivedAtMs < this.#line.cutoff
    const spreadS = isNext ? this.#calledSpreadS() : Math.min(RETRY_S_MAX - 1, line.askAgainMs / 1_000)
    return new NoRoom({
      place: { ticket: text, arrivedAtMs: ticket.arrivedAtMs },
      line,
      retryAfterS: 1 + Math.floor(Math.random() * (Math.ceil(spreadS) + 1)),
      // A connection that stays would bring the next try to the same edge.
      endsConnection: why === 'full-here' || (!isNext && line.askAgainMs > CONNECTION_KEPT_MS),
    })
  }

  /** Those who were called share what may come in: about as long as it takes for all of them. */
  #calledSpreadS(): number {
    const seconds = this.#line.called / Math.max(1, this.#options.share().joinsPerSecond)
    return Math.min(CALLED_SPREAD_S, Math.max(1, seconds))
  }

  /** The same for everyone in the same second. */
  #view(): LineView {
    const now = this.#options.clock.wall()
    if (this.#lineView === undefined || now - this.#lineView.nowMs >= LINE_VIEW_MS) {
      this.#lineView = this.#line.view(now)
    }
    return this.#lineView
  }

  #taken(): number {
    return this.#options.taken() + this.#seating.size
  }

  #hasLine(): boolean {
    return this.#book.size > 0 || this.#line.waiting > 0
  }
}

const ARRIVAL = { kind: 'new' } as const

/** Who asked, and with what. */
interface Asked {
  readonly ticket: Ticket | undefined
  readonly facts: SpaceFacts
  /** Of a player that keeps no ticket. */
  readonly visitor: string | undefined
  readonly isShown: boolean
}

function newPlace(now: WallMillis): Ticket {
  return { kind: 'place', arrivedAtMs: wallMillis(Math.round(now)), id: newTicketId() }
}

const visitorKey = (facts: SpaceFacts, visitor: string): string => `${facts.id} ${visitor}`

/** Unguessable, and evenly spread: what is sampled is chosen by it. */
function newTicketId(): string {
  return randomBytes(TICKET_ID_BYTES).toString('base64url')
}
