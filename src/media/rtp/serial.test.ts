import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { serialDistance, unwrapNear, wrap } from './serial.ts'

test.each([
  [16, 0, 1, 1],
  [16, 0xffff, 0, 1],
  [16, 0, 0xffff, -1],
  [16, 0, 0x7fff, 0x7fff],
  [16, 0, 0x8000, -0x8000],
  [32, 0xffffffff, 959, 960],
  [32, 0, 0x80000000, -0x80000000],
] as const)('in %d bits it is from %d to %d a distance of %d', (bits, from, to, distance) => {
  expect(serialDistance(from, to, bits)).toBe(distance)
})

test('any walk of steps below half the range is followed through every wrap', () => {
  const steps = fc.array(fc.integer({ min: -0x7000, max: 0x7fff }), { maxLength: 50 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), steps, (start, walk) => {
      let position = start
      let followed = start
      for (const step of walk) {
        position += step
        followed = unwrapNear(wrap(position, 16), followed, 16)
        expect(followed).toBe(position)
      }
    }),
  )
})
