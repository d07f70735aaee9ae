// Several edges of a node before one crowd: whose turn it is, who returns, and what is left when edges die.

import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  DoorNode,
  type Edge,
  OTHER_SPACE,
  Person,
  people,
  pick,
  SPACE,
} from '../../../../test/harness/door-node.ts'
import { hasCode } from '../../../base/errors.ts'
import type { WallMillis } from '../../../base/units.ts'
import type { NoRoom } from '../../../core/door/no-room.ts'

describe('a node with room for four', () => {
  function filled(): { node: DoorNode; first: Person[] } {
    const node = new DoorNode({ listenersMax: 4 })
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
      const node = new DoorNode({ listenersMax: 4 })
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

  test('players that keep tickets have places of their own though they look alike', async () => {
    const { node } = filled()
    const alike = Array.from({ length: 3 }, () => new Person('same browser, same address', true))
    for (const person of alike) {
      person.ask(node.edges[0] as Edge)
      node.now += 5
    }
    expect(new Set(alike.map((person) => person.arrivedAtMs)).size).toBe(3)
    node.second()
    node.second()
    expect((await node.line()).waiting).toBe(3)
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
    expect(sly.ask(node.edges[0] as Edge, OTHER_SPACE)).toBe(false)
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
  const node = new DoorNode({ listenersMax: 0, joinsPerSecond: 100 })
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
  const node = new DoorNode({ listenersMax: 100 })
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
      const node = new DoorNode({ edges: 3, listenersMax: room })
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
    { numRuns: 150 },
  )
})

test('in whatever order who waits asks, they come in in the order in which they arrived', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(1_000)),
      (gaps, room, chance) => {
        const node = new DoorNode({ listenersMax: room })
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
    { numRuns: 150 },
  )
})

test('a refused join says so with the code of a full house', () => {
  const node = new DoorNode({ listenersMax: 1 })
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
