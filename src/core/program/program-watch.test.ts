import { describe, expect, test } from 'bun:test'
import { sequence, wallMillis } from '../../base/units.ts'
import type { SpaceCourse } from '../space/phases.ts'
import { ProgramWatch } from './program-watch.ts'

const grid = wallMillis(1_800_000_000_000)
const at = (ms: number) => wallMillis(grid + ms)
const planned: SpaceCourse = { phase: 'lobby', gridStartMs: grid, plannedStart: sequence(300) }

describe('who stands by', () => {
  test('knows when the first part of the program had come, whether or not control has said that it began', () => {
    for (const facts of [planned, { ...planned, phase: 'live', programStart: sequence(300) } as const]) {
      const watch = new ProgramWatch()
      watch.seen(sequence(299), facts, at(60_010))
      expect(watch.onAirAtMs).toBeUndefined()
      watch.seen(sequence(300), facts, at(60_215))
      watch.seen(sequence(301), facts, at(60_410))
      expect(watch.onAirAtMs).toBe(at(60_015))
    }
  })

  test('and whose stream was broken off in between takes the first that comes', () => {
    const watch = new ProgramWatch()
    watch.seen(sequence(298), planned, at(59_810))
    watch.seen(sequence(303), planned, at(61_500))
    expect(watch.onAirAtMs).toBe(at(61_300))
  })

  test('and came when the program was on knows nothing of its beginning', () => {
    const watch = new ProgramWatch()
    watch.seen(sequence(900), planned, at(180_210))
    expect(watch.onAirAtMs).toBeUndefined()
  })

  test('goes by the second in which the host pressed the button, not by the one that was planned', () => {
    const watch = new ProgramWatch()
    const begun: SpaceCourse = { ...planned, phase: 'live', programStart: sequence(250) }
    watch.seen(sequence(249), begun, at(50_010))
    watch.seen(sequence(250), begun, at(50_210))
    expect(watch.onAirAtMs).toBe(at(50_010))
  })
})
