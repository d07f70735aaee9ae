import { describe, expect, test } from 'bun:test'
import type { SpaceId } from '../../base/ids.ts'
import { FRAMES_PER_PART, sequence, wallMillis } from '../../base/units.ts'
import type { SpaceFacts } from '../space/facts.ts'
import { Opening } from './opening.ts'

const grid = wallMillis(1_800_000_000_000)
const START = sequence(300)
const FRAME = START * FRAMES_PER_PART
const lobby: SpaceFacts = {
  id: 'night' as SpaceId,
  title: 'Night radio',
  phase: 'lobby',
  recorded: true,
  createdAtMs: grid,
  gridStartMs: grid,
  scheduledAtMs: wallMillis(grid + 60_000),
  seats: [],
}
const byHost: SpaceFacts = { ...lobby, phase: 'live', programStart: START }
const byClock: SpaceFacts = { ...byHost, plannedStart: START }

describe('the slate', () => {
  test('of a lobby ends its loop at the scheduled second; after it, a host who is late has the opening', () => {
    const opening = new Opening(undefined)
    expect(opening.cue(FRAME - 1, lobby)).toEqual({ kind: 'lobby', at: -1 })
    expect(opening.cue(FRAME, lobby)).toEqual({ kind: 'opening', at: 0 })
  })

  test('of a lobby without a time loops from the beginning of its log', () => {
    const { scheduledAtMs: _, ...undated } = lobby
    expect(new Opening(undefined).cue(7, undated)).toEqual({ kind: 'lobby', at: 7 })
  })

  test('of a program is the opening until voices were on air, and then a pause', () => {
    const opening = new Opening(sequence(START - 1))
    expect(opening.cue(FRAME + 5, byHost)).toEqual({ kind: 'opening', at: 5 })
    expect(opening.airOf(true, true, byHost)).toBe('voices')
    expect(opening.cue(FRAME + 9, byHost).kind).toBe('pause')
    expect(opening.airOf(false, false, byHost)).toBe('slate')
  })

  test('of a program that another stage has begun is a pause', () => {
    expect(new Opening(START).cue(FRAME + 5, byClock).kind).toBe('pause')
    expect(new Opening(START).airOf(true, false, byClock)).toBe('voices')
  })
})

describe('voices', () => {
  test('of a program that the host has started are on air at once', () => {
    expect(new Opening(undefined).airOf(true, false, byHost)).toBe('voices')
    const early = { ...byHost, plannedStart: sequence(START + 50) }
    expect(new Opening(undefined).airOf(true, false, early)).toBe('voices')
  })

  test('of one that began by itself end the opening with the first word, for good', () => {
    const opening = new Opening(undefined)
    expect(opening.airOf(false, false, byClock)).toBe('slate')
    expect(opening.airOf(true, false, byClock)).toBe('opening')
    expect(opening.observed().opening).toBe(true)
    expect(opening.airOf(true, true, byClock)).toBe('voices')
    expect(opening.airOf(true, false, byClock)).toBe('voices')
    expect(opening.observed().opening).toBeUndefined()
  })
})

describe('the time on air', () => {
  const at = (ms: number) => wallMillis(grid + ms)

  test('is that of the first part of the program that reached the log, less its own length', () => {
    const opening = new Opening(undefined)
    opening.appended(sequence(START - 1), byClock, at(60_012))
    expect(opening.observed().programOnAirAtMs).toBeUndefined()
    opening.appended(sequence(START + 2), byClock, at(60_900))
    opening.appended(sequence(START + 3), byClock, at(61_100))
    expect(opening.observed().programOnAirAtMs).toBe(at(60_700))
  })

  test('of a program that another stage has begun is when this one saw it', () => {
    const opening = new Opening(START, at(60_015))
    opening.appended(sequence(START + 1), byClock, at(60_900))
    expect(opening.observed().programOnAirAtMs).toBe(at(60_015))
  })

  test('is not known to a stage that came later', () => {
    const opening = new Opening(START)
    opening.appended(sequence(START + 1), byClock, at(60_900))
    expect(opening.observed().programOnAirAtMs).toBeUndefined()
  })
})
