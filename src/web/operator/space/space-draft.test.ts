import { expect, test } from 'bun:test'
import { parseSpaceId } from '../../../base/ids.ts'
import type { PublicSpace } from '../../../core/api/api.ts'
import { changeOf, draftOf, EMPTY_DRAFT, newSpaceOf } from './space-draft.ts'

const space: PublicSpace = {
  id: parseSpaceId('river'),
  title: 'What the river says',
  phase: 'scheduled',
  recorded: true,
  scheduledAtMs: Date.UTC(2026, 10, 23, 18, 0, 30),
  start: 'automatic',
  replay: false,
  listeners: 0,
  description: 'Both banks.',
  people: ['Ana', 'Budi'],
  language: 'jv',
}

test('a form that is left as it was asks for nothing, also when the time has seconds', () => {
  expect(changeOf(draftOf(space), draftOf(space))).toEqual({})
})

test('only what was changed is asked for; what was emptied is taken away', () => {
  const before = draftOf(space)
  expect(changeOf(before, { ...before, title: ' The sea ', people: '', description: '' })).toEqual({
    title: 'The sea',
    people: [],
    description: '',
  })
  const moved = changeOf(before, { ...before, start: '2026-11-24T18:00' })
  expect(moved).toMatchObject({ start: 'automatic', scheduledAtMs: new Date('2026-11-24T18:00').getTime() })
  // Without a time nothing can begin by itself.
  expect(changeOf(before, { ...before, start: '' })).toMatchObject({ scheduledAtMs: null, start: 'manual' })
})

test('a new space has what was typed, and starts by itself only at a time', () => {
  const typed = { ...EMPTY_DRAFT, title: ' River ', people: 'Ana; Budi,', startsByItself: true }
  expect(newSpaceOf(typed, { recorded: false, waits: true })).toEqual({
    title: 'River',
    people: ['Ana', 'Budi'],
    description: '',
    recorded: false,
    arrivals: 'backstage',
  })
  const planned = newSpaceOf({ ...typed, start: '2040-01-02T18:00' }, { recorded: true, waits: false })
  expect(planned).toMatchObject({ start: 'automatic', recorded: true })
})
