// The contract of the PartLog: what every engine must do, as tests.

import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { epoch, sequence } from '../../base/units.ts'
import type { Part } from '../../core/part/part.ts'
import { RECORD_BYTES_MAX } from '../../core/part/part.ts'
import { type PartLog, TAIL_BACKLOG_PARTS_MAX, type TailItem } from '../ports.ts'
import { appendRun, collect, partOf, SPACE, sequencesIn, sequencesOf, specOf, until } from './program.ts'
import { type MakeSubject, withSubject } from './subject.ts'

const ONE = epoch(1)
const TWO = epoch(2)
const failsWith = (code: string) => ({ code, name: 'MimbarError' })
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

export function describePartLog(name: string, make: MakeSubject): void {
  const onLog =
    (use: (log: PartLog) => Promise<void>, ringParts = 900) =>
    () =>
      withSubject(make, async ({ engine }) => {
        await engine.log.open(SPACE, specOf(ringParts))
        await use(engine.log)
      })

  describe(`${name}: PartLog`, () => {
    test('a log that was never opened is not found, by any call', () =>
      withSubject(make, async ({ engine: { log } }) => {
        const { signal } = new AbortController()
        const wanted = failsWith('not-found')
        await expect(log.head(SPACE)).rejects.toMatchObject(wanted)
        await expect(log.append(SPACE, partOf(0, 1, 'first'))).rejects.toMatchObject(wanted)
        await expect(sequencesIn(log)).rejects.toMatchObject(wanted)
        const tail = log.tail(SPACE, { kind: 'live', burstParts: 0 }, signal)
        await expect(collect(tail, () => false)).rejects.toMatchObject(wanted)
      }))

    test('a log that never existed can be forgotten, any number of times at once, and opened afterwards', () =>
      withSubject(make, async (subject) => {
        await Promise.all([subject.engine.log.forget(SPACE), subject.engine.log.forget(SPACE)])
        await subject.restart()
        const { log } = subject.engine
        await log.forget(SPACE)
        await expect(log.head(SPACE)).rejects.toMatchObject(failsWith('not-found'))
        await log.open(SPACE, specOf(900))
        await appendRun(log, 0, 2, 1, 'first')
        expect(await sequencesIn(log)).toEqual(range(0, 2) as never)
      }))

    test(
      'opening again finds the log as it is; another grid or codec configuration is a conflict',
      onLog(async (log) => {
        await log.append(SPACE, partOf(5, 1, 'first'))
        await log.open(SPACE, specOf(900))
        expect((await log.head(SPACE)).newest).toBe(sequence(5))
        const { tracks, ...rest } = specOf(900)
        const otherHeader = tracks.map((track) => ({ ...track, header: Uint8Array.of(9) }))
        await expect(log.open(SPACE, { tracks: otherHeader, ...rest })).rejects.toMatchObject(
          failsWith('conflict'),
        )
        const otherGrid = { ...specOf(900), gridStartMs: 0 as never }
        await expect(log.open(SPACE, otherGrid)).rejects.toMatchObject(failsWith('conflict'))
      }),
    )

    test('a log gains the tracks that a later writer opens it with, for good, and keeps what it had', async () =>
      withSubject(make, async (subject) => {
        const old = subject.engine.log
        await old.open(SPACE, specOf(900))
        await appendRun(old, 0, 2, 1, 'first')
        const header = { id: 'low.mp4', contentType: 'audio/mp4', header: Uint8Array.of(7) } as const
        const { tracks, ...rest } = specOf(900)
        await old.open(SPACE, { tracks: [...tracks, header], ...rest })
        // A writer that knows fewer of them finds it as it is.
        await old.open(SPACE, specOf(900))
        const both = new Map([...partOf(3, 1).tracks, ['low.mp4', Uint8Array.of(1, 2)] as const])
        await old.append(SPACE, { ...partOf(3, 1), tracks: both })
        await subject.restart()
        const { log } = subject.engine
        expect((await log.head(SPACE)).tracks).toEqual([...tracks, header])
        const parts = await Array.fromAsync(log.read(SPACE, sequence(0), sequence(4)))
        expect(parts.map((part) => part.tracks.get('low.mp4')?.length)).toEqual([
          undefined,
          undefined,
          undefined,
          2,
        ])
        const otherHeader = { ...header, header: Uint8Array.of(8) }
        await expect(log.open(SPACE, { tracks: [...tracks, otherHeader], ...rest })).rejects.toMatchObject(
          failsWith('conflict'),
        )
      }))

    test(
      'the head tells where the log stands',
      onLog(async (log) => {
        expect(await log.head(SPACE)).toEqual({
          ...specOf(900),
          epoch: epoch(0),
          appendFrom: sequence(0),
          ended: false,
        })
        await appendRun(log, 3, 8, 1, 'first')
        expect(await log.head(SPACE)).toEqual({
          ...specOf(900),
          oldest: sequence(3),
          newest: sequence(8),
          epoch: ONE,
          appendFrom: sequence(9),
          ended: false,
        })
      }),
    )

    test(
      'what is read back is what was appended, byte for byte',
      onLog(async (log) => {
        const parts = range(0, 30).map((at) => partOf(at, 1, at === 0 ? 'first' : undefined))
        for (const part of parts) await log.append(SPACE, part)
        const read = await Array.fromAsync(log.read(SPACE, sequence(10), sequence(20)))
        expect(read.map(plain)).toEqual(parts.slice(10, 20).map(plain))
      }),
    )

    test(
      'repeating the newest part is answered like the first time; anything else that is not after it is a conflict',
      onLog(async (log) => {
        await appendRun(log, 0, 4, 1, 'first')
        await log.append(SPACE, partOf(4, 1))
        await expect(log.append(SPACE, partOf(4, 1, undefined, 1))).rejects.toMatchObject(
          failsWith('conflict'),
        )
        await expect(log.append(SPACE, partOf(3, 1))).rejects.toMatchObject(failsWith('conflict'))
        expect(await sequencesIn(log)).toEqual(range(0, 4) as never)
      }),
    )

    test(
      'a skip must name its gap',
      onLog(async (log) => {
        await expect(log.append(SPACE, partOf(0, 1))).rejects.toMatchObject(failsWith('conflict'))
        await log.append(SPACE, partOf(0, 1, 'first'))
        await expect(log.append(SPACE, partOf(7, 1))).rejects.toMatchObject(failsWith('conflict'))
        await log.append(SPACE, partOf(7, 1, 'stalled'))
        const [, second] = await Array.fromAsync(log.read(SPACE, sequence(0), sequence(100)))
        expect(second?.gap).toBe('stalled')
      }),
    )

    test(
      'a part that is too large, and numbers that are none, are refused',
      onLog(async (log) => {
        const large = {
          ...partOf(0, 1, 'first'),
          tracks: new Map([['events', new Uint8Array(RECORD_BYTES_MAX)]]),
        }
        await expect(log.append(SPACE, large as Part)).rejects.toMatchObject(failsWith('too-large'))
        const badEpoch = { ...partOf(0, 1, 'first'), epoch: epoch(0) }
        await expect(log.append(SPACE, badEpoch)).rejects.toMatchObject(failsWith('bad-request'))
        await expect(sequencesIn(log, 0, -5)).rejects.toMatchObject(failsWith('bad-request'))
        expect((await log.head(SPACE)).newest).toBeUndefined()
      }),
    )

    test(
      'a tail begins where it is told to, follows, says idle when nothing comes, and ends',
      onLog(async (log) => {
        await appendRun(log, 0, 9, 1, 'first')
        const { signal } = new AbortController()
        const kinds: string[] = []
        const whole = (async () => {
          const items: TailItem[] = []
          for await (const item of log.tail(SPACE, { kind: 'sequence', from: sequence(4) }, signal)) {
            kinds.push(item.kind)
            if (item.kind !== 'idle') items.push(item)
          }
          return items
        })()
        const live = collect(log.tail(SPACE, { kind: 'live', burstParts: 3 }, signal), () => false)
        await until(() => kinds.length >= 6)
        await appendRun(log, 10, 12, 1)
        await until(() => kinds.includes('idle'))
        await log.end(SPACE, ONE)
        expect(sequencesOf(await whole)).toEqual(range(4, 12))
        expect((await whole).at(-1)?.kind).toBe('ended')
        expect(sequencesOf(await live).slice(-6)).toEqual(range(7, 12))
      }),
    )

    test(
      'a tail of an empty log, and one from a sequence to come, wait for it',
      onLog(async (log) => {
        const { signal } = new AbortController()
        const live = collect(
          log.tail(SPACE, { kind: 'live', burstParts: 5 }, signal),
          (items) => items.length === 1,
        )
        const from = { kind: 'sequence', from: sequence(3) } as const
        const later = collect(log.tail(SPACE, from, signal), (items) => items.length === 1)
        await appendRun(log, 1, 4, 1, 'first')
        expect(sequencesOf(await live)[0]).toBeGreaterThan(0)
        expect(sequencesOf(await later)).toEqual([3])
      }),
    )

    test(
      'a tail ends quietly when its reader aborts it',
      onLog(async (log) => {
        await log.append(SPACE, partOf(0, 1, 'first'))
        const abort = new AbortController()
        const items: TailItem[] = []
        for await (const item of log.tail(SPACE, { kind: 'live', burstParts: 1 }, abort.signal)) {
          items.push(item)
          abort.abort()
        }
        expect(items).toHaveLength(1)
      }),
    )

    test('a reader that comes and goes at any point has every part once', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 6 }),
          fc.integer({ min: 1, max: 5 }),
          fc.integer({ min: 3, max: 900 }),
          (stays, burst, ringParts) =>
            onLog(async (log) => {
              await log.keepFrom(SPACE, sequence(0), ONE)
              await log.append(SPACE, partOf(0, 1, 'first'))
              const writing = (async () => {
                for (let at = 1; at < 40; at++) {
                  await log.append(SPACE, partOf(at, 1))
                  if (at % burst === 0) await Bun.sleep(0)
                }
                await log.end(SPACE, ONE)
              })()
              const heard: number[] = []
              let next = 0
              for (const stay of [...stays, 100]) {
                const tail = log.tail(
                  SPACE,
                  { kind: 'sequence', from: sequence(next) },
                  new AbortController().signal,
                )
                heard.push(...sequencesOf(await collect(tail, (items) => items.length >= stay)))
                next = (heard.at(-1) ?? -1) + 1
              }
              await writing
              expect(heard).toEqual(range(0, 39))
            }, ringParts)(),
        ),
        { numRuns: 8 },
      ))

    test(
      'a reader that falls too far behind is told, not skipped',
      onLog(async (log) => {
        await log.append(SPACE, partOf(0, 1, 'first'))
        const { signal } = new AbortController()
        const tail = log.tail(SPACE, { kind: 'live', burstParts: 1 }, signal)[Symbol.asyncIterator]()
        await tail.next()
        const pending = tail.next()
        // Large enough that no buffer on the way swallows them all.
        const bulk = new Uint8Array(20_000)
        for (let at = 1; at <= TAIL_BACKLOG_PARTS_MAX * 3; at++) {
          const part = { ...partOf(at, 1), tracks: new Map([['opus.mp4', bulk]]) }
          await log.append(SPACE, part as Part)
        }
        await pending
        const rest = (async () => {
          let newest = 1
          for (let item = await tail.next(); !item.done; item = await tail.next()) {
            if (item.value.kind !== 'part') continue
            expect(item.value.part.sequence).toBe(sequence(newest + 1))
            newest += 1
          }
        })()
        await expect(rest).rejects.toMatchObject(failsWith('too-many'))
      }, 2_000),
    )

    test('an older epoch is fenced, by an append and by the lease', () =>
      withSubject(make, async ({ engine: { log, lease } }) => {
        await log.open(SPACE, specOf(900))
        await log.append(SPACE, partOf(0, 1, 'first'))
        await log.append(SPACE, partOf(1, 2))
        await expect(log.append(SPACE, partOf(2, 1))).rejects.toMatchObject(failsWith('fenced'))
        await expect(log.keepFrom(SPACE, sequence(0), ONE)).rejects.toMatchObject(failsWith('fenced'))
        await expect(log.end(SPACE, ONE)).rejects.toMatchObject(failsWith('fenced'))
        const answer = await lease.acquire({ space: SPACE, holder: 'a', ttl: 5_000 as never })
        expect(answer).toMatchObject({ kind: 'acquired', epoch: 3 })
        expect((await log.head(SPACE)).epoch).toBe(epoch(3))
        await expect(log.append(SPACE, partOf(2, 2))).rejects.toMatchObject(failsWith('fenced'))
        await log.append(SPACE, partOf(2, 3))
      }))

    test('whatever two writers do at once, epochs in the log only grow and what was acknowledged is there', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 }),
          (writers) =>
            onLog(async (log) => {
              const acknowledged: number[] = []
              await Promise.all(
                writers.map(async (by, at) => {
                  try {
                    await log.append(SPACE, partOf(at, by, 'takeover'))
                    acknowledged.push(at)
                  } catch (error) {
                    expect(['fenced', 'conflict']).toContain((error as { code: string }).code)
                  }
                }),
              )
              const parts = await Array.fromAsync(log.read(SPACE, sequence(0), sequence(100)))
              const epochs = parts.map((part) => part.epoch)
              expect(epochs).toEqual([...epochs].sort())
              expect(parts.map((part) => part.sequence as number)).toEqual(acknowledged.sort((a, b) => a - b))
            })(),
        ),
        { numRuns: 8 },
      ))

    test('over a restart the log is as it was, and goes on', () =>
      withSubject(make, async (subject) => {
        await subject.engine.log.open(SPACE, specOf(900))
        await appendRun(subject.engine.log, 0, 650, 1, 'first')
        const before = await subject.engine.log.head(SPACE)
        await subject.restart()
        const { log } = subject.engine
        expect(await log.head(SPACE)).toEqual(before)
        await log.append(SPACE, partOf(650, 1))
        await log.append(SPACE, partOf(651, TWO))
        expect(await sequencesIn(log)).toEqual(range(0, 651) as never)
        const { signal } = new AbortController()
        const tail = log.tail(SPACE, { kind: 'sequence', from: sequence(100) }, signal)
        const items = await collect(tail, (found) => found.length === 552)
        expect(sequencesOf(items)).toEqual(range(100, 651))
      }))

    test(
      'a log that was removed is gone for its readers, and can be made anew',
      onLog(async (log) => {
        await appendRun(log, 0, 3, 1, 'first')
        const { signal } = new AbortController()
        const tail = collect(log.tail(SPACE, { kind: 'live', burstParts: 1 }, signal), () => false)
        // Observed from the start, so that it is never an unhandled rejection.
        const outcome = tail.then(
          () => 'ended',
          (error) => error.code,
        )
        await log.forget(SPACE)
        await log.forget(SPACE)
        expect(['gone', 'not-found']).toContain(await outcome)
        await expect(log.head(SPACE)).rejects.toMatchObject(failsWith('not-found'))
        await log.open(SPACE, { ...specOf(30), gridStartMs: 5 as never })
        expect((await log.head(SPACE)).newest).toBeUndefined()
      }),
    )
  })
}

const plain = (part: Part): unknown => ({ ...part, tracks: [...part.tracks] })
