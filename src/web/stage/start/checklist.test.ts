import { expect, test } from 'bun:test'
import type { SeatId } from '../../../base/ids.ts'
import { type ChecklistFacts, checklist, hear } from './checklist.ts'

type Person = ChecklistFacts['seats'][number]

const person = (name: string, more: Partial<Person> = {}, observed: Partial<Person['observed']> = {}) =>
  ({
    id: name.toLowerCase() as SeatId,
    name,
    muted: false,
    observed: { connection: 'connected', speaking: false, ...observed },
    ...more,
  }) as Person

const open = (facts: Partial<ChecklistFacts>) =>
  checklist({ seats: [], me: 'ana' as SeatId, heard: new Set(), leftMs: undefined, ...facts })
    .filter(({ done }) => !done)
    .map(({ id, names }) => [id, ...names])

test('everything is open for a host who is alone, muted and late', () => {
  expect(open({ seats: [person('Ana', { muted: true })], leftMs: -1 })).toEqual([
    ['here'],
    ['mine'],
    ['heard', 'Ana'],
    ['headphones'],
    ['time'],
  ])
})

test('it names whom to wait for, to hear, and to ask for headphones', () => {
  const seats = [
    person('Ana', { soundCheck: { found: [] } }),
    person('Budi', { soundCheck: { found: ['echo'] } }),
    person('Citra', { soundCheck: { found: ['quiet'] } }, { connection: 'absent' }),
  ]
  expect(open({ seats })).toEqual([
    ['here', 'Citra'],
    ['heard', 'Budi', 'Citra'],
    ['headphones', 'Budi'],
  ])
})

test('who has spoken was heard, and stays so', () => {
  const checked = { soundCheck: { found: ['quiet'] } } as const
  const heard = hear(new Set(), [person('Ana', checked, { speaking: true }), person('Budi', checked)])
  expect([...heard]).toEqual(['ana' as SeatId])
  expect(hear(heard, [person('Ana', checked)])).toBe(heard)
  const all = hear(heard, [person('Budi', checked, { speaking: true })])
  expect(open({ seats: [person('Ana', checked), person('Budi', checked)], heard: all, leftMs: 1 })).toEqual(
    [],
  )
})
