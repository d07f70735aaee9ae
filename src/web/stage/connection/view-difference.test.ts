import { expect, test } from 'bun:test'
import type { SeatId, SpaceId } from '../../../base/ids.ts'
import { dbov, wallMillis } from '../../../base/units.ts'
import type { StageView } from '../../../core/api/api.ts'
import { words } from '../messages.en.ts'
import { roomWords } from '../room/messages.en.ts'
import { tellDifference } from './view-difference.ts'

function view(options: {
  phase?: 'lobby' | 'live'
  slate?: boolean
  held?: boolean
  people?: readonly string[]
  backstage?: readonly string[]
}): StageView {
  const people = options.people ?? ['Ana']
  return {
    space: {
      id: 'talk' as SpaceId,
      title: 'Talk',
      phase: options.phase ?? 'live',
      recorded: false,
      start: 'manual',
      replay: false,
      listeners: 0,
    },
    me: 'ana' as SeatId,
    seats: people.map((name) => ({
      id: name.toLowerCase() as SeatId,
      name,
      role: 'speaker',
      muted: false,
      ...(options.backstage?.includes(name) ? { onAir: false } : {}),
      takenAtMs: wallMillis(0),
    })),
    stage: {
      id: 'stage-0',
      epoch: 1,
      slate: options.slate ?? false,
      ...(options.held ? { held: true } : {}),
    },
    nowMs: 0,
  }
}

test('going on air is said before anything else', () => {
  const before = view({ phase: 'lobby', slate: true })
  expect(tellDifference(before, view({ people: ['Ana', 'Budi'] }))).toBe(words.told.onAir)
})

test('slate during the program is said, in the lobby it is not', () => {
  expect(tellDifference(view({}), view({ slate: true }))).toBe(words.told.offAir)
  expect(
    tellDifference(view({ phase: 'lobby', slate: false }), view({ phase: 'lobby', slate: true })),
  ).toBeUndefined()
})

test('a hold is said as such, and so is its end', () => {
  const held = view({ slate: true, held: true })
  expect(tellDifference(view({}), held)).toBe(words.told.held)
  expect(tellDifference(held, view({}))).toBe(words.told.resumed)
})

test('who is put on or off air is told so, and the others are told who it was', () => {
  const people = ['Ana', 'Budi']
  const away = (backstage: readonly string[]) => view({ people, backstage })
  expect(tellDifference(away([]), away(['Ana']))).toBe(words.told.tookOff)
  expect(tellDifference(away(['Ana']), away([]))).toBe(words.told.putOn)
  expect(tellDifference(away([]), away(['Budi']))).toBe(words.told.otherOff('Budi'))
  expect(tellDifference(away(['Budi']), away([]))).toBe(words.told.otherOn('Budi'))
})

test('people who come and go are named', () => {
  const both = view({ people: ['Ana', 'Budi'] })
  expect(tellDifference(view({}), both)).toBe(words.told.joined('Budi'))
  expect(tellDifference(both, view({}))).toBe(words.told.gone('Budi'))
  expect(tellDifference(both, both)).toBeUndefined()
})

test('who holds the room is told, to themselves in other words, and that the host is back', () => {
  const both = view({ people: ['Ana', 'Budi', 'Citra'] })
  const heldBy = (name: string): StageView => ({ ...both, holder: name.toLowerCase() as SeatId })
  expect(tellDifference(both, heldBy('Budi'))).toBe(roomWords.told.heldBy('Budi'))
  expect(tellDifference(heldBy('Budi'), heldBy('Ana'))).toBe(roomWords.told.heldByMe)
  // Nobody is there to hold it: that is not the host's return.
  expect(tellDifference(heldBy('Ana'), both)).toBeUndefined()
  const observed = { muted: false, speaking: false, level: dbov(-60), loss: 0, jitterBufferMs: 40 }
  const seats = both.seats.map((seat): StageView['seats'][number] =>
    seat.name === 'Citra'
      ? { ...seat, role: 'host', observed: { ...observed, id: seat.id, connection: 'connected' } }
      : seat,
  )
  expect(tellDifference(heldBy('Ana'), { ...both, seats })).toBe(roomWords.told.hostBack)
})

test('becoming a co-host, and a stage that is locked, are told', () => {
  const before = view({})
  const seats = before.seats.map((seat) => ({ ...seat, role: 'cohost' as const }))
  expect(tellDifference(before, { ...before, seats })).toBe(roomWords.told.cohost)
  expect(tellDifference({ ...before, seats }, before)).toBe(roomWords.told.speaker)
  expect(tellDifference(before, { ...before, locked: true })).toBe(roomWords.told.locked)
  expect(tellDifference({ ...before, locked: true }, before)).toBe(roomWords.told.unlocked)
})
