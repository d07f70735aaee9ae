import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { MimbarError } from '../../base/errors.ts'
import { parseSeatId } from '../../base/ids.ts'
import { wallMillis } from '../../base/units.ts'
import type { SeatFacts } from '../space/facts.ts'
import { arrive, isOnAir, putOnAir } from './air.ts'
import { SEAT_ROLES } from './roles.ts'

const seat: SeatFacts = {
  id: parseSeatId('rina22'),
  name: 'Rina',
  role: 'speaker',
  muted: false,
  takenAtMs: wallMillis(1),
}

test('a seat that was never told anything is on air', () => {
  expect(isOnAir(seat)).toBe(true)
})

test('everybody may step back, and only who runs the room puts somebody on air', () => {
  const backstage = putOnAir(seat, false, false)
  expect(isOnAir(backstage)).toBe(false)
  expect(() => putOnAir(backstage, true, false)).toThrow(MimbarError)
  expect(putOnAir(backstage, true, true)).toEqual(seat)
})

test('what is so already stays the same object, whoever asks', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.boolean(), (onAir, runsRoom) => {
      const before = putOnAir(seat, onAir, true)
      expect(putOnAir(before, onAir, runsRoom)).toBe(before)
    }),
  )
})

test('newcomers wait backstage only after the start, only where they shall, and never who runs the room', () => {
  const phases = fc.constantFrom('scheduled' as const, 'lobby' as const, 'live' as const)
  const arrivals = fc.option(fc.constantFrom('on-air' as const, 'backstage' as const), { nil: undefined })
  fc.assert(
    fc.property(phases, arrivals, fc.constantFrom(...SEAT_ROLES), (phase, where, role) => {
      const space = { phase, ...(where === undefined ? {} : { arrivals: where }) }
      const waits = phase === 'live' && where === 'backstage' && role === 'speaker'
      expect(isOnAir(arrive({ ...seat, role }, space))).toBe(!waits)
    }),
  )
})
