// The contract of the Lease, as tests.

import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { SpaceId } from '../../base/ids.ts'
import { type Epoch, epoch, millis } from '../../base/units.ts'
import type { LeasePort } from '../ports.ts'
import { SPACE, until } from './program.ts'
import { type MakeSubject, withSubject } from './subject.ts'

const LONG = millis(30_000)
const SHORT = millis(30)

export function describeLease(name: string, make: MakeSubject): void {
  const take = async (lease: LeasePort, holder: string, over?: Epoch, ttl = LONG): Promise<Epoch> => {
    const answer = await lease.acquire({ space: SPACE, holder, ttl, ...(over === undefined ? {} : { over }) })
    if (answer.kind === 'held') throw new Error(`held by ${answer.holder}`)
    return answer.epoch
  }

  describe(`${name}: Lease`, () => {
    test('one holds it, renews it and gives it back; its epoch stays while held and grows after', () =>
      withSubject(make, async ({ engine: { lease } }) => {
        expect(await lease.holder(SPACE)).toBeUndefined()
        const first = await take(lease, 'a')
        expect(first).toBeGreaterThanOrEqual(1)
        expect(await take(lease, 'a')).toBe(first)
        expect(await lease.renew(SPACE, first, LONG)).toBe(true)
        expect(await lease.holder(SPACE)).toMatchObject({ holder: 'a', epoch: first })
        expect(await lease.acquire({ space: SPACE, holder: 'b', ttl: LONG })).toMatchObject({
          kind: 'held',
          holder: 'a',
          epoch: first,
        })
        await lease.release(SPACE, first)
        expect(await lease.renew(SPACE, first, LONG)).toBe(false)
        expect(await take(lease, 'b')).toBeGreaterThan(first)
      }))

    test('it is taken over exactly from the epoch that was seen to fail', () =>
      withSubject(make, async ({ engine: { lease } }) => {
        const first = await take(lease, 'a')
        const second = await take(lease, 'b', first)
        expect(second).toBeGreaterThan(first)
        expect(await lease.renew(SPACE, first, LONG)).toBe(false)
        await expect(take(lease, 'c', first)).rejects.toThrow('held by b')
        await lease.release(SPACE, first)
        expect(await lease.holder(SPACE)).toMatchObject({ holder: 'b', epoch: second })
      }))

    test('it expires when it is not renewed', () =>
      withSubject(make, async ({ engine: { lease } }) => {
        const first = await take(lease, 'a', undefined, SHORT)
        await until(async () => (await lease.holder(SPACE)) === undefined)
        expect(await lease.renew(SPACE, first, LONG)).toBe(false)
        expect(await take(lease, 'b')).toBeGreaterThan(first)
      }))

    test('it is still held after a restart, with the same epoch', () =>
      withSubject(make, async (subject) => {
        const first = await take(subject.engine.lease, 'a')
        await subject.restart()
        const { lease } = subject.engine
        expect(await lease.holder(SPACE)).toMatchObject({ holder: 'a', epoch: first })
        expect(await lease.renew(SPACE, first, LONG)).toBe(true)
        await expect(take(lease, 'b')).rejects.toThrow('held by a')
      }))

    test('words that make no sense are refused', () =>
      withSubject(make, async ({ engine: { lease } }) => {
        const wanted = { code: 'bad-request' }
        await expect(lease.acquire({ space: SPACE, holder: '', ttl: LONG })).rejects.toMatchObject(wanted)
        await expect(lease.acquire({ space: SPACE, holder: 'a', ttl: millis(-1) })).rejects.toMatchObject(
          wanted,
        )
        const space = '../etc' as SpaceId
        await expect(lease.acquire({ space, holder: 'a', ttl: LONG })).rejects.toMatchObject({
          code: expect.stringMatching(/bad-request|not-found/),
        })
      }))

    test('the epoch only grows, whatever happens: expiry, take-over, release, restart', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('take', 'short', 'over', 'release', 'restart', 'wait'), { maxLength: 14 }),
          (steps) =>
            withSubject(make, async (subject) => {
              let newest = epoch(0)
              let holder = ''
              for (const [i, step] of steps.entries()) {
                const { lease } = subject.engine
                if (step === 'restart') await subject.restart()
                else if (step === 'release') await lease.release(SPACE, newest)
                else if (step === 'wait') await Bun.sleep(3)
                else {
                  const ttl = step === 'short' ? millis(2) : LONG
                  const by = `holder-${i}`
                  const over = step === 'over' ? { over: newest } : {}
                  const answer = await lease.acquire({ space: SPACE, holder: by, ttl, ...over })
                  expect(answer.epoch).toBeGreaterThanOrEqual(newest)
                  if (answer.kind === 'acquired') {
                    expect(answer.epoch).toBeGreaterThan(newest)
                    newest = answer.epoch
                    holder = by
                  } else expect(answer.holder).toBe(holder)
                }
              }
            }),
        ),
        { numRuns: 6 },
      ))
  })
}
