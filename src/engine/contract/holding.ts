// The contract of what a PartLog holds, and for how long: the ring, what is kept, and what is left after the end.

import { describe, expect, test } from 'bun:test'
import { epoch, sequence } from '../../base/units.ts'
import type { PartLog } from '../ports.ts'
import { appendRun, collect, partOf, SPACE, sequencesIn, sequencesOf, specOf, until } from './program.ts'
import { type MakeSubject, withSubject } from './subject.ts'

const ONE = epoch(1)
const failsWith = (code: string) => ({ code, name: 'MimbarError' })
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

export function describeHolding(name: string, make: MakeSubject): void {
  const onLog = (use: (log: PartLog) => Promise<void>, ringParts: number) => () =>
    withSubject(make, async ({ engine }) => {
      await engine.log.open(SPACE, specOf(ringParts))
      await use(engine.log)
    })

  describe(`${name}: what a PartLog holds`, () => {
    test(
      'the ring turns: as many parts are held as were asked for, and not many more',
      onLog(async (log) => {
        await appendRun(log, 0, 99, 1, 'first')
        await until(async () => ((await log.head(SPACE)).oldest ?? 0) > 0)
        await appendRun(log, 100, 199, 1)
        await until(async () => ((await log.head(SPACE)).oldest ?? 0) >= 160)
        const held = await sequencesIn(log)
        expect(held.length).toBeGreaterThanOrEqual(30)
        expect(held).toEqual(range(held[0]!, 199) as never)
      }, 30),
    )

    test(
      'what is kept stays, while what came before it goes as the ring turns',
      onLog(async (log) => {
        await appendRun(log, 0, 24, 1, 'first')
        await log.keepFrom(SPACE, sequence(25), ONE)
        await appendRun(log, 25, 150, 1)
        await until(async () => (await log.head(SPACE)).oldest === 25)
        expect(await sequencesIn(log)).toEqual(range(25, 150) as never)
        expect((await log.head(SPACE)).keptFrom).toBe(sequence(25))
      }, 30),
    )

    test('of a space that is not recorded nothing is left soon after its end', () =>
      withSubject(
        make,
        async ({ engine: { log } }) => {
          await log.open(SPACE, specOf(900))
          await appendRun(log, 0, 20, 1, 'first')
          await log.end(SPACE, ONE)
          await until(() => isGone(log))
        },
        { retentionMs: 30 },
      ))

    test('of a recorded space the program stays after its end, also over a restart, and the lobby goes', () =>
      withSubject(
        make,
        async (subject) => {
          const { log } = subject.engine
          await log.open(SPACE, specOf(900))
          await appendRun(log, 0, 20, 1, 'first')
          // Said late: parts of the lobby are in one file with the program.
          await log.keepFrom(SPACE, sequence(15), ONE)
          await log.end(SPACE, ONE)
          await log.end(SPACE, ONE)
          await expect(log.append(SPACE, partOf(21, 1))).rejects.toMatchObject(failsWith('gone'))
          await until(async () => (await log.head(SPACE)).oldest === 15)
          await subject.restart()
          const again = subject.engine.log
          expect(await again.head(SPACE)).toMatchObject({ oldest: 15, newest: 20, ended: true })
          expect(await sequencesIn(again)).toEqual(range(15, 20) as never)
          const { signal } = new AbortController()
          const whole = await collect(
            again.tail(SPACE, { kind: 'sequence', from: sequence(0) }, signal),
            () => false,
          )
          expect(sequencesOf(whole)).toEqual(range(15, 20))
          const end = await collect(again.tail(SPACE, { kind: 'live', burstParts: 2 }, signal), () => false)
          expect(sequencesOf(end)).toEqual([18, 19, 20])
        },
        { retentionMs: 30 },
      ))

    test('a space that ended before a restart is cleared away after it', () =>
      withSubject(
        make,
        async (subject) => {
          await subject.engine.log.open(SPACE, specOf(900))
          await appendRun(subject.engine.log, 0, 5, 1, 'first')
          await subject.engine.log.end(SPACE, ONE)
          expect(await sequencesIn(subject.engine.log)).toEqual(range(0, 5) as never)
          await subject.restart()
          await until(() => isGone(subject.engine.log))
        },
        { retentionMs: 400 },
      ))
  })
}

const isGone = (log: PartLog): Promise<boolean> =>
  log.head(SPACE).then(
    () => false,
    (error) => error.code === 'not-found',
  )
