import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { idFromRandom, parseSeatId, parseSpaceId } from './ids.ts'

test.each(['a', 'demo', 'town-hall-2025', 'a'.repeat(40)])('%s is a space id', (text) => {
  expect(parseSpaceId(text) as string).toBe(text)
})

test.each(['', '-a', 'a-', 'A', 'ä', 'a b', '../etc', 'a'.repeat(41), 'a\n', 7, null, undefined, {}])(
  '%p is no space id',
  (value) => {
    expect(() => parseSpaceId(value)).toThrow('space id')
  },
)

test.each(['abc', 'ABCDEF', 'abc-def', 'a'.repeat(25), 'abcdef\n', 1234567, null])(
  '%p is no seat id',
  (value) => {
    expect(() => parseSeatId(value)).toThrow('seat id')
  },
)

test('random bytes make an id that is a seat id and a space id', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 24 }), (bytes) => {
      const id = idFromRandom(bytes)
      expect(parseSeatId(id) as string).toBe(id)
      expect(parseSpaceId(id) as string).toBe(id)
    }),
  )
})
