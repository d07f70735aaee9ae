import { describe, expect, test } from 'bun:test'
import type { SeatId, SpaceId } from '../../base/ids.ts'
import { dbov, epoch, PARTS_PER_SEGMENT, sequence, wallMillis } from '../../base/units.ts'
import type { SeatFacts, SpaceFacts } from '../space/facts.ts'
import { LISTENERS_EVERY_PARTS, ProgramEvents, type ProgramState } from './program-events.ts'

const ALICE = 'alice1' as SeatId

const facts: SpaceFacts = {
  id: 'room' as SpaceId,
  title: 'Room',
  phase: 'lobby',
  recorded: true,
  createdAtMs: wallMillis(0),
  gridStartMs: wallMillis(1_000_000),
  seats: [{ id: ALICE, name: 'Alice', role: 'host', muted: false, takenAtMs: wallMillis(0) }],
}

const state = (change: Partial<ProgramState> = {}): ProgramState => ({
  facts,
  slate: true,
  listeners: 0,
  speaking: new Map(),
  ...change,
})

const kinds = (events: readonly { kind: string }[]) => events.map((event) => event.kind)

describe('the events of a program', () => {
  test('begin with a snapshot, and repeat it with each segment', () => {
    const events = new ProgramEvents(epoch(3))
    const first = events.of(sequence(7), state())
    expect(first).toEqual([
      {
        kind: 'snapshot',
        epoch: epoch(3),
        phase: 'lobby',
        recorded: true,
        listeners: 0,
        slate: true,
        seats: [{ id: ALICE, name: 'Alice', role: 'host', muted: false, speaking: false }],
      },
    ])
    for (let n = 8; n < 8 + 2 * PARTS_PER_SEGMENT; n++) {
      expect(kinds(events.of(sequence(n), state()))).toEqual(n % PARTS_PER_SEGMENT === 0 ? ['snapshot'] : [])
    }
  })

  test('say what listeners pressed, after everything else, and nothing when nobody did', () => {
    const events = new ProgramEvents(epoch(1))
    const [snapshot, reactions] = events.of(sequence(10), state({ reactions: { clap: 12, heart: 1 } }))
    expect(snapshot?.kind).toBe('snapshot')
    expect(reactions).toEqual({ kind: 'reactions', counts: { clap: 12, heart: 1 } })
    expect(events.of(sequence(11), state({ reactions: {} }))).toEqual([])
    expect(kinds(events.of(sequence(12), state({ reactions: { laugh: 1 }, slate: false })))).toEqual([
      'slate',
      'reactions',
    ])
  })

  test('turn live with the very part that the program starts with, not with the command', () => {
    const events = new ProgramEvents(epoch(1))
    const live = { ...facts, phase: 'live' as const, programStart: sequence(13) }
    events.of(sequence(11), state())
    expect(events.of(sequence(12), state({ facts: live }))).toEqual([])
    const [snapshot, phase] = events.of(sequence(13), state({ facts: live, slate: false }))
    expect(snapshot).toMatchObject({ kind: 'snapshot', phase: 'live', startedAtMs: 1_002_600 })
    expect(phase).toEqual({ kind: 'phase', phase: 'live', startedAtMs: 1_002_600 })
  })

  test('name who is on air and nobody who is backstage, and say why everyone is off air', () => {
    const events = new ProgramEvents(epoch(1))
    const rina = { ...(facts.seats[0] as SeatFacts), id: 'rina22' as SeatId, name: 'Rina', onAir: false }
    const live = {
      ...facts,
      phase: 'live' as const,
      programStart: sequence(1),
      seats: [...facts.seats, rina],
    }
    const [first] = events.of(sequence(1), state({ facts: live, slate: false }))
    expect(first).toMatchObject({ seats: [{ id: ALICE }] })
    const heldFacts = { ...live, heldSinceMs: wallMillis(5) }
    // Held is said when it is so, not when it was asked for.
    expect(events.of(sequence(2), state({ facts: heldFacts, slate: false }))).toEqual([])
    const held = { kind: 'slate', slate: true, held: true } as const
    expect(events.of(sequence(3), state({ facts: heldFacts }))).toEqual([held])
    const resumed = { ...live, seats: [...facts.seats, { ...rina, onAir: true }] }
    const later = events.of(sequence(4), state({ facts: resumed, slate: false }))
    expect(later).toMatchObject([
      { kind: 'slate', slate: false },
      { kind: 'seats', seats: [{ id: ALICE }, { id: rina.id }] },
    ])
    expect(later[0]).not.toHaveProperty('held')
    const abandoned = { ...resumed, endsAtMs: wallMillis(9) }
    const [snapshot] = events.of(sequence(PARTS_PER_SEGMENT), state({ facts: abandoned }))
    expect(snapshot).toMatchObject({ kind: 'snapshot', endsAtMs: 9 })
  })

  test('tell for when it is planned, until it has begun', () => {
    const events = new ProgramEvents(epoch(1))
    const { programStart: _, ...before } = facts
    const planned: SpaceFacts = { ...before, phase: 'lobby', scheduledAtMs: wallMillis(70) }
    const snapshotAt = (part: number, of: SpaceFacts) =>
      events.of(sequence(part * PARTS_PER_SEGMENT), state({ facts: of }))[0]
    expect(snapshotAt(1, planned)).toMatchObject({ phase: 'lobby', scheduledAtMs: 70 })
    expect(snapshotAt(2, { ...planned, scheduledAtMs: wallMillis(90) })).toMatchObject({ scheduledAtMs: 90 })
    const live: SpaceFacts = { ...planned, phase: 'live', programStart: sequence(1) }
    expect(snapshotAt(3, live)).not.toHaveProperty('scheduledAtMs')
  })

  test('tell who begins and ceases to speak, once', () => {
    const events = new ProgramEvents(epoch(1))
    events.of(sequence(1), state())
    const speaking = new Map([[ALICE, dbov(-20)]])
    expect(events.of(sequence(2), state({ speaking }))).toEqual([
      { kind: 'speaking', seat: ALICE, speaking: true, level: dbov(-20) },
    ])
    expect(events.of(sequence(3), state({ speaking }))).toEqual([])
    expect(kinds(events.of(sequence(4), state()))).toEqual(['speaking'])
  })

  test('tell a mute and a new name as a change of seats', () => {
    const events = new ProgramEvents(epoch(1))
    events.of(sequence(1), state())
    const seats = facts.seats.map((seat) => ({ ...seat, muted: true }))
    expect(kinds(events.of(sequence(2), state({ facts: { ...facts, seats } })))).toEqual(['seats'])
  })

  test('tell the listeners at most once a second, and the last count in the end', () => {
    const events = new ProgramEvents(epoch(1))
    events.of(sequence(1), state())
    const told: number[] = []
    for (let n = 2; n < 10; n++) {
      for (const event of events.of(sequence(n), state({ listeners: n })))
        if (event.kind === 'listeners') told.push(n)
    }
    expect(told).toEqual([2, 2 + LISTENERS_EVERY_PARTS])
    const last = Array.from({ length: 5 }, (_, i) =>
      events.of(sequence(11 + i), state({ listeners: 99 })).at(-1),
    )
    expect(last.filter((event) => event?.kind === 'listeners')).toEqual([
      { kind: 'listeners', listeners: 99 },
    ])
  })
})
