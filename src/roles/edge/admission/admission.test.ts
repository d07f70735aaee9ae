// Several edges of a node before one crowd, with a clock of our own: what they tell each other goes by hand, and
// people ask as players do.

import { describe, expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { hasCode } from '../../../base/errors.ts'
import { parseSpaceId } from '../../../base/ids.ts'
import { millis, type WallMillis, wallMillis } from '../../../base/units.ts'
import { NoRoom } from '../../../core/door/no-room.ts'
import type { LineView } from '../../../core/door/waiting.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { Admission, type Admitted } from './admission.ts'
import { type DoorCounters, newDoorCounters } from './door-counters.ts'

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
const SPACE = spaceOf('room')
const OTHER = spaceOf('other')

interface Edge {
  readonly id: string
  readonly admission: Admission
  readonly counters: DoorCounters
  taken: number
  alive: boolean
  /** It has something to tell soon. */
  isTelling: boolean
}

interface NodeOptions {
  readonly edges?: number
  readonly listenersMax: number
  readonly joinsPerSecond?: number
}

class Node {
  now = START_MS
  readonly edges: Edge[] = []
  readonly #options: NodeOptions

  constructor(options: NodeOptions) {
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
class Person {
  readonly name: string
  ticket: string | undefined
  arrivedAtMs: number | undefined
  #inside: { readonly edge: Edge; readonly admitted: Admitted } | undefined
  isDismissed = false

  constructor(name: string) {
    this.name = name
  }

  get isInside(): boolean {
    return this.#inside !== undefined
  }

  ask(edge: Edge, space = SPACE): boolean {
    const query = this.ticket === undefined ? '' : `?ticket=${this.ticket}`
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

const people = (count: number, prefix = 'p') =>
  Array.from({ length: count }, (_, n) => new Person(`${prefix}${n}`))
const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

describe('a node with room for four', () => {
  function filled(): { node: Node; first: Person[] } {
    const node = new Node({ listenersMax: 4 })
    node.second()
    const first = people(4, 'first')
    for (const [n, person] of first.entries()) expect(person.ask(pick(node.edges, n))).toBe(true)
    node.moment()
    return { node, first }
  }

  test('lets the first four in at once, on whichever edge they come, and gives the others places', () => {
    for (const turns of [
      [0, 0, 0, 0],
      [0, 0, 0, 1],
      [1, 1, 0, 1],
    ]) {
      const node = new Node({ listenersMax: 4 })
      node.second()
      const [a, b, c, d, late] = people(5) as [Person, Person, Person, Person, Person]
      for (const [n, person] of [a, b, c, d].entries()) {
        expect(person.ask(node.edges[turns[n] as number] as Edge)).toBe(true)
        node.moment()
      }
      expect(node.edges.map((edge) => late.ask(edge))).toEqual([false, false])
    }
  })

  test('who waits keeps the place over edges and reloads, and comes in when somebody leaves', async () => {
    const { node, first } = filled()
    const [one, two] = people(2, 'late') as [Person, Person]
    one.ask(node.edges[0] as Edge)
    node.now += 5
    two.ask(node.edges[1] as Edge)
    const arrived = one.arrivedAtMs
    for (let n = 0; n < 5; n++) {
      node.second()
      expect(one.ask(pick(node.edges, n))).toBe(false)
    }
    expect(one.arrivedAtMs).toBe(arrived as number)
    expect((await node.line()).waiting).toBe(2)
    first[2]?.leave()
    node.second()
    node.second()
    expect(two.ask(node.edges[0] as Edge)).toBe(false)
    expect(one.ask(node.edges[1] as Edge)).toBe(true)
    expect(node.inside).toBe(4)
  })

  test('who has been inside returns ahead of who waits, and of who has been called', () => {
    const { node, first } = filled()
    const waiting = new Person('waiting')
    waiting.ask(node.edges[0] as Edge)
    node.second()
    first[0]?.leave()
    expect(first[0]?.ask(node.edges[1] as Edge)).toBe(true)
    node.second()
    expect(waiting.ask(node.edges[0] as Edge)).toBe(false)
    expect(node.inside).toBe(4)
  })

  test('a new arrival does not get the room that is kept for who was called', () => {
    const { node, first } = filled()
    const waiting = new Person('waiting')
    waiting.ask(node.edges[0] as Edge)
    node.second()
    first[1]?.leave()
    node.second()
    node.second()
    expect(new Person('sly').ask(node.edges[0] as Edge)).toBe(false)
    expect(new Person('sly too').ask(node.edges[1] as Edge)).toBe(false)
    expect(waiting.ask(node.edges[1] as Edge)).toBe(true)
  })

  test('who was called and does not come leaves the room to the next, and is still let in later', () => {
    const { node, first } = filled()
    const [gone, next] = people(2, 'late') as [Person, Person]
    gone.ask(node.edges[0] as Edge)
    node.now += 10
    next.ask(node.edges[0] as Edge)
    node.second()
    gone.ask(node.edges[0] as Edge)
    first[0]?.leave()
    let seconds = 0
    while (!next.ask(pick(node.edges, seconds)) && seconds < 60) {
      node.second()
      seconds += 1
    }
    expect(seconds).toBeGreaterThan(4)
    expect(seconds).toBeLessThan(15)
    first[1]?.leave()
    expect(gone.ask(node.edges[1] as Edge)).toBe(true)
  })

  test('who waits and went away does not hold up who came later', () => {
    const { node, first } = filled()
    for (const ghost of people(50, 'ghost')) {
      ghost.ask(node.edges[0] as Edge)
      node.now += 1
    }
    const patient = new Person('patient')
    patient.ask(node.edges[1] as Edge)
    for (let n = 0; n < 40; n++) {
      node.second()
      if (n % 8 === 0) patient.ask(pick(node.edges, n / 8))
    }
    first[0]?.leave()
    node.second()
    node.second()
    expect(patient.ask(node.edges[0] as Edge)).toBe(true)
  })

  test('a player that keeps no ticket comes in as well, by the time of its first try', () => {
    const { node, first } = filled()
    const [radio, other] = people(2, 'late') as [Person, Person]
    radio.ask(node.edges[0] as Edge)
    const arrived = radio.arrivedAtMs
    node.second()
    other.ask(node.edges[0] as Edge)
    for (let n = 0; n < 10; n++) {
      node.second()
      radio.ticket = undefined
      expect(radio.ask(node.edges[0] as Edge)).toBe(false)
      other.ask(node.edges[1] as Edge)
    }
    expect(radio.arrivedAtMs).toBe(arrived as number)
    first[3]?.leave()
    node.second()
    node.second()
    expect(other.ask(node.edges[1] as Edge)).toBe(false)
    radio.ticket = undefined
    expect(radio.ask(node.edges[0] as Edge)).toBe(true)
  })

  test('a ticket of another space, an expired one and a forged one are worth nothing', () => {
    const { node, first } = filled()
    const ticket = first[0]?.ticket as string
    first[0]?.leave()
    const sly = new Person('sly')
    const waiting = new Person('waiting')
    waiting.ask(node.edges[1] as Edge)
    node.moment()
    sly.ticket = ticket
    expect(sly.ask(node.edges[0] as Edge, OTHER)).toBe(false)
    sly.ticket = `${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`
    expect(sly.ask(node.edges[0] as Edge)).toBe(false)
    expect(node.edges[0]?.counters.ticketsRefused).toBe(2)
    node.now += 13 * 3_600_000
    sly.ticket = ticket
    sly.ask(node.edges[0] as Edge)
    expect(node.edges[0]?.counters.ticketsRefused).toBe(3)
  })

  test('a ticket that a thousand friends share lets in two of them at a time on each edge', () => {
    const { node, first } = filled()
    const friends = people(1_000, 'friend')
    for (const [n, friend] of friends.entries()) {
      friend.ticket = first[0]?.ticket
      friend.ask(pick(node.edges, n))
      if (n % 10 === 0) node.second()
    }
    expect(friends.filter((friend) => friend.isInside).length).toBeLessThanOrEqual(4)
    expect(node.inside).toBeLessThanOrEqual(5)
  })

  test('the line survives the death of the edge that moves it, and of both', async () => {
    const { node, first } = filled()
    const late = people(6, 'late')
    for (const person of late) {
      node.now += 20
      person.ask(node.edges[1] as Edge)
    }
    node.second()
    const before = (await node.line()).admittedBeforeMs
    node.kill(node.edges[0] as Edge)
    for (const person of first) if (person.isInside) person.leave()
    const heard: string[] = []
    for (let n = 0; n < 8; n++) {
      node.second()
      // Called or not, they ask in the wrong order.
      for (const person of [...late].reverse()) {
        if (!person.isInside && person.ask(node.edges[1] as Edge)) heard.push(person.name)
      }
    }
    expect(heard.sort()).toEqual(['late0', 'late1', 'late2', 'late3'])
    expect((await node.line(node.edges[1])).admittedBeforeMs).toBeGreaterThan(before)
    node.revive(node.edges[0] as Edge)
    node.second()
    expect((await node.line(node.edges[0])).waiting).toBe(2)
    expect(late[5]?.ask(node.edges[0] as Edge)).toBe(false)
  })
})

test('arrivals beyond the pace are let in a second later, and everybody within a few', () => {
  const node = new Node({ listenersMax: 0, joinsPerSecond: 100 })
  node.second()
  const storm = people(1_000)
  for (const [n, person] of storm.entries()) person.ask(pick(node.edges, n))
  expect(node.inside).toBe(200)
  const inside: number[] = []
  for (let n = 0; n < 12; n++) {
    node.second()
    for (const [at, person] of storm.entries()) if (!person.isInside) person.ask(pick(node.edges, at + n))
    inside.push(node.inside)
  }
  expect(inside.at(-1)).toBe(1_000)
  for (const [n, count] of inside.entries()) expect(count).toBeLessThanOrEqual(200 + (n + 2) * 200)
})

test('the estimate is the slope of the cutoff', async () => {
  const node = new Node({ listenersMax: 100 })
  node.second()
  const crowd = people(400)
  for (const person of crowd) {
    node.now += 1
    person.ask(node.edges[0] as Edge)
  }
  // Two leave in every second, and the next two come in.
  for (let n = 0; n < 40; n++) {
    for (const person of crowd.filter((one) => one.isInside).slice(0, 2)) person.leave()
    node.second()
    const { admittedBeforeMs } = await node.line()
    for (const person of crowd) {
      const isCalled = (person.arrivedAtMs ?? 0) < admittedBeforeMs
      if (person.ticket?.startsWith('p') && (isCalled || n % 8 === 0)) person.ask(pick(node.edges, n))
    }
  }
  const { admittedPerSecond, waiting, arrivals } = await node.line()
  expect(admittedPerSecond).toBeGreaterThan(1.5)
  expect(admittedPerSecond).toBeLessThan(2.5)
  expect(waiting).toBe(crowd.filter((person) => person.ticket?.startsWith('p')).length)
  expect(arrivals.at(-1)?.before).toBe(waiting)
  expect(arrivals[0]?.before).toBe(0)
})

interface Step {
  readonly kind: 'arrive' | 'second' | 'ask' | 'leave' | 'return' | 'kill' | 'revive'
  readonly who: number
  readonly edge: number
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    ...(['arrive', 'arrive', 'second', 'second', 'ask', 'ask', 'leave', 'return', 'kill', 'revive'] as const),
  ),
  who: fc.nat(1_000),
  edge: fc.nat(2),
})

test('however people come, go and return and edges die, nobody is let in beyond the room, and everyone gets in', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 8 }), (steps, room) => {
      const node = new Node({ edges: 3, listenersMax: room })
      node.second()
      const all: Person[] = []
      const slack = Math.ceil(room * 1.1)
      let cutoffs: WallMillis[] = []
      for (const { kind, who, edge } of steps) {
        const at = pick(node.living, edge)
        const person = all.length === 0 ? undefined : pick(all, who)
        node.now += 3
        if (kind === 'arrive') {
          const arriving = new Person(`person ${all.length}`)
          all.push(arriving)
          arriving.ask(at)
        } else if (kind === 'second') node.second()
        else if (kind === 'ask' && person !== undefined && !person.isInside) person.ask(at)
        else if (kind === 'leave') person?.leave()
        else if (kind === 'return' && person?.isInside) {
          person.leave()
          person.ask(at)
        } else if (kind === 'kill' && node.living.length > 1) {
          for (const one of all) if (at.taken > 0 && one.isInside) one.leave()
          node.kill(at)
        } else if (kind === 'revive') {
          const dead = node.edges.find((one) => !one.alive)
          if (dead !== undefined) {
            node.revive(dead)
            for (const living of node.living) node.tell(living)
          }
        }
        node.moment()
        expect(node.inside).toBeLessThanOrEqual(slack)
        if (kind === 'second') {
          const now = node.living.map((one) => one.admission.report().cutoffMs)
          cutoffs = kind === 'second' && cutoffs.length === now.length ? cutoffs : now
          expect(Math.max(...now)).toBeGreaterThanOrEqual(Math.max(...cutoffs))
          cutoffs = now
        }
      }
      // Whoever keeps asking gets in, once those inside leave one after the other.
      const heard = new Set(all.filter((person) => person.isInside || person.ticket?.startsWith('r')))
      for (let n = 0; n < 40 * (all.length + 5) && heard.size < all.length; n++) {
        node.second()
        for (const person of all) if (person.isInside && heard.has(person)) person.leave()
        for (const person of all) {
          if (!heard.has(person) && person.ask(pick(node.living, n))) heard.add(person)
        }
      }
      expect(heard.size).toBe(all.length)
    }),
    { numRuns: 40 },
  )
})

