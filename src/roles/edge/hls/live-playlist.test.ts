import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseSpaceId } from '../../../base/ids.ts'
import { epoch, sequence, wallMillis } from '../../../base/units.ts'
import { PartWindow } from '../../../core/delivery/part-window.ts'
import { PARTIALS_PER_SEGMENT } from '../../../core/delivery/partials.ts'
import { endBeside, RenditionWindow } from '../../../core/delivery/rendition-window.ts'
import { programHeaders } from '../../../core/part/packager.ts'
import type { TrackId } from '../../../core/part/part.ts'
import { RENDITIONS, type RenditionTrack } from '../../../core/part/tracks.ts'
import type { SpaceFacts } from '../../../core/space/facts.ts'
import { expandDelta } from '../../../media/hls/delta.ts'
import { lintPlaylist } from '../../../media/hls/lint.ts'
import { lintReload } from '../../../media/hls/lint-reload.ts'
import { lintRenditions } from '../../../media/hls/lint-renditions.ts'
import { variantUris } from '../../../media/hls/parse-multivariant.ts'
import { WINDOW_PARTS } from '../limits.ts'
import { type LiveWindow, listedEnd, livePlaylistText, reportOf } from './live-playlist.ts'
import { multivariantText, playlistUri, RENDITION_ORDER } from './renditions.ts'

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
  /** What is made on demand is made from this run on. */
  wantedFrom: fc.nat(3),
})
const anyTrack = fc.constantFrom(...RENDITION_ORDER)

/** Which of the moments a player loads at, and whether it asks for a delta update then. */
const anyLoads = fc.array(fc.record({ after: fc.integer({ min: 1, max: 25 }), isDelta: fc.boolean() }), {
  minLength: 1,
  maxLength: 60,
})

interface Program {
  readonly first: number
  readonly runs: readonly Run[]
  readonly wantedFrom: number
}

const SOUND = Uint8Array.of(1)
const ALWAYS: ReadonlyMap<TrackId, Uint8Array> = new Map([
  ['opus.mp4', SOUND],
  ['low.mp4', SOUND],
])
const WITH_AAC: ReadonlyMap<TrackId, Uint8Array> = new Map([...ALWAYS, ['aac.mp4', SOUND]])

/** One rendition after each part. */
function* played(program: Program, track: RenditionTrack): Generator<LiveWindow> {
  for (const { window, ...rest } of windows(program)) {
    const live = { ...rest, window: new RenditionWindow(window, RENDITIONS[track]) }
    const reports = RENDITION_ORDER.filter((other) => other !== track).map((other) =>
      reportOf(playlistUri(other), endBeside(listedEnd(live), RENDITIONS[track], RENDITIONS[other])),
    )
    yield { ...live, reports }
  }
}

type Moment = Pick<LiveWindow, 'facts' | 'isSealed'> & { readonly window: PartWindow }

/** The window after each part. */
function* windows({ first, runs, wantedFrom }: Program): Generator<Moment> {
  const window = new PartWindow(WINDOW_PARTS)
  let [at, by] = [first, 1]
  for (const [i, run] of runs.entries()) {
    for (let n = 0; n < run.parts; n++) {
      const gap = window.isEmpty ? 'first' : n === 0 && run.hole > 0 ? 'takeover' : undefined
      window.push({
        sequence: sequence(at),
        epoch: epoch(by),
        ...(gap === undefined ? {} : { gap }),
        tracks: i >= wantedFrom ? WITH_AAC : ALWAYS,
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

const ENDS_AFTER_A_PIECE: Program = {
  first: 0,
  runs: [
    ...[1, 1, 1].map((parts) => ({ parts, hole: 0, takesOver: false })),
    { parts: 1, hole: 17, takesOver: false },
    { parts: 18, hole: 0, takesOver: false },
    { parts: 43, hole: 0, takesOver: false },
  ],
  wantedFrom: 2,
}

describe('the live playlist', () => {
  test('is what the one before and the delta update come to, whatever is missing and whenever one loads', () => {
    let expanded = 0
    fc.assert(
      fc.property(anyProgram, anyTrack, anyLoads, (program, track, loads) => {
        let before: string | undefined
        let [load, wait] = [0, loads[0]?.after ?? 1]
        for (const live of played(program, track)) {
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
      {
        numRuns: 150,
        // What had no more than a piece of a segment before a hole once gave that segment a line when the window slid.
        examples: [[ENDS_AFTER_A_PIECE, 'aac.mp4', [{ after: 1, isDelta: false }]]],
      },
    )
    expect(expanded).toBeGreaterThan(100)
  })

  test('lists each part once it is complete, and hints at the one after', () => {
    fc.assert(
      fc.property(anyProgram, anyTrack, (program, track) => {
        for (const live of played(program, track)) {
          const text = livePlaylistText(live, 'parts')
          if (text === undefined) continue
          if (live.window.rendition.track !== 'opus.mp4') {
            expect(text).not.toMatch(/"(seg|part|init)|^(seg|part)/m)
          }
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
      fc.property(anyProgram, anyTrack, (program, track) => {
        let before: string | undefined
        for (const live of played(program, track)) {
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

  test('of every rendition has the same times under the same numbers, and says truly where the others end', () => {
    const multivariant = multivariantText(programHeaders(), {
      listsParts: true,
      isLow: false,
      hasAac: true,
    }) as string
    expect(variantUris(multivariant)).toEqual(RENDITION_ORDER.map(playlistUri))
    fc.assert(
      fc.property(anyProgram, (program) => {
        const playings = RENDITION_ORDER.map((track) => played({ ...program, wantedFrom: 0 }, track))
        for (const lives of together(playings)) {
          const texts = lives.map((live) => livePlaylistText(live, 'parts'))
          if (texts.includes(undefined)) continue
          const playlists = new Map(
            RENDITION_ORDER.map((track, i) => [playlistUri(track), texts[i] as string]),
          )
          expect(lintRenditions(multivariant, playlists)).toEqual([])
        }
      }),
      { numRuns: 20 },
    )
  })

  test('of what is made on demand begins with its first whole segment', () => {
    const program = { first: 0, runs: [run(60), run(13), run(60)], wantedFrom: 1 }
    const texts = Array.from(played(program, 'aac.mp4'), (live) => livePlaylistText(live, 'parts') ?? '')
    // Wanted from part 60 on, where the encoder has no sound of the part before yet: segment 6 ends with part 70.
    expect(texts.slice(0, 70).every((text) => text === '')).toBe(true)
    expect(texts[70]).toContain('#EXT-X-MEDIA-SEQUENCE:6\n')
    expect(texts[80]).toContain('#EXT-X-MEDIA-SEQUENCE:6\n')
    expect(texts[80]).toContain('aac/seg/7.m4s')
    expect(texts[80]).not.toContain('GAP')
  })
})

const run = (parts: number): Run => ({ parts, hole: 0, takesOver: false })

/** The moments of several renditions side by side. */
function* together(playings: readonly Generator<LiveWindow>[]): Generator<readonly LiveWindow[]> {
  for (;;) {
    const steps = playings.map((playing) => playing.next())
    if (steps.some((step) => step.done)) return
    yield steps.map((step) => step.value as LiveWindow)
  }
}
