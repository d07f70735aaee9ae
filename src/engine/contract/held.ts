// The contract of PartLog.held: what it tells is what reading finds.

import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { epoch, sequence } from '../../base/units.ts'
import { HELD_RANGES_MAX, type HeldRange, type PartLog } from '../ports.ts'
import { appendRun, partOf, SPACE, specOf, until } from './program.ts'
import { type MakeSubject, type Subject, withSubject } from './subject.ts'

/** `[sequence, epoch]` of each part. */
type Named = readonly (readonly [number, number])[]

type Step =
  | { readonly kind: 'run'; readonly parts: number }
  | { readonly kind: 'skip'; readonly parts: number }
  | { readonly kind: 'takeover' }
  | { readonly kind: 'restart' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('run' as const), parts: fc.integer({ min: 1, max: 25 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('skip' as const), parts: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'takeover' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)

export function describeHeld(name: string, make: MakeSubject): void {
  describe(`${name}: PartLog.held`, () => {
    test('tells of a log without parts that it holds none, and of none that it is not found', () =>
      withSubject(make, async ({ engine: { log } }) => {
        await expect(held(log)).rejects.toMatchObject({ code: 'not-found' })
        await log.open(SPACE, specOf(900))
        expect(await held(log)).toEqual([])
        await expect(held(log, 0, -5)).rejects.toMatchObject({ code: 'bad-request' })
      }))

    test('tells runs by their writer and by the holes between them', () =>
      withSubject(make, async ({ engine: { log } }) => {
        await log.open(SPACE, specOf(12))
        await log.keepFrom(SPACE, sequence(0), epoch(1))
        await appendRun(log, 3, 9, 1, 'first')
        await appendRun(log, 10, 12, 2)
        await appendRun(log, 20, 22, 2, 'stalled')
        expect(await held(log)).toEqual([range(3, 10, 1), range(10, 13, 2), range(20, 23, 2)])
        expect(await held(log, 5, 11)).toEqual([range(5, 10, 1), range(10, 11, 2)])
        expect(await held(log, 13, 20)).toEqual([])
        expect(await held(log, 12, 12)).toEqual([])
      }))

    test('agrees with reading, whatever was appended, skipped, taken over and restarted', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 12 }),
          fc.integer({ min: 1, max: 60 }),
          fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 200 })), { maxLength: 5 }),
          (steps, ringParts, windows) =>
            withSubject(make, async (subject) => {
              await subject.engine.log.open(SPACE, specOf(ringParts))
              await subject.engine.log.keepFrom(SPACE, sequence(0), epoch(1))
              await takeSteps(subject, steps)
              const { log } = subject.engine
              for (const [from, to] of [[0, 1_000] as const, ...windows]) await expectAgreement(log, from, to)
            }),
        ),
        { numRuns: 12 },
      ))

    test('agrees with reading while the ring turns, and after the end', () =>
      withSubject(
        make,
        async ({ engine: { log } }) => {
          await log.open(SPACE, specOf(30))
          await appendRun(log, 0, 99, 1, 'first')
          await until(async () => ((await log.head(SPACE)).oldest ?? 0) >= 60)
          await expectAgreement(log, 0, 1_000)
          await log.keepFrom(SPACE, sequence(95), epoch(1))
          await appendRun(log, 100, 120, 2)
          await log.end(SPACE, epoch(2))
          await until(async () => (await log.head(SPACE)).oldest === 95)
          expect(await held(log)).toEqual([range(95, 100, 1), range(100, 121, 2)])
          await expectAgreement(log, 0, 1_000)
        },
        { retentionMs: 30 },
      ))

    test('is cut short at a limit, and goes on from the end of its last run', () =>
      withSubject(make, async ({ engine: { log } }) => {
        await log.open(SPACE, specOf(3_000))
        const runs = HELD_RANGES_MAX + 7
        for (let i = 0; i < runs; i++) await log.append(SPACE, partOf(i * 2, 1, 'stalled'))
        const first = await held(log)
        expect(first).toHaveLength(HELD_RANGES_MAX)
        const rest = await held(log, first.at(-1)?.to)
        expect([...first, ...rest]).toEqual(
          Array.from({ length: runs }, (_, i) => range(i * 2, i * 2 + 1, 1)),
        )
      }))
  })
}

const range = (from: number, to: number, by: number): HeldRange => ({
  from: sequence(from),
  to: sequence(to),
  epoch: epoch(by),
})

const held = (log: PartLog, from = 0, to = 2 ** 40): Promise<readonly HeldRange[]> =>
  log.held(SPACE, sequence(from), sequence(to))

async function takeSteps(subject: Subject, steps: readonly Step[]): Promise<void> {
  let next = 0
  let writer = 1
  for (const step of steps) {
    if (step.kind === 'restart') await subject.restart()
    else if (step.kind === 'takeover') writer += 1
    else if (step.kind === 'skip') next += step.parts
    else {
      const { newest } = await subject.engine.log.head(SPACE)
      const gap = newest !== undefined && next === newest + 1 ? undefined : 'stalled'
      await appendRun(subject.engine.log, next, next + step.parts - 1, writer, gap)
      next += step.parts
    }
  }
}

async function expectAgreement(log: PartLog, from: number, to: number): Promise<void> {
  const read: [number, number][] = []
  for await (const part of log.read(SPACE, sequence(from), sequence(to)))
    read.push([part.sequence, part.epoch])
  const ranges = await held(log, from, to)
  expect(namesIn(ranges)).toEqual(read)
  for (const [i, { from: start, to: end, epoch: by }] of ranges.entries()) {
    const before = ranges[i - 1]
    expect(end).toBeGreaterThan(start)
    expect(before?.to === start && before.epoch === by).toBe(false)
  }
}

const namesIn = (ranges: readonly HeldRange[]): Named =>
  ranges.flatMap(({ from, to, epoch: by }) =>
    Array.from({ length: to - from }, (_, i) => [from + i, by] as const),
  )
