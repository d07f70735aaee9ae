import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { parseSeatId, type SeatId } from '../../base/ids.ts'
import { millis, wallMillis } from '../../base/units.ts'
import type { SeatFacts } from '../space/facts.ts'
import type { SeatRole } from './roles.ts'
import { holderOf, WATCH_STEP_MS_MAX, type Watched, watch } from './succession.ts'

const AWAY_MS_MAX = 10_000
const REPORT_EVERY_MS = 200
const HOST = parseSeatId('host00')

/** A room with its stage, its control and a record of what was seen, kept apart from the code under test. */
class Room {
  seats: SeatFacts[] = []
  holder: SeatId | undefined
  hostCame = false
  /** For how long each was watched being away without a break; the model's own book. */
  readonly away = new Map<SeatId, number>()
  readonly #connected = new Set<SeatId>()
  #watched: Watched | undefined
  #now = 0
  #reportedAt: number | undefined

  sit(id: SeatId, role: SeatRole): void {
    if (this.seats.some((seat) => seat.id === id)) return
    this.seats.push({ id, name: id, role, muted: false, takenAtMs: wallMillis(this.#now) })
  }

  leave(id: SeatId): void {
    this.seats = this.seats.filter((seat) => seat.id !== id)
    this.#connected.delete(id)
    this.away.delete(id)
    if (this.holder === id) this.holder = undefined
  }

  setRole(id: SeatId, role: SeatRole): void {
    this.seats = this.seats.map((seat) => (seat.id === id && id !== HOST ? { ...seat, role } : seat))
  }

  setConnected(id: SeatId, isConnected: boolean): void {
    if (isConnected && this.seats.some((seat) => seat.id === id)) this.#connected.add(id)
    else this.#connected.delete(id)
  }

  isPresent = (id: SeatId): boolean => this.#connected.has(id)

  /** Everybody's connection is gone with the stage, and for `ms` nobody reports. */
  loseStage(ms: number): void {
    this.#connected.clear()
    this.#now += ms
  }

  /** Control forgets what it has watched and keeps what is in the database. */
  restartControl(): void {
    this.#watched = undefined
    this.#reportedAt = undefined
    this.away.clear()
  }

  /** One report of the stage, `afterMs` after the last. */
  report(afterMs: number): void {
    this.#now += afterMs
    const stepMs =
      this.#reportedAt === undefined ? 0 : Math.min(this.#now - this.#reportedAt, WATCH_STEP_MS_MAX)
    this.#reportedAt = this.#now
    for (const id of new Set([HOST, ...this.seats.map((seat) => seat.id)])) {
      const isFirst = stepMs === 0 || !this.away.has(id)
      this.away.set(id, this.isPresent(id) || isFirst ? 0 : (this.away.get(id) as number) + stepMs)
    }
    const { seats, hostCame, holder } = this
    const sighting = { host: HOST, seats, connected: [...this.#connected], hostCame }
    this.#watched = watch(this.#watched, sighting, millis(this.#now))
    this.hostCame = this.#watched.hostCame
    const room = holder === undefined ? { seats } : { seats, holder }
    this.holder = holderOf(room, HOST, this.#watched, AWAY_MS_MAX)
  }

  reportFor(ms: number): void {
    for (let passed = 0; passed < ms; passed += REPORT_EVERY_MS) this.report(REPORT_EVERY_MS)
  }
}

const ana = parseSeatId('ana000')
const budi = parseSeatId('budi00')
const citra = parseSeatId('citra0')

/** A room in which everybody is there. */
function fullRoom(): Room {
  const room = new Room()
  room.sit(HOST, 'host')
  room.sit(ana, 'speaker')
  room.sit(budi, 'cohost')
  room.sit(citra, 'cohost')
  for (const id of [HOST, ana, budi, citra]) room.setConnected(id, true)
  room.reportFor(1_000)
  return room
}

test('a host who is away for longer than the limit is stood in for by the first co-host, and has the room back at once', () => {
  const room = fullRoom()
  room.setConnected(HOST, false)
  room.reportFor(AWAY_MS_MAX)
  expect(room.holder).toBeUndefined()
  room.reportFor(REPORT_EVERY_MS)
  expect(room.holder).toBe(budi)
  room.setConnected(HOST, true)
  room.report(REPORT_EVERY_MS)
  expect(room.holder).toBeUndefined()
})

test('it passes on: to the next co-host, to the first speaker, and to a co-host who comes', () => {
  const room = fullRoom()
  for (const id of [HOST, budi]) room.setConnected(id, false)
  room.reportFor(AWAY_MS_MAX + 1_000)
  expect(room.holder).toBe(citra)
  room.leave(citra)
  room.report(REPORT_EVERY_MS)
  expect(room.holder).toBe(ana)
  room.setConnected(budi, true)
  room.report(REPORT_EVERY_MS)
  expect(room.holder).toBe(budi)
})

test('a takeover deposes nobody: not the host, and not who stands in', () => {
  const room = fullRoom()
  room.loseStage(30_000)
  room.reportFor(3_000)
  for (const id of [HOST, ana, budi, citra]) room.setConnected(id, true)
  room.report(REPORT_EVERY_MS)
  expect(room.holder).toBeUndefined()

  room.setConnected(HOST, false)
  room.reportFor(AWAY_MS_MAX + 1_000)
  room.loseStage(30_000)
  room.reportFor(3_000)
  expect(room.holder).toBe(budi)
})

test('a control that starts anew keeps the holder, and gives a host who is away the whole limit again', () => {
  const room = fullRoom()
  room.setConnected(HOST, false)
  room.reportFor(AWAY_MS_MAX - 1_000)
  room.restartControl()
  room.reportFor(AWAY_MS_MAX)
  expect(room.holder).toBeUndefined()
  room.reportFor(1_000)
  expect(room.holder).toBe(budi)
  room.restartControl()
  room.reportFor(1_000)
  expect(room.holder).toBe(budi)
})

test('a host who has not come yet is stood in for by nobody', () => {
  const room = new Room()
  room.sit(HOST, 'host')
  room.sit(budi, 'cohost')
  room.setConnected(budi, true)
  room.reportFor(3 * AWAY_MS_MAX)
  expect(room.holder).toBeUndefined()
})

type Step = (room: Room) => void
const anybody = fc.constantFrom(HOST, ana, budi, citra)
const others = fc.constantFrom(ana, budi, citra)
const step: fc.Arbitrary<Step> = fc.oneof(
  anybody.map(
    (id): Step =>
      (room) =>
        room.setConnected(id, true),
  ),
  anybody.map(
    (id): Step =>
      (room) =>
        room.setConnected(id, false),
  ),
  anybody.map(
    (id): Step =>
      (room) =>
        room.leave(id),
  ),
  others.map(
    (id): Step =>
      (room) =>
        room.sit(id, id === ana ? 'speaker' : 'cohost'),
  ),
  fc.constant<Step>((room) => room.sit(HOST, 'host')),
  fc.tuple(others, fc.constantFrom('cohost' as const, 'speaker' as const)).map(
    ([id, role]): Step =>
      (room) =>
        room.setRole(id, role),
  ),
  fc.integer({ min: 0, max: 60_000 }).map(
    (ms): Step =>
      (room) =>
        room.loseStage(ms),
  ),
  fc.constant<Step>((room) => room.restartControl()),
)
/** What happens, and how long the stage then reports. */
const course = fc.array(fc.tuple(step, fc.constantFrom(200, 1_000, 4_000, 12_000)), { maxLength: 60 })

test('whatever comes and goes: one holder at most, seated, never the host, never away beyond the limit', () => {
  fc.assert(
    fc.property(course, (steps) => {
      const room = fullRoom()
      for (const [happen, thenMs] of steps) {
        happen(room)
        for (let passed = 0; passed < thenMs; passed += REPORT_EVERY_MS) {
          room.report(REPORT_EVERY_MS)
          const { holder } = room
          const hostAwayMs = room.away.get(HOST) ?? 0
          if (holder === undefined) {
            // The room is nobody else's only while the host is not away for too long, or nobody is there.
            const somebody = room.seats.some(({ id }) => id !== HOST && room.isPresent(id))
            expect(room.isPresent(HOST) || hostAwayMs <= AWAY_MS_MAX || !somebody).toBe(true)
            continue
          }
          expect(room.isPresent(HOST)).toBe(false)
          expect(holder).not.toBe(HOST)
          const seat = room.seats.find(({ id }) => id === holder)
          expect(seat).toBeDefined()
          expect(room.away.get(holder) ?? 0).toBeLessThanOrEqual(AWAY_MS_MAX)
          const cohostIsThere = room.seats.some(({ id, role }) => role === 'cohost' && room.isPresent(id))
          if (seat?.role === 'speaker') expect(cohostIsThere).toBe(false)
        }
      }
      // However it went, the host who comes has the room with the next report.
      room.sit(HOST, 'host')
      room.setConnected(HOST, true)
      room.report(REPORT_EVERY_MS)
      expect(room.holder).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})
