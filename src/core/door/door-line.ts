// The line before the door, as every edge of a node works it out from the reports of all. One of them, the lowest id
// whose report is fresh, moves the cutoff once a second; the others take over the highest that they hear of. So the
// cutoff never goes back, every edge keeps it, and the death of whoever moved it costs no more than a few seconds. While
// reports don't get round (the log is restarting), it stands still.
//
//     slots in all − taken − kept for those who were called and are on their way = room
//     the cutoff moves past as many of those who wait as there is room for, and as may come in within that time

import { type WallMillis, wallMillis } from '../../base/units.ts'
import { isFresh } from '../space/freshness.ts'
import { CallLedger, ROOM_KEPT_MS } from './call-ledger.ts'
import type { LineView } from './waiting.ts'
import { AGAIN_MS_MAX } from './waiting-answers.ts'
import {
  countBefore,
  gatherCrowd,
  momentBefore,
  sizeOf,
  type WaitingCrowd,
  type WaitingSample,
} from './waiting-sample.ts'

/** What an edge tells the others of its door; `door` in its report. */
export interface DoorReport {
  /** Listeners that it may carry, and how many it may let in per second. */
  readonly streamsMax: number
  readonly joinsPerSecond: number
  /** Slots taken: streams, and players that poll. */
  readonly taken: number
  readonly cutoffMs: WallMillis
  /** Called, and not come yet, as whoever moves the cutoff reckons. */
  readonly called: number
  /** People called per second of late, likewise. */
  readonly calledPerSecond: number
  /** How many have come in with a place since this edge started. */
  readonly cameIn: number
  readonly waiting: WaitingSample
}

/** Nobody waits: the cutoff follows the clock at this distance, within which all edges have told of who came. */
export const UNREPORTED_MS = 2_000
/** For the rate that is shown: a mean over about this long. */
const RATE_OVER_MS = 10_000
/** The line of those who wait is told in at most so many straight pieces. */
export const LINE_POINTS_MAX = 32
/**
 * A waiting player shows its place so often: seldom enough that they are no more than this many in a second at one
 * edge, since each is a handshake, and those who arrive need them more.
 */
const SHOWS_PER_S = 200
const SHOW_AGAIN_MS = [10_000, AGAIN_MS_MAX] as const
/** And asks for the line so often in between, likewise. In a long line it seldom comes to that. */
const LINE_ASKS_PER_S = 100
const ASK_AGAIN_MS = [2_000, AGAIN_MS_MAX] as const

interface Known {
  readonly atMs: WallMillis
  readonly door: DoorReport
}

/** Room in the node as this edge knows it. */
export interface NodeRoom {
  /** Listeners that the node may carry: what all fresh edges may, or the operator's limit if that is less. */
  readonly max: number
  /** Taken on other edges. */
  readonly takenElsewhere: number
  /** The same without edges that have missed a report: their listeners are coming back. */
  readonly takenByPrompt: number
  /** Edges with a fresh report, this one included. */
  readonly edges: number
  /** Age of the oldest of the other edges' reports, ms. */
  readonly toldAgoMs: number
}

/** An edge that has said nothing for longer may be dead, and its listeners at the other doors already. */
const PROMPT_MS = 1_500

export class DoorLine {
  readonly #edge: string
  /** 0: what the machine allows. */
  readonly #listenersMax: number
  readonly #known = new Map<string, Known>()
  readonly #ledger = new CallLedger()
  #cutoff: WallMillis = wallMillis(0)
  #calledPerSecond = 0
  #credit = 0
  #isMover = false
  #echoedAt: WallMillis | undefined
  #movedAt: WallMillis | undefined
  #crowd: WaitingCrowd = { arrivals: [], weight: 1, from: wallMillis(0) }

  constructor(options: { readonly edge: string; readonly listenersMax: number }) {
    this.#edge = options.edge
    this.#listenersMax = options.listenersMax
  }

  /** Who arrived before this is let in. */
  get cutoff(): WallMillis {
    return this.#cutoff
  }

