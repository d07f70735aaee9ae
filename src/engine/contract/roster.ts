// The contract of the Roster, as tests.

import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FACT_BYTES_MAX, type RosterFact } from '../ports.ts'
import { until } from './program.ts'
import { type MakeSubject, withSubject } from './subject.ts'

export function describeRoster(name: string, make: MakeSubject): void {
  describe(`${name}: Roster`, () => {
    test('a document is written only over the revision that was seen', () =>
      withSubject(make, async ({ engine: { roster } }) => {
        expect(await roster.get('space/a')).toBeUndefined()
        const first = await roster.put('space/a', { title: 'é' }, 0)
        expect(await roster.get('space/a')).toEqual({
          key: 'space/a',
          value: { title: 'é' },
          revision: first,
        })
        await expect(roster.put('space/a', 1, 0)).rejects.toMatchObject({ code: 'conflict' })
        const second = await roster.put('space/a', 2, first)
        expect(second).toBeGreaterThan(first)
        await expect(roster.put('space/a', 3, first)).rejects.toMatchObject({ code: 'conflict' })
        await expect(roster.delete('space/a', first)).rejects.toMatchObject({ code: 'conflict' })
        await roster.delete('space/a', second)
        await roster.delete('space/a', second)
        expect(await roster.get('space/a')).toBeUndefined()
        expect(await roster.put('space/a', 4, 0)).toBeGreaterThan(second)
      }))

    test('of many who write over the same revision, one does', () =>
      withSubject(make, async ({ engine: { roster } }) => {
        const revision = await roster.put('k', 0, 0)
        const outcomes = await Promise.allSettled(
          [1, 2, 3, 4].map((value) => roster.put('k', value, revision)),
        )
        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
      }))

    test('documents are listed by prefix and survive a restart', () =>
      withSubject(make, async (subject) => {
        const { roster } = subject.engine
        await roster.put('space/b', 2, 0)
        await roster.put('space/a', 1, 0)
        await roster.put('spade', 3, 0)
        const before = await roster.list('space/')
        expect(before.map((fact) => [fact.key, fact.value])).toEqual([
          ['space/a', 1],
          ['space/b', 2],
        ])
        await subject.restart()
        expect(await subject.engine.roster.list('space/')).toEqual(before)
        expect(await subject.engine.roster.list('')).toHaveLength(3)
      }))

    test('bad keys, values without JSON and documents that are too large are refused', () =>
      withSubject(make, async ({ engine: { roster } }) => {
        await expect(roster.put('', 1, 0)).rejects.toMatchObject({ code: 'bad-request' })
        await expect(roster.put('k\u0000', 1, 0)).rejects.toMatchObject({ code: 'bad-request' })
        await expect(roster.put('k', undefined, 0)).rejects.toMatchObject({ code: 'bad-request' })
        const large = 'x'.repeat(FACT_BYTES_MAX)
        await expect(roster.put('k', large, 0)).rejects.toMatchObject({ code: 'too-large' })
      }))

    test('a watcher that lags any way ends up with what is there', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.constantFrom('w/a', 'w/b', 'w/c', 'x'), fc.option(fc.nat())), {
            maxLength: 25,
          }),
          (changes) =>
            withSubject(make, async ({ engine: { roster } }) => {
              const abort = new AbortController()
              const seen = new Map<string, RosterFact>()
              const watching = (async () => {
                for await (const fact of roster.watch('w/', abort.signal)) {
                  const before = seen.get(fact.key)
                  expect(fact.revision).toBeGreaterThanOrEqual(before?.revision ?? 0)
                  seen.set(fact.key, fact)
                }
              })()
              const revisions = new Map<string, number>()
              for (const [key, value] of changes) {
                if (value !== null) revisions.set(key, await roster.put(key, value, revisions.get(key) ?? 0))
                else if (revisions.has(key)) {
                  await roster.delete(key, revisions.get(key)!)
                  revisions.delete(key)
                }
              }
              await roster.put('w/end', true, 0)
              await until(() => seen.has('w/end'))
              const left = [...seen.values()].filter((fact) => fact.value !== undefined)
              const there = await roster.list('w/')
              expect(left.sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([...there])
              abort.abort()
              await watching
            }),
        ),
        { numRuns: 6 },
      ))
  })
}
