import { expect, test } from 'bun:test'
import { withExpected } from './people.ts'

const seat = (name: string) => ({ id: name, name, role: 'host' as const, muted: false, speaking: false })

test('who is announced is expected until somebody of that name is on stage', () => {
  const guests = withExpected([seat('ana'), seat('Zoë')], ['Ana', 'Budi'])
  expect(guests.map(({ name, expected }) => [name, expected === true])).toEqual([
    ['ana', false],
    ['Zoë', false],
    ['Budi', true],
  ])
})
