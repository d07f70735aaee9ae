// Ten times as many as may come in, for a minute, before one edge; the edge's own door, and the waiting room of the
// page, in simulated time. What the line costs the edge must follow from how many it lets in, not from how many wait.

import { expect, test } from 'bun:test'
import type { LineView } from '../../src/core/door/waiting.ts'
import { WaitingRoom } from '../../src/web/player/waiting-room.ts'
import { DoorNode, type Edge, Person } from '../harness/door-node.ts'
import { seeded } from '../harness/seeded.ts'

const STEP_MS = 100
const JOINS_PER_S = 20
const ARRIVALS_PER_S = 200
const ARRIVING_S = 60
const IN_ALL_S = 120
/** Shows and asks of those who wait: no more than this for each one who may come in, however many wait. */
const QUESTIONS_PER_S_MAX = 40 * JOINS_PER_S

/** Somebody at the door with the page's own waiting room. */
class Waiter {
  readonly person: Person
  readonly #room: WaitingRoom
  shows = 0
  asks = 0

  constructor(name: string, random: () => number) {
    this.person = new Person(name, true)
    this.#room = new WaitingRoom(random)
  }

  get deadlineMs(): number {
    return this.#room.deadlineMs ?? Number.POSITIVE_INFINITY
  }

  wake(edge: Edge, line: LineView, now: number): void {
    for (const { kind } of this.#room.handle({ kind: 'tick' }, now)) {
      if (kind === 'show') this.show(edge, now)
      else {
        this.asks += 1
        for (const _ of this.#room.handle({ kind: 'line', line }, now)) this.show(edge, now)
      }
    }
  }

  show(edge: Edge, now: number): void {
    this.shows += 1
    if (this.person.ask(edge) || this.person.given === undefined) return
    this.#room.handle({ kind: 'placed', ...this.person.given }, now)
  }
}

test('a long line costs an edge as little as a short one, keeps its order, and leaves no room empty', async () => {
  const node = new DoorNode({ edges: 1, listenersMax: 1_000_000, joinsPerSecond: JOINS_PER_S })
  const [edge] = node.edges as [Edge]
  const random = seeded(1)
  const waiters: Waiter[] = []
  const questions = () => waiters.reduce((sum, { shows, asks }) => sum + shows + asks - 1, 0)
  let worst = 0
  let asked = 0
  let line = await node.line(edge)
  for (let now = 0; now < IN_ALL_S * 1_000; now += STEP_MS) {
    if (now % 1_000 === 0) {
      node.now -= 1_000
      node.second()
      line = await node.line(edge)
      if (now > 10_000) worst = Math.max(worst, questions() - asked)
      asked = questions()
    }
    for (const waiter of waiters) {
      if (!waiter.person.isInside && waiter.deadlineMs <= now) waiter.wake(edge, line, now)
    }
    for (let n = 0; now < ARRIVING_S * 1_000 && n < (ARRIVALS_PER_S * STEP_MS) / 1_000; n++) {
      // All of them behind one address, with the same browser.
      const waiter = new Waiter('look-alike', random)
      waiters.push(waiter)
      waiter.show(edge, now)
    }
    node.now += STEP_MS
  }
  const inside = waiters.filter(({ person }) => person.isInside).length
  const lastIn = waiters.findLastIndex(({ person }) => person.isInside)
  const firstOut = waiters.findIndex(({ person }) => !person.isInside)
  console.log(
    `   ${inside} came in; at most ${worst} questions a second of ${waiters.length - inside} who wait`,
  )
  expect(worst).toBeLessThanOrEqual(QUESTIONS_PER_S_MAX)
  // Most of the room there was has been used, though everyone has to find out and come, and a sample of 60 calls them.
  expect(inside).toBeGreaterThan(0.7 * JOINS_PER_S * IN_ALL_S)
  // And nobody came in who arrived more than half a minute of admissions behind somebody who still waits.
  expect(lastIn - firstOut).toBeLessThan(30 * JOINS_PER_S)
})