  /** How many wait, on all edges. */
  get waiting(): number {
    return sizeOf(this.#crowd)
  }

  /** True for the one edge that moves the cutoff. */
  get isMover(): boolean {
    return this.#isMover
  }

  get called(): number {
    return this.#ledger.outstanding
  }

  get calledPerSecond(): number {
    return this.#calledPerSecond
  }

  /** An edge has reported; its cutoff counts however old the report is. */
  learn(edge: string, atMs: WallMillis, door: DoorReport | undefined): void {
    if (door === undefined) {
      this.#known.delete(edge)
      return
    }
    this.#known.set(edge, { atMs, door })
    this.#cutoff = wallMillis(Math.max(this.#cutoff, door.cutoffMs))
    // That somebody waits is known at once; how many, with the next second.
    if (this.#crowd.arrivals.length === 0) this.#crowd = gatherCrowd([door.waiting], this.#cutoff)
  }

  /** This edge's own report came back to it: what is told gets round. */
  echoed(now: WallMillis): void {
    this.#echoedAt = now
  }

  /** Once a second, with this edge's own report of now: moves the cutoff if that falls to this edge. */
  move(own: DoorReport, now: WallMillis): void {
    this.learn(this.#edge, now, own)
    for (const [edge, { atMs }] of this.#known) if (now - atMs > FORGOTTEN_MS) this.#known.delete(edge)
    const fresh = [...this.#known].filter(
      ([edge, { atMs }]) => edge === this.#edge || this.#counts(atMs, now),
    )
    const reports = fresh.map(([, { door }]) => door)
    this.#crowd = gatherCrowd(
      reports.map((door) => door.waiting),
      this.#cutoff,
    )
    const leader = fresh.reduce((least, [edge]) => (edge < least ? edge : least), this.#edge)
    const sinceMs = this.#movedAt === undefined ? 1_000 : Math.min(2_000, Math.max(0, now - this.#movedAt))
    this.#movedAt = now
    for (const [edge, { door }] of fresh) this.#ledger.cameIn(edge, door.cameIn)
    this.#isMover = leader === this.#edge && this.#isHeard(now)
    if (!this.#isHeard(now)) return
    if (this.#isMover) this.#advance(reports, sinceMs, now)
    else this.#follow(this.#known.get(leader)?.door, now)
  }

  /** The room in the node, with what this edge, which may carry `streamsMax`, knows of the others. */
  room(streamsMax: number, now: WallMillis): NodeRoom {
    let max = streamsMax
    let takenElsewhere = 0
    let takenByPrompt = 0
    let edges = 1
    let toldAgoMs = 0
    for (const [edge, { atMs, door }] of this.#known) {
      if (edge === this.#edge || !this.#counts(atMs, now)) continue
      max += door.streamsMax
      takenElsewhere += door.taken
      if (now - atMs <= PROMPT_MS) takenByPrompt += door.taken
      edges += 1
      toldAgoMs = Math.max(toldAgoMs, now - atMs)
    }
    const limit = this.#listenersMax === 0 ? max : Math.min(max, this.#listenersMax)
    return { max: limit, takenElsewhere, takenByPrompt, edges, toldAgoMs }
  }

  /** What everyone who waits is told. */
  view(now: WallMillis): LineView {
    return {
      nowMs: wallMillis(Math.round(now)),
      admittedBeforeMs: this.#cutoff,
      waiting: this.waiting,
      admittedPerSecond: Math.round(this.#calledPerSecond * 100) / 100,
      arrivals: pointsOf(this.#crowd),
      ...this.#periods(),
    }
  }

  #periods(): Pick<LineView, 'askAgainMs' | 'showAgainMs'> {
    return {
      askAgainMs: within(ASK_AGAIN_MS, (this.#waitingPerEdge() / LINE_ASKS_PER_S) * 1_000),
      showAgainMs: within(SHOW_AGAIN_MS, (this.#waitingPerEdge() / SHOWS_PER_S) * 1_000),
    }
  }

  #waitingPerEdge(): number {
    return this.waiting / Math.max(1, this.#known.size)
  }

  /** While nothing gets round, the others are as they were: alone, each edge would hand out the room of all. */
  #counts(atMs: WallMillis, now: WallMillis): boolean {
    return isFresh(atMs, now) || !this.#isHeard(now)
  }

  #isHeard(now: WallMillis): boolean {
    return this.#echoedAt !== undefined && isFresh(this.#echoedAt, now)
  }

  #advance(reports: readonly DoorReport[], sinceMs: number, now: WallMillis): void {
    const sum = (of: (door: DoorReport) => number) => reports.reduce((total, door) => total + of(door), 0)
    this.#ledger.expire(now)
    const machine = sum((door) => door.streamsMax)
    const max = this.#listenersMax === 0 ? machine : Math.min(machine, this.#listenersMax)
    const room = Math.max(0, max - sum((door) => door.taken) - this.#ledger.outstanding)
    const perSecond = sum((door) => door.joinsPerSecond)
    this.#credit = Math.min(perSecond, this.#credit + (perSecond * sinceMs) / 1_000)
    const people = Math.min(room, Math.floor(this.#credit))
    let called = 0
    if (people > 0) {
      const isEmpty = this.#crowd.arrivals.length === 0
      const to = isEmpty ? now - UNREPORTED_MS : momentBefore(this.#crowd, people)
      const cutoff = wallMillis(Math.max(this.#cutoff, Math.min(now, to)))
      called = countBefore(this.#crowd, cutoff)
      // Below zero when more came in one millisecond than may come in: they are paid for before the next.
      this.#credit -= called
      this.#cutoff = cutoff
      this.#ledger.call(called, wallMillis(now + ROOM_KEPT_MS))
      this.#crowd = after(this.#crowd, cutoff)
    }
    const share = Math.min(1, sinceMs / RATE_OVER_MS)
    const rate = sinceMs === 0 ? 0 : (called * 1_000) / sinceMs
    this.#calledPerSecond += share * (rate - this.#calledPerSecond)
  }

  /** Somebody else moves the cutoff: what it reckons is kept, for the case that it dies. */
  #follow(leader: DoorReport | undefined, now: WallMillis): void {
    if (leader === undefined) return
    this.#ledger.takeOver(leader.called, wallMillis(now + ROOM_KEPT_MS))
    this.#calledPerSecond = leader.calledPerSecond
    this.#credit = 0
  }
}

/** Reports of edges that are long gone; until then their cutoff was learned. */
const FORGOTTEN_MS = 60_000

function after({ arrivals, weight }: WaitingCrowd, cutoff: WallMillis): WaitingCrowd {
  return { arrivals: arrivals.filter((at) => at >= cutoff), weight, from: cutoff }
}

function pointsOf(crowd: WaitingCrowd): LineView['arrivals'] {
  const { arrivals } = crowd
  const first = arrivals[0]
  if (first === undefined) return []
  const every = Math.ceil(arrivals.length / (LINE_POINTS_MAX - 1))
  const points = arrivals
    .map((atMs, index) => ({ atMs, before: Math.round(index * crowd.weight), index }))
    .filter(({ index }) => index % every === 0)
    .map(({ atMs, before }) => ({ atMs, before }))
  return [...points, { atMs: wallMillis((arrivals.at(-1) as number) + 1), before: sizeOf(crowd) }]
}

function within([least, most]: readonly [number, number], ms: number): number {
  return Math.round(Math.min(most, Math.max(least, ms)))
}
