import { expect, test } from 'bun:test'
import { hasCode, MimbarError } from '../../base/errors.ts'
import { parseSeatId } from '../../base/ids.ts'
import { wallMillis } from '../../base/units.ts'
import { SEATS_MAX, type SeatFacts } from '../space/facts.ts'
import { changeSeat, leaveSeat, parseName, takeSeat } from './seats.ts'

const seat = (n: number, takenAt = n): SeatFacts => ({
  id: parseSeatId(`seat${String(n).padStart(2, '0')}`),
  name: `Person ${n}`,
  role: 'speaker',
  muted: false,
  takenAtMs: wallMillis(takenAt),
})

test('seats stay in the order in which they were taken, ties broken by id', () => {
  const seats = [seat(3, 5), seat(1, 5), seat(2, 1)].reduce<readonly SeatFacts[]>(takeSeat, [])
  expect(seats.map((one) => one.id as string)).toEqual(['seat02', 'seat01', 'seat03'])
})

test('taking the own seat again changes it in its place, also when the stage is full', () => {
  const full = Array.from({ length: SEATS_MAX }, (_, n) => seat(n)).reduce<readonly SeatFacts[]>(takeSeat, [])
  const again = takeSeat(full, { ...seat(4), name: 'Back' })
  expect(again).toHaveLength(SEATS_MAX)
  expect(again[4]?.name).toBe('Back')
  let thrown: unknown
  try {
    takeSeat(full, seat(77))
  } catch (error) {
    thrown = error
  }
  expect(hasCode(thrown, 'too-many')).toBe(true)
  expect(takeSeat(leaveSeat(full, seat(0).id), seat(77))).toHaveLength(SEATS_MAX)
})

test('a host mutes others and nothing else', () => {
  expect(changeSeat(seat(1), { muted: true }, 'host').muted).toBe(true)
  expect(() => changeSeat({ ...seat(1), muted: true }, { muted: false }, 'host')).toThrow(MimbarError)
  expect(() => changeSeat(seat(1), { name: 'Other' }, 'host')).toThrow(MimbarError)
})

test('a person mutes, unmutes and renames themselves', () => {
  const muted = changeSeat(seat(1), { muted: true, name: ' Ana ' }, 'self')
  expect(muted).toMatchObject({ muted: true, name: 'Ana' })
  expect(changeSeat(muted, { muted: false }, 'self').muted).toBe(false)
  expect(changeSeat(muted, {}, 'self')).toEqual(muted)
})

test.each(['', ' ', 'x'.repeat(41), 'a\tb'])('a name like %p is refused', (name) => {
  expect(() => parseName(name)).toThrow(MimbarError)
})

test('only the host makes a speaker a co-host and back, and nobody changes what the host is', () => {
  expect(changeSeat(seat(1), { role: 'cohost' }, 'host').role).toBe('cohost')
  expect(changeSeat({ ...seat(1), role: 'cohost' }, { role: 'speaker' }, 'host').role).toBe('speaker')
  for (const by of ['self', 'cohost'] as const) {
    expect(() => changeSeat(seat(1), { role: 'cohost' }, by)).toThrow(MimbarError)
  }
  expect(() => changeSeat({ ...seat(1), role: 'host' }, { role: 'speaker' }, 'host')).toThrow(MimbarError)
})
