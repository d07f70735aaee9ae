import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { epoch } from '../../base/units.ts'
import type { PartEvent, Snapshot } from '../../core/part/events.ts'
import { TIMELINE_ENTRIES_MAX, Timeline } from './timeline.ts'

const count = (listeners: number): PartEvent => ({ kind: 'listeners', listeners })
const snapshot = (listeners: number): Snapshot => ({
  kind: 'snapshot',
  epoch: epoch(1),
  phase: 'live',
  recorded: false,
  listeners,
  slate: false,
  seats: [],
})
const numbers = (events: readonly PartEvent[]) =>
  events.map((event) => ('listeners' in event ? event.listeners : -1))

describe('timeline', () => {
  test('events happen when the playhead reaches them, once', () => {
    const timeline = new Timeline()
    timeline.add(10, [snapshot(1)])
    timeline.add(10.2, [count(2)])
    expect(timeline.advance(9.9)).toEqual([])
    expect(numbers(timeline.advance(10.1))).toEqual([1])
    expect(numbers(timeline.advance(10.1))).toEqual([])
    expect(numbers(timeline.advance(11))).toEqual([2])
  })

  test('a join gets everything up to where it starts', () => {
    const timeline = new Timeline()
    timeline.add(10, [snapshot(1)])
    timeline.add(10.2, [count(2)])
    timeline.add(10.6, [count(3)])
    expect(numbers(timeline.advance(10.4))).toEqual([1, 2])
  })

  test('going back starts again from the snapshot before the new place', () => {
    const timeline = new Timeline()
    timeline.add(10, [snapshot(1)])
    timeline.add(11, [count(2)])
    timeline.add(12, [snapshot(3)])
    timeline.add(13, [count(4)])
    timeline.advance(20)
    expect(numbers(timeline.advance(11.5))).toEqual([1, 2])
    expect(numbers(timeline.advance(12.5))).toEqual([3])
  })

  test('for any order of arrival and any playing, events come in order of time and none twice', () => {
    const entries = fc.uniqueArray(fc.nat(500), { maxLength: 60 })
    const moves = fc.array(fc.nat(60), { maxLength: 30 })
    fc.assert(
      fc.property(entries, moves, (times, steps) => {
        const timeline = new Timeline()
        for (const at of times) timeline.add(at, [count(at)])
        const heard: number[] = []
        let playhead = 0
        for (const step of steps) {
          playhead += step
          heard.push(...numbers(timeline.advance(playhead)))
        }
        expect(heard).toEqual(
          [...times].sort((a, b) => a - b).filter((at) => steps.length > 0 && at <= playhead),
        )
      }),
    )
  })

  test('it holds no more than its limit, and gives up the oldest', () => {
    const timeline = new Timeline()
    for (let at = 0; at < TIMELINE_ENTRIES_MAX + 50; at++) timeline.add(at, [count(at)])
    expect(timeline.size).toBe(TIMELINE_ENTRIES_MAX)
    expect(numbers(timeline.advance(1e9))[0]).toBe(50)
  })
})
