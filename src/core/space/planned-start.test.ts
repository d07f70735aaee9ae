import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { PART_MS, sequence, wallMillis, wallTimeOf } from '../../base/units.ts'
import {
  COMMAND_LEAD_MS,
  endProgram,
  LOBBY_AHEAD_MS,
  passTime,
  type SpaceCourse,
  startProgram,
} from './phases.ts'
import {
  courseAt,
  isProgramDue,
  PLAN_FIRM_MS,
  planStart,
  reschedule,
  startModeOf,
  startsAtMs,
} from './planned-start.ts'

const grid = wallMillis(1_800_000_000_000)
const at = (afterGridMs: number) => wallMillis(grid + afterGridMs)
const scheduled: SpaceCourse = { phase: 'scheduled', gridStartMs: grid, scheduledAtMs: at(60_000) }
const planned = planStart(scheduled, 'automatic', at(0))
const lobby = passTime(planned, at(0), at(0))

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return ['bad-request', 'conflict', 'gone'].find((code) => hasCode(error, code as 'gone'))
  }
}

describe('a planned start', () => {
  test('is the part that begins at the scheduled second', () => {
    expect(planned.plannedStart).toBe(sequence(300))
    expect(startsAtMs(planned)).toBe(at(60_000))
    expect(startModeOf(planned)).toBe('automatic')
  })

  test('of any whole second is on the grid of parts, and of any other moment less than a part after it', () => {
    fc.assert(
      fc.property(fc.integer({ min: PLAN_FIRM_MS, max: 1e9 }), (aheadMs) => {
        const space = planStart({ ...scheduled, scheduledAtMs: at(aheadMs) }, 'automatic', at(0))
        const late = (startsAtMs(space) as number) - at(aheadMs)
        expect(late).toBeGreaterThanOrEqual(0)
        expect(late).toBeLessThan(aheadMs % 1000 === 0 ? 1 : PART_MS)
      }),
    )
  })

  test('can be given up and made again, until shortly before', () => {
    const manual = planStart(planned, 'manual', at(60_000 - PLAN_FIRM_MS))
    expect(manual).toEqual(scheduled)
    expect(planStart(manual, 'automatic', at(1))).toEqual(planned)
    expect(codeOf(() => planStart(planned, 'manual', at(60_000 - PLAN_FIRM_MS + 1)))).toBe('conflict')
    expect(codeOf(() => planStart(manual, 'automatic', at(60_000 - PLAN_FIRM_MS + 1)))).toBe('conflict')
  })

  test('is what listeners count on from shortly before; a host’s only once it was made', () => {
    expect(isProgramDue(lobby, at(60_000 - PLAN_FIRM_MS - 1))).toBe(false)
    expect(isProgramDue(lobby, at(60_000 - PLAN_FIRM_MS))).toBe(true)
    expect(isProgramDue({ ...scheduled, phase: 'lobby' }, at(70_000))).toBe(false)
    expect(isProgramDue(startProgram({ ...scheduled, phase: 'lobby' }, at(70_000)), at(70_001))).toBe(true)
  })

  test('moves with its time, as long as both are far enough', () => {
    const moved = reschedule(planned, at(90_000), at(0))
    expect(startsAtMs(moved)).toBe(at(90_000))
    expect(moved.scheduledAtMs).toBe(at(90_000))
    expect(reschedule(moved, at(60_000), at(0))).toEqual(planned)
    expect(codeOf(() => reschedule(planned, at(90_000), at(60_000 - PLAN_FIRM_MS + 1)))).toBe('conflict')
    expect(codeOf(() => reschedule(planned, at(PLAN_FIRM_MS - 1), at(0)))).toBe('conflict')
    expect(codeOf(() => reschedule(planned, undefined, at(0)))).toBe('bad-request')
  })

  test('that the host makes may be for any moment, or none, until it is made', () => {
    const later = reschedule(scheduled, at(90_000), at(60_000))
    expect(later).toEqual({ ...scheduled, scheduledAtMs: at(90_000) })
    expect(reschedule(later, undefined, at(0))).not.toHaveProperty('scheduledAtMs')
    const live = startProgram({ ...scheduled, phase: 'lobby' }, at(1_000))
    expect(codeOf(() => reschedule(live, at(90_000), at(2_000)))).toBe('conflict')
    expect(reschedule(live, at(60_000), at(2_000))).toBe(live)
  })

  test('asked for as it is changes nothing, at any time', () => {
    expect(planStart(planned, 'automatic', at(60_001))).toBe(planned)
    expect(planStart(scheduled, 'manual', at(90_000))).toBe(scheduled)
  })

  test('needs a scheduled time, and a program that has not begun', () => {
    const { scheduledAtMs: _, ...undated } = scheduled
    expect(codeOf(() => planStart(undated, 'automatic', at(0)))).toBe('bad-request')
    const live = startProgram(scheduled, at(0))
    expect(codeOf(() => planStart(live, 'automatic', at(0)))).toBe('conflict')
  })

  test('is a start for whoever makes the part, though nobody has said so', () => {
    expect(courseAt(lobby, sequence(299))).toBe(lobby)
    expect(courseAt(lobby, sequence(300))).toMatchObject({ phase: 'live', programStart: sequence(300) })
    expect(courseAt(lobby, sequence(900))).toMatchObject({ phase: 'live', programStart: sequence(300) })
  })

  test('is written down with the part at which the stage began, however late that is done', () => {
    expect(passTime(lobby, at(59_999), at(0)).phase).toBe('lobby')
    expect(passTime(lobby, at(60_000), at(0)).programStart).toBe(sequence(300))
    expect(passTime(lobby, at(3_600_000), at(0)).programStart).toBe(sequence(300))
  })

  test('that nobody was there to keep begins when somebody is', () => {
    const late = passTime(planned, at(200_000), at(200_000))
    expect(late.phase).toBe('live')
    expect(wallTimeOf(late.programStart ?? sequence(0), grid)).toBeGreaterThanOrEqual(at(200_000))
    expect(startModeOf(late)).toBe('manual')
  })

  test('gives way to a host who begins earlier, and is not moved by one who presses in the last moment', () => {
    expect(startProgram(lobby, at(30_000)).programStart).toBe(sequence(152))
    expect(startModeOf(startProgram(lobby, at(30_000)))).toBe('manual')
    expect(startProgram(lobby, at(60_000 - COMMAND_LEAD_MS + 60)).programStart).toBe(sequence(300))
    expect(startProgram(lobby, at(60_400)).programStart).toBe(sequence(300))
  })

  test('that control has not written down yet can be ended all the same', () => {
    const ended = endProgram(lobby, at(61_000))
    expect(ended).toMatchObject({ phase: 'ended', programStart: sequence(300) })
    expect(ended.programEnd).toBeGreaterThan(sequence(300))
  })

  test('whoever asks when, the program of a lobby begins at the planned part', () => {
    fc.assert(
      fc.property(fc.nat(LOBBY_AHEAD_MS), (lateMs) => {
        const now = at(60_000 + lateMs)
        expect(passTime(lobby, now, now).programStart).toBe(sequence(300))
        expect(startProgram(lobby, now).programStart).toBe(sequence(300))
      }),
    )
  })
})
