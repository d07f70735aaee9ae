import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { SequenceRanges } from './sequence-ranges.ts'

test('ranges behave like a set, in whatever order sequences come', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60)), fc.nat(60), fc.nat(60), (added, a, b) => {
      const ranges = new SequenceRanges()
      for (const sequence of added) ranges.add(sequence)
      const model = new Set(added)
      const [from, to] = a < b ? [a, b] : [b, a]
      expect(ranges.size).toBe(model.size)
      expect(ranges.countWithin(from, to)).toBe([...model].filter((n) => n >= from && n < to).length)
    }),
  )
})
