import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseSeatId } from '../../../base/ids.ts'
import { seatAround } from './seating.ts'

const personAt = (index: number) => ({ id: parseSeatId(`seat${String(index).padStart(2, '0')}`) })
const me = parseSeatId('seatme')
const crowd = (others: number, mine: number) => {
  const people = Array.from({ length: others }, (_, index) => personAt(index))
  return [...people.slice(0, mine), { id: me }, ...people.slice(mine)]
}
const ids = (people: readonly { readonly id: string }[]) => people.map(({ id }) => id)

test('I look at the others: one across, then two, then round the table', () => {
  const counts = [0, 1, 2, 3, 4, 5, 12].map((others) => {
    const { across, near } = seatAround(crowd(others, 0), me)
    return [across.length, near.length]
  })
  expect(counts).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
    [2, 2],
    [3, 2],
    [3, 3],
    [7, 6],
  ])
})

test('everybody has one chair, and nobody changes sides when somebody comes', () => {
  fc.assert(
    fc.property(fc.nat({ max: 15 }), fc.nat({ max: 15 }), (others, mine) => {
      const before = seatAround(crowd(others, mine), me)
      expect(ids([...before.across, ...before.near]).sort()).toEqual(ids(crowd(others, mine)).sort())
      const after = seatAround(crowd(others + 1, mine), me)
      for (const { id } of before.across) expect(ids(after.across)).toContain(id)
      for (const { id } of before.near) expect(ids(after.near)).toContain(id)
    }),
  )
})
