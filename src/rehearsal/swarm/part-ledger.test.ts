import { expect, test } from 'bun:test'
import { sequence } from '../../base/units.ts'
import { KnownFlushes } from './known-flushes.ts'
import { PartLedger } from './part-ledger.ts'

test('other bytes for the same part are noticed, in one process and between two', () => {
  const one = new PartLedger()
  const other = new PartLedger()
  expect(one.agrees(5, 111)).toBe(true)
  expect(one.agrees(5, 111)).toBe(true)
  expect(one.agrees(5, 222)).toBe(false)
  other.agrees(5, 333)
  other.agrees(6, 444)
  expect(one.add(other.takeNews())).toBe(1)
  expect(one.partsSeen).toBe(2)
})

test('the same part of two tracks is no difference, within a process and between two', () => {
  const [one, other] = [new PartLedger(), new PartLedger()]
  expect(one.agrees(5, 111)).toBe(true)
  expect(one.agrees(5, 222, true)).toBe(true)
  expect(one.agrees(5, 111, true)).toBe(false)
  other.agrees(5, 222, true)
  expect(other.add(one.takeNews())).toBe(0)
  expect(other.agrees(5, 111)).toBe(true)
})

test('news are told once', () => {
  const ledger = new PartLedger()
  ledger.agrees(5, 1)
  ledger.jumped({ from: 6, to: 8, listeners: 1 })
  expect(ledger.takeNews()).toEqual({ parts: [[5, 1, false]], jumps: [{ from: 6, to: 8, listeners: 1 }] })
  expect(ledger.takeNews()).toEqual({ parts: [], jumps: [] })
})

test('a jump over what others got is their gap; over what nobody got, a hole in the program', () => {
  const ledger = new PartLedger()
  for (const n of [1, 2, 3, 6, 7]) ledger.agrees(n, n)
  ledger.jumped({ from: 2, to: 3, listeners: 1 })
  ledger.jumped({ from: 2, to: 3, listeners: 1 })
  ledger.jumped({ from: 4, to: 6, listeners: 9 })
  expect(ledger.judgeJumps()).toEqual({
    missed: [{ from: 2, to: 3, listeners: 2 }],
    holes: [{ from: 4, to: 6, listeners: 9 }],
  })
})

test('a flush is known by its bytes and by what the listener lacks', () => {
  const flushes = new KnownFlushes()
  const bytes = Uint8Array.of(1, 2, 3)
  flushes.learn(bytes, sequence(4), sequence(5))
  bytes[0] = 9
  expect(flushes.find(Uint8Array.of(1, 2, 3), 4)?.last).toBe(sequence(5))
  expect(flushes.find(Uint8Array.of(1, 2, 3), 5)).toBeUndefined()
  expect(flushes.find(Uint8Array.of(1, 2, 4), 4)).toBeUndefined()
  expect(flushes.find(Uint8Array.of(1, 2), 4)).toBeUndefined()
})
