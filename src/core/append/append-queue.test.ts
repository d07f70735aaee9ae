import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { ErrorCode } from '../../base/errors.ts'
import { epoch, type Millis, sequence } from '../../base/units.ts'
import type { Part } from '../part/part.ts'
import { type AppendEffect, type AppendEvent, AppendQueue, QUEUE_PARTS_MAX } from './append-queue.ts'

const at = (ms: number): Millis => ms as Millis
const part = (n: number): Part => ({ sequence: sequence(n), epoch: epoch(1), tracks: new Map() })

/** A log as the contract describes it, that may be away, and may have burnt a block. */
class Log {
  readonly parts: Part[] = []
  appendFrom: number
  up = true

  constructor(appendFrom: number) {
    this.appendFrom = appendFrom
  }

  answer(effect: AppendEffect): AppendEvent {
    if (effect.kind === 'ask-head') return this.up ? this.#head() : { kind: 'head-failed' }
    if (effect.kind === 'lost') throw new Error(`lost: ${effect.code}`)
    const code = this.#refusal(effect.part)
    if (code) return { kind: 'refused', code }
    if (this.parts.at(-1)?.sequence !== effect.part.sequence) this.parts.push(effect.part)
    this.appendFrom = effect.part.sequence + 1
    return { kind: 'appended' }
  }

  #head(): AppendEvent {
    return { kind: 'head', appendFrom: sequence(this.appendFrom), newest: this.parts.at(-1)?.sequence }
  }

  #refusal(next: Part): ErrorCode | undefined {
    if (!this.up) return 'unavailable'
    const newest = this.parts.at(-1)?.sequence
    if (newest === next.sequence) return undefined
    if (next.sequence < this.appendFrom) return 'conflict'
    return newest !== undefined && next.sequence === newest + 1
      ? undefined
      : next.gap
        ? undefined
        : 'conflict'
  }
}

/** Runs effects and their answers until nothing is left to do at `now`. */
function settle(queue: AppendQueue, log: Log, effects: readonly AppendEffect[], now: number): void {
  const open = [...effects]
  for (let effect = open.shift(); effect; effect = open.shift()) {
    open.push(...queue.handle(log.answer(effect), at(now)))
  }
}

describe('parts on their way into the log', () => {
  test('arrive in order, each once; none is lost that waited less than ten seconds, and every hole is named', () => {
    const outages = fc.array(
      fc.record({ from: fc.integer({ min: 0, max: 200 }), parts: fc.integer({ min: 1, max: 80 }) }),
      {
        maxLength: 3,
      },
    )
    fc.assert(
      fc.property(outages, fc.integer({ min: 0, max: 40 }), (list, burntUntil) => {
        const log = new Log(burntUntil)
        const queue = new AppendQueue()
        for (let n = 0; n < 320; n++) {
          log.up = !list.some(({ from, parts }) => n >= from && n < from + parts)
          const now = n * 200
          settle(queue, log, queue.handle({ kind: 'part', part: part(n) }, at(now)), now)
          const later = now + 150
          settle(queue, log, queue.handle({ kind: 'deadline' }, at(later)), later)
        }
        for (const [i, { sequence: n, gap }] of log.parts.entries()) {
          const before = log.parts[i - 1]?.sequence
          if (before === undefined) expect(gap).toBeDefined()
          else expect(gap !== undefined).toBe(n !== before + 1)
          if (before !== undefined) expect(n).toBeGreaterThan(before)
        }
        const spanned = outageSpan(list)
        if (spanned < QUEUE_PARTS_MAX) expect(log.parts).toHaveLength(320 - Math.max(0, burntUntil))
        expect(log.parts.at(-1)?.sequence).toBe(sequence(319))
        expect(queue.isDrained).toBe(true)
      }),
    )
  })

  test('wait while the log is away, and the newest of ten seconds survive', () => {
    const log = new Log(0)
    log.up = false
    const queue = new AppendQueue()
    for (let n = 0; n < 100; n++)
      settle(queue, log, queue.handle({ kind: 'part', part: part(n) }, at(n * 200)), n * 200)
    log.up = true
    settle(queue, log, queue.handle({ kind: 'deadline' }, at(100_000)), 100_000)
    expect(log.parts.slice(-QUEUE_PARTS_MAX).map((kept) => kept.sequence as number)).toEqual(
      Array.from({ length: QUEUE_PARTS_MAX }, (_, i) => 100 - QUEUE_PARTS_MAX + i),
    )
    expect(log.parts.at(-QUEUE_PARTS_MAX)?.gap).toBe('stalled')
    expect(queue.dropped).toBe(100 - QUEUE_PARTS_MAX - 1)
  })

  test('that were burnt by an unclean stop are left out, and the next one says so', () => {
    const log = new Log(0)
    const queue = new AppendQueue()
    settle(queue, log, queue.handle({ kind: 'part', part: { ...part(0), gap: 'first' } }, at(0)), 0)
    log.appendFrom = 5
    for (let n = 1; n < 8; n++)
      settle(queue, log, queue.handle({ kind: 'part', part: part(n) }, at(n * 200)), n * 200)
    expect(log.parts.map(({ sequence: n, gap }) => [n as number, gap])).toEqual([
      [0, 'first'],
      [5, 'unclean-stop'],
      [6, undefined],
      [7, undefined],
    ])
  })

  test('stop for good when the log is held by somebody else', () => {
    const queue = new AppendQueue()
    queue.handle({ kind: 'part', part: part(0) }, at(0))
    expect(queue.handle({ kind: 'refused', code: 'fenced' }, at(1))).toEqual([
      { kind: 'lost', code: 'fenced' },
    ])
    expect(queue.handle({ kind: 'part', part: part(1) }, at(200))).toEqual([])
    expect(queue.isDrained).toBe(true)
  })
})

/** The longest run of parts without a log. */
function outageSpan(list: readonly { readonly from: number; readonly parts: number }[]): number {
  let longest = 0
  let run = 0
  for (let n = 0; n < 320; n++) {
    run = list.some(({ from, parts }) => n >= from && n < from + parts) ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}
