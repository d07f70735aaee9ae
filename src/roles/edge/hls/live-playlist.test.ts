import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseSpaceId } from '../../../base/ids.ts'
import { epoch, sequence, wallMillis } from '../../../base/units.ts'
import { PartWindow } from '../../../core/delivery/part-window.ts'
import { PARTIALS_PER_SEGMENT } from '../../../core/delivery/partials.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { expandDelta } from '../../../media/hls/delta.ts'
import { lintPlaylist } from '../../../media/hls/lint.ts'
import { lintReload } from '../../../media/hls/lint-reload.ts'
import { WINDOW_PARTS } from '../limits.ts'
import { type LiveWindow, listedEnd, livePlaylistText } from './live-playlist.ts'

const FACTS: SpaceFacts = {
  id: parseSpaceId('any'),
  title: 'Any',
  phase: 'live',
  recorded: false,
  createdAtMs: wallMillis(0),
  gridStartMs: wallMillis(1_763_836_800_000),
  seats: [],
}

/** Runs of parts with holes between them, by writers that take over now and then. */
const anyProgram = fc.record({
  first: fc.nat(2_000),
  runs: fc.array(
    fc.record({
      parts: fc.integer({ min: 1, max: 60 }),
      hole: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(40)),
      takesOver: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  ),
})

/** Which of the moments a player loads at, and whether it asks for a delta update then. */
const anyLoads = fc.array(fc.record({ after: fc.integer({ min: 1, max: 25 }), isDelta: fc.boolean() }), {
  minLength: 1,
  maxLength: 60,
})

/** The window after each part. */
function* played({ first, runs }: { first: number; runs: readonly Run[] }): Generator<LiveWindow> {
  const window = new PartWindow(WINDOW_PARTS)
  let [at, by] = [first, 1]
  for (const run of runs) {
    for (let n = 0; n < run.parts; n++) {
      const gap = window.isEmpty ? 'first' : n === 0 && run.hole > 0 ? 'takeover' : undefined
      window.push({
        sequence: sequence(at),
        epoch: epoch(by),
        ...(gap === undefined ? {} : { gap }),
        tracks: new Map(),
      })
      at += 1
      yield { window, facts: FACTS, isSealed: false }
    }
    at += run.hole
    if (run.takesOver) by += 1
  }
  yield { window, facts: { ...FACTS, programEnd: sequence(at) }, isSealed: true }
}

interface Run {
  readonly parts: number
  readonly hole: number
  readonly takesOver: boolean
}

describe('the live playlist', () => {
  test('is what the one before and the delta update come to, whatever is missing and whenever one loads', () => {
    let expanded = 0
    fc.assert(
      fc.property(anyProgram, anyLoads, (program, loads) => {
        let before: string | undefined
        let [load, wait] = [0, loads[0]?.after ?? 1]
        for (const live of played(program)) {
          wait -= 1
          if (wait > 0 && !live.isSealed) continue
          const { after, isDelta } = loads[load % loads.length] as (typeof loads)[number]
          load += 1
          wait = after
          const whole = livePlaylistText(live, 'parts')
          if (whole === undefined) continue
          expect(lintPlaylist(whole, 'live')).toEqual([])
          if (before !== undefined && isDelta) {
            const delta = livePlaylistText(live, 'delta') as string
            expect(lintPlaylist(delta, 'live')).toEqual([])
            const known = expandDelta(before, delta)
            // A player that was away for longer than the boundary has to load the whole.
            if (known !== undefined) {
              expect(known).toBe(whole)
              expect(lintReload(before, delta)).toEqual([])
              if (delta !== whole) expanded += 1
            }
          }
          if (before !== undefined) expect(lintReload(before, whole)).toEqual([])
          before = whole
        }
      }),
      { numRuns: 150 },
    )
    expect(expanded).toBeGreaterThan(100)
  })

  test('lists each part once it is complete, and hints at the one after', () => {
    fc.assert(
      fc.property(anyProgram, (program) => {
        for (const live of played(program)) {
          const text = livePlaylistText(live, 'parts')
          if (text === undefined) continue
          const listed = [...text.matchAll(/part\/(\d+)\.(\d)\.m4s/g)].map(
            ([, segment, index]) => Number(segment) * PARTIALS_PER_SEGMENT + Number(index),
          )
          const end = listedEnd(live) + (live.isSealed ? 0 : 1)
          expect(listed.at(-1)).toBe(end - 1)
          expect(listed).toEqual(listed.map((_, i) => end - listed.length + i))
        }
      }),
      { numRuns: 50 },
    )
  })

  test('without parts says nothing of them', () => {
    fc.assert(
      fc.property(anyProgram, (program) => {
        let before: string | undefined
        for (const live of played(program)) {
          const text = livePlaylistText(live, 'plain')
          if (text === undefined) continue
          expect(text).not.toMatch(/PART|SERVER-CONTROL|PRELOAD|SKIP/)
          expect(lintPlaylist(text, 'live')).toEqual([])
          if (before !== undefined) expect(lintReload(before, text)).toEqual([])
          before = text
        }
      }),
      { numRuns: 20 },
    )
  })
})
