import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { SequenceFollower } from './sequence-follower.ts'

const follow = (follower: SequenceFollower, numbers: readonly number[]) =>
  numbers.map((n) => follower.follow(n))

test('every packet of a stream is let through once, wherever its counter began and however it is shuffled', () => {
  const stream = fc.record({
    first: fc.integer({ min: 0, max: 0xffff }),
    shuffled: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 200 }),
  })
  fc.assert(
    fc.property(stream, ({ first, shuffled }) => {
      const follower = new SequenceFollower()
      const origin = shuffled[0] as number
      const admitted = new Set<number>()
      for (const index of shuffled) {
        const followed = follower.follow((first + index) & 0xffff)
        if (admitted.has(index)) expect(followed).toEqual({ kind: 'duplicate' })
        else expect(followed).toMatchObject({ kind: 'admitted' })
        const start = (first + origin) & 0xffff
        if (followed.kind === 'admitted') expect(followed.sequence).toBe(start + index - origin)
        admitted.add(index)
      }
    }),
  )
})

test('one packet from far away is a stray; two in a row are a restart', () => {
  const follower = new SequenceFollower()
  expect(follow(follower, [10, 11, 40_000, 12])).toEqual([
    { kind: 'admitted', sequence: 10 },
    { kind: 'admitted', sequence: 11 },
    { kind: 'stray' },
    { kind: 'admitted', sequence: 12 },
  ])
  expect(follow(follower, [40_000, 40_001, 40_002, 40_001])).toEqual([
    { kind: 'stray' },
    { kind: 'restarted', sequence: 40_001 },
    { kind: 'admitted', sequence: 40_002 },
    { kind: 'duplicate' },
  ])
})
