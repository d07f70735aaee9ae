import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { PlaybackState } from '../player/playback.ts'
import { clockText, countdownText, shortText } from './durations.ts'
import { buttonOf, type PageFacts, type PageState, pageState } from './page-state.ts'

const LIVE: PageFacts = {
  phase: 'live',
  slate: false,
  recorded: true,
  canPlay: true,
  mode: 'live',
  behindMs: 0,
}

describe('the face of the listening page', () => {
  const table: readonly [string, Partial<PageFacts>, PageState][] = [
    ['before its time', { phase: 'scheduled' }, 'scheduled'],
    ['before its time, tapped', { phase: 'scheduled', playback: 'not-yet' }, 'early'],
    ['before its time, on an open stream', { phase: 'scheduled', playback: 'connecting' }, 'early'],
    ['the room is open', { phase: 'lobby' }, 'lobby'],
    ['the room is open, tapped', { phase: 'lobby', playback: 'playing', slate: true }, 'lobby-in'],
    ['live, not tapped', {}, 'ready'],
    ['live, tapped', { playback: 'connecting' }, 'connecting'],
    ['live, and no stream yet', { playback: 'not-yet' }, 'connecting'],
    ['live and heard', { playback: 'playing' }, 'live'],
    ['live, nobody speaks', { playback: 'playing', slate: true }, 'slate'],
    [
      'live, and who is on stage is gone',
      { playback: 'playing', slate: true, hasSpeakers: true },
      'reconnecting',
    ],
    ['just begun', { playback: 'playing', slate: true, hasSpeakers: true, sinceStartMs: 5_000 }, 'opening'],
    ['live, and held', { playback: 'playing', slate: true, held: true, sinceStartMs: 5_000 }, 'held'],
    ['resumed', { playback: 'playing', held: true }, 'live'],
    ['live, a little fast', { playback: 'catching-up', behindMs: 2_900 }, 'catching-up'],
    ['on purpose later than live', { playback: 'playing', behindMs: 12_000 }, 'behind'],
    ['nothing left to play', { playback: 'stalled' }, 'stalled'],
    ['without network', { playback: 'lost' }, 'lost'],
    ['autoplay refused', { playback: 'refused' }, 'refused'],
    ['over while listening, recorded', { playback: 'over' }, 'ended-replay'],
    ['over while listening, not recorded', { playback: 'over', recorded: false }, 'ended'],
    ['over before coming', { phase: 'ended', recorded: false }, 'ended'],
    ['over, and not to be heard', { phase: 'ended', withheld: true }, 'withheld'],
    ['taken down, whatever else is known', { playback: 'lost', removed: true }, 'removed'],
    ['a replay', { phase: 'ended', mode: 'replay' }, 'ended-replay'],
    ['a replay that plays', { mode: 'replay', playback: 'playing' }, 'replaying'],
    ['a replay that was heard', { mode: 'replay', playback: 'over' }, 'replay-over'],
    ['no way to play', { canPlay: false }, 'unsupported'],
    ['over, and no way to play anyway', { phase: 'ended', recorded: false, canPlay: false }, 'ended'],
  ]
  for (const [name, facts, wanted] of table) {
    test(`${name}: ${wanted}`, () => expect(pageState({ ...LIVE, ...facts })).toBe(wanted))
  }

  test('whatever is known, there is something to press unless it is over or impossible', () => {
    const states: PlaybackState[] = [
      'connecting',
      'not-yet',
      'playing',
      'catching-up',
      'stalled',
      'lost',
      'paused',
    ]
    states.push('refused', 'over', 'failed')
    const facts = fc.record({
      phase: fc.constantFrom('scheduled' as const, 'lobby' as const, 'live' as const, 'ended' as const),
      slate: fc.boolean(),
      recorded: fc.boolean(),
      canPlay: fc.boolean(),
      mode: fc.constantFrom('live' as const, 'replay' as const),
      behindMs: fc.nat(100_000),
    })
    fc.assert(
      fc.property(facts, fc.option(fc.constantFrom(...states)), (known, playback) => {
        const state = pageState({ ...known, ...(playback === null ? {} : { playback }) })
        if (buttonOf(state) === 'none') expect(['ended', 'unsupported']).toContain(state)
      }),
    )
  })
})

test('durations read as on a clock', () => {
  expect(clockText(0)).toBe('0:00')
  expect(clockText(-5)).toBe('0:00')
  expect(clockText(754_000)).toBe('12:34')
  expect(clockText(3_723_000)).toBe('1:02:03')
  expect(shortText(12_400)).toBe('12 sec')
  expect(shortText(90_000)).toBe('1:30')
  expect(countdownText(42_000)).toBe('0:42')
  expect(countdownText(12 * 60_000)).toBe('12 minutes')
  expect(countdownText(5 * 3_600_000 + 10 * 60_000)).toBe('5 hours 10 minutes')
  expect(countdownText(3 * 24 * 3_600_000)).toBe('3 days')
})
