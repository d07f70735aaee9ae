import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hasCode } from '../../base/errors.ts'
import { PART_MS, sequence, wallMillis, wallTimeOf } from '../../base/units.ts'
import {
  COMMAND_LEAD_MS,
  endProgram,
  LOBBY_AHEAD_MS,
  LOBBY_EMPTY_MS,
  openLobby,
  passTime,
  type SpaceCourse,
  startProgram,
} from './phases.ts'

const grid = wallMillis(1_800_000_000_000)
const scheduled: SpaceCourse = { phase: 'scheduled', gridStartMs: grid }
const at = (afterGridMs: number) => wallMillis(grid + afterGridMs)
const caught = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('a program', () => {
  test('starts at the first boundary that the stage can still make', () => {
    expect(startProgram(scheduled, at(0)).programStart).toBe(sequence(2))
    expect(startProgram(scheduled, at(150)).programStart).toBe(sequence(2))
    expect(startProgram(scheduled, at(151)).programStart).toBe(sequence(3))
  })

  test('starts and ends on boundaries that lie ahead by the lead and less than a part more', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), (startMs, lengthMs) => {
        const live = startProgram(scheduled, at(startMs))
        const ended = endProgram(live, at(startMs + lengthMs))
        const ahead = wallTimeOf(live.programStart ?? sequence(-1), grid) - at(startMs)
        expect(ahead).toBeGreaterThanOrEqual(COMMAND_LEAD_MS)
        expect(ahead).toBeLessThan(COMMAND_LEAD_MS + PART_MS)
        expect(ended.programEnd).toBeGreaterThan(live.programStart ?? Number.POSITIVE_INFINITY)
      }),
    )
  })

  test('keeps its start and its end when the button is pressed again', () => {
    const live = startProgram(scheduled, at(0))
    expect(startProgram(live, at(60_000))).toBe(live)
    const ended = endProgram(live, at(60_000))
    expect(endProgram(ended, at(90_000))).toBe(ended)
  })

  test('has a part even when the clock was set back before its end', () => {
    const live = startProgram(scheduled, at(60_000))
    const ended = endProgram(live, at(0))
    expect(ended.programEnd).toBe(sequence((live.programStart ?? 0) + 1))
  })

  test('cannot end before it began, nor begin after it ended', () => {
    expect(
      hasCode(
        caught(() => endProgram(scheduled, at(0))),
        'conflict',
      ),
    ).toBe(true)
    expect(
      hasCode(
        caught(() => endProgram(openLobby(scheduled), at(0))),
        'conflict',
      ),
    ).toBe(true)
    const ended = endProgram(startProgram(scheduled, at(0)), at(5_000))
    expect(
      hasCode(
        caught(() => startProgram(ended, at(9_000))),
        'gone',
      ),
    ).toBe(true)
    expect(
      hasCode(
        caught(() => openLobby(ended)),
        'gone',
      ),
    ).toBe(true)
  })
})

describe('a lobby', () => {
  const planned: SpaceCourse = { ...scheduled, scheduledAtMs: at(3_600_000) }
  const opens = 3_600_000 - LOBBY_AHEAD_MS

  test('opens ahead of the scheduled time, and not before', () => {
    expect(passTime(planned, at(opens - 1), at(0)).phase).toBe('scheduled')
    expect(passTime(planned, at(opens), at(0)).phase).toBe('lobby')
  })

  test('of a space without a time waits for the first offer', () => {
    expect(passTime(scheduled, at(1e9), at(0)).phase).toBe('scheduled')
    expect(openLobby(scheduled).phase).toBe('lobby')
  })

  test('closes when nobody with a seat was there for a quarter of an hour', () => {
    const lobby = openLobby(scheduled)
    expect(passTime(lobby, at(LOBBY_EMPTY_MS - 1), at(0)).phase).toBe('lobby')
    expect(passTime(lobby, at(LOBBY_EMPTY_MS), at(0)).phase).toBe('scheduled')
    expect(passTime(lobby, at(LOBBY_EMPTY_MS), at(60_000)).phase).toBe('lobby')
  })

  test('stays around the scheduled time though nobody is there yet: listeners wait in it', () => {
    const lobby = openLobby(planned)
    expect(passTime(lobby, at(opens + LOBBY_EMPTY_MS), at(opens)).phase).toBe('lobby')
    expect(passTime(lobby, at(3_600_000 + LOBBY_EMPTY_MS), at(opens)).phase).toBe('scheduled')
  })

  test('does not flap: time alone never undoes what it just did', () => {
    fc.assert(
      fc.property(fc.nat(9e6), fc.nat(9e6), (nowMs, seenMs) => {
        const after = passTime(planned, at(nowMs), at(Math.min(nowMs, seenMs)))
        const settled = passTime(after, at(nowMs), at(Math.min(nowMs, seenMs)))
        expect(settled).toBe(after)
      }),
    )
  })
})
