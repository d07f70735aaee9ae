// Several edges' doors before one crowd, with a clock of our own; people ask as players do.

import { createHmac } from 'node:crypto'
import { parseSpaceId } from '../../src/base/ids.ts'
import { millis, wallMillis } from '../../src/base/units.ts'
import { NoRoom } from '../../src/core/door/no-room.ts'
import type { GivenPlace, LineView } from '../../src/core/door/waiting.ts'
import type { SpaceFacts } from '../../src/core/space/facts.ts'
import { Admission, type Admitted } from '../../src/roles/edge/admission/admission.ts'
import { type DoorCounters, newDoorCounters } from '../../src/roles/edge/admission/door-counters.ts'

const START_MS = 1_800_000_000_000
const mac = (message: string) => createHmac('sha256', 'k').update(message).digest('base64url')
const spaceOf = (id: string): SpaceFacts => ({
  id: parseSpaceId(id),
  title: id,
  phase: 'live',
  recorded: false,
  createdAtMs: wallMillis(START_MS),
  gridStartMs: wallMillis(START_MS),
  seats: [],
})
export const SPACE = spaceOf('room')
export const OTHER_SPACE = spaceOf('other')

/** One of them. */
export interface Edge {
  readonly id: string
  readonly admission: Admission
  readonly counters: DoorCounters
  taken: number
  alive: boolean
  /** It has something to tell soon. */
  isTelling: boolean
}

export interface DoorNodeOptions {
  readonly edges?: number
  readonly listenersMax: number
  readonly joinsPerSecond?: number
}

/** Edges of one node; what they tell each other goes by hand. */
export class DoorNode {
  now = START_MS
  readonly edges: Edge[] = []
  readonly #options: DoorNodeOptions

  constructor(options: DoorNodeOptions) {
    this.#options = options
    for (let n = 0; n < (options.edges ?? 2); n++) this.edges.push(this.#edge(`edge-${n}`))
  }

  #edge(id: string): Edge {
    const counters = newDoorCounters()
    const admission = new Admission({
      edgeId: id,
      macs: [mac],
      share: () => ({
        streamsMax: 1_000_000,
        joinsPerSecond: this.#options.joinsPerSecond ?? 1_000,
        prefersLow: false,
        plainPlaylists: false,
      }),
      listenersMax: this.#options.listenersMax,
      taken: () => edge.taken,
      isLate: () => false,
      onNear: () => {
        edge.isTelling = true
      },
      counters,
      log: () => {},
      clock: { wall: () => wallMillis(this.now), now: () => millis(this.now - START_MS) },
    })
    const edge: Edge = { id, admission, counters, taken: 0, alive: true, isTelling: false }
    return edge
  }

  get living(): readonly Edge[] {
    return this.edges.filter((edge) => edge.alive)
  }

  get inside(): number {
    return this.living.reduce((sum, edge) => sum + edge.taken, 0)
  }

  tell(from: Edge): void {
    const report = from.admission.report()
    for (const edge of this.living) edge.admission.learn(from.id, wallMillis(this.now), report)
  }

  /** A second passes: every edge moves the line and tells the others. */
  second(): void {
    this.now += 1_000
    for (const edge of this.living) {
      edge.admission.move()
      this.tell(edge)
    }
  }

  /** A moment passes: edges that have something to tell do so. */
  moment(): void {
    for (const edge of this.living.filter((one) => one.isTelling)) {
      edge.isTelling = false
      this.tell(edge)
    }
  }

  kill(edge: Edge): void {
    edge.alive = false
    edge.taken = 0
  }

  /** Comes back with nothing but what the others tell. */
  revive(edge: Edge): void {
    this.edges[this.edges.indexOf(edge)] = this.#edge(edge.id)
  }

  line(edge: Edge = this.living[0] as Edge): Promise<LineView> {
    return edge.admission.lineAnswer(new Request('http://x/live/room/line')).json() as Promise<LineView>
  }
}

/** Somebody who wants to hear, as a player does: keeps the last ticket and shows it. */
export class Person {
  readonly name: string
  ticket: string | undefined
  arrivedAtMs: number | undefined
  /** What the last refusal said. */
  given: { readonly place: GivenPlace; readonly retryAfterMs: number } | undefined
  #inside: { readonly edge: Edge; readonly admitted: Admitted } | undefined
  isDismissed = false
  readonly #keepsTickets: boolean

  /** `keepsTickets`: says from the beginning that it will show what it is given, as our player does. */
  constructor(name: string, keepsTickets = false) {
    this.name = name
    this.#keepsTickets = keepsTickets
  }

  get isInside(): boolean {
    return this.#inside !== undefined
  }

  ask(edge: Edge, space = SPACE): boolean {
    const says = this.#keepsTickets ? '?ticket=' : ''
    const query = this.ticket === undefined ? says : `?ticket=${this.ticket}`
    try {
      const admitted = edge.admission.admit(new URL(`http://x/live/room/opus.mp4${query}`), space, this.name)
      this.#inside = { edge, admitted }
      this.ticket = admitted.ticket
      admitted.seated(() => {
        this.isDismissed = true
        this.leave()
      })
      edge.taken += 1
      return true
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error
      this.ticket = error.place.ticket
      this.arrivedAtMs = error.place.arrivedAtMs
      const { place, line, retryAfterS } = error
      this.given = { place: { ...place, line }, retryAfterMs: retryAfterS * 1_000 }
      return false
    }
  }

  leave(): void {
    if (this.#inside === undefined) return
    this.#inside.admitted.left()
    if (this.#inside.edge.taken > 0) this.#inside.edge.taken -= 1
    this.#inside = undefined
  }
}

/** So many of them. */
export const people = (count: number, prefix = 'p') =>
  Array.from({ length: count }, (_, n) => new Person(`${prefix}${n}`))
/** One of `list`, whatever the number. */
export const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T