test('in whatever order who waits asks, they come in in the order in which they arrived', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(1_000)),
      (gaps, room, chance) => {
        const node = new Node({ listenersMax: room })
        node.second()
        const inside = people(room, 'first')
        for (const person of inside) {
          person.ask(node.edges[0] as Edge)
          node.moment()
        }
        const line = gaps.map((gap, n) => {
          const person = new Person(`late ${n}`)
          node.now += gap
          person.ask(pick(node.edges, chance.next().value))
          return person
        })
        node.second()
        const order: number[] = []
        for (let n = 0; n < 20 * line.length && order.length < line.length; n++) {
          if (inside.length > 0) inside.splice(chance.next().value % inside.length, 1)[0]?.leave()
          node.second()
          const asking = line.filter((person) => person.ticket?.startsWith('p'))
          const called: number[] = []
          for (const person of asking.sort(() => (chance.next().value % 2) - 0.5)) {
            if (!person.ask(pick(node.edges, chance.next().value))) continue
            called.push(line.indexOf(person))
            inside.push(person)
          }
          order.push(...called.sort((a, b) => a - b))
        }
        expect(order).toEqual(line.map((_, n) => n))
      },
    ),
    { numRuns: 40 },
  )
})

test('a refused join says so with the code of a full house', () => {
  const node = new Node({ listenersMax: 1 })
  node.second()
  new Person('one').ask(node.edges[0] as Edge)
  let refusal: unknown
  try {
    node.edges[0]?.admission.admit(new URL('http://x/live/room/opus.mp4'), SPACE, 'two')
  } catch (error) {
    refusal = error
  }
  expect(hasCode(refusal, 'full')).toBe(true)
  expect((refusal as NoRoom).retryAfterS).toBeGreaterThanOrEqual(1)
  expect((refusal as NoRoom).place.ticket.length).toBeLessThanOrEqual(160)
})
