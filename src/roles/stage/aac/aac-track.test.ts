import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FRAME_SAMPLES, FRAMES_PER_PART, sequence } from '../../../base/units.ts'
import { firstFrameOf, framesIn } from '../../../media/aac/program.ts'
import { AAC_ENCODERS_MAX, AacLibrary } from './aac-library.ts'
import { AacTrack } from './aac-track.ts'

const library = await AacLibrary.load()
const tone = (frame: number) =>
  Float32Array.from(
    { length: FRAME_SAMPLES },
    (_, i) => 0.3 * Math.sin(((frame * FRAME_SAMPLES + i) * 2 * Math.PI * 440) / 48_000),
  )

/** How many frames each part of [from, to) carries, when all frames from `start` on are pushed but those left out. */
function carried(track: AacTrack, from: number, to: number, start: number, leftOut: readonly number[] = []) {
  const counts: number[] = []
  for (let part = from; part < to; part++) {
    for (let frame = part * FRAMES_PER_PART; frame < (part + 1) * FRAMES_PER_PART; frame++) {
      if (frame >= start && !leftOut.includes(frame)) track.push(frame, tone(frame), true)
    }
    counts.push(track.take(sequence(part))?.length ?? 0)
  }
  track.close()
  return counts
}

const whole = (carrier: number) => framesIn(sequence(carrier - 1))

describe('the grid', () => {
  test('gives every part nine or ten frames, the ones that begin in it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 33 }), (n) => {
        expect([9, 10]).toContain(framesIn(sequence(n)))
        expect(firstFrameOf(sequence(n)) * 1_024).toBeGreaterThanOrEqual(n * 9_600)
        expect((firstFrameOf(sequence(n)) - 1) * 1_024).toBeLessThan(n * 9_600)
      }),
    )
  })
})

describe('the AAC track', () => {
  test('has the frames of each part in the part after it, from the first whole one on', () => {
    // The encoder begins with part 100, so that part 101 is the first to carry anything.
    expect(carried(new AacTrack(library), 100, 110, 1_000)).toEqual([
      0,
      ...Array.from({ length: 9 }, (_, i) => whole(101 + i)),
    ])
  })

  test('begun in the middle of a part leaves that one out', () => {
    expect(carried(new AacTrack(library), 7, 12, 75)).toEqual([0, 0, whole(9), whole(10), whole(11)])
  })

  test('begins anew after frames that were left out, with whole parts only', () => {
    const counts = carried(new AacTrack(library), 50, 60, 500, [533, 534])
    expect(counts).toEqual([0, whole(51), whole(52), 0, 0, whole(55), ...[56, 57, 58, 59].map(whole)])
  })

  test('of a writer that takes over has silence where its log has, and no hole', () => {
    const track = new AacTrack(library)
    track.continueSilently(sequence(50), 527)
    expect(carried(track, 50, 60, 527)).toEqual(Array.from({ length: 10 }, (_, i) => whole(50 + i)))
  })

  test('whatever is left out, a part carries all of its frames or none', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.array(fc.nat(199), { maxLength: 4 }),
        (start, leftOut) => {
          for (const [i, count] of carried(new AacTrack(library), 0, 20, start, leftOut).entries()) {
            expect([0, i === 0 ? 0 : whole(i)]).toContain(count)
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  test('ends when it is not wanted any more, and can begin again', () => {
    const track = new AacTrack(library)
    track.push(0, tone(0), true)
    expect(track.isAtWork).toBe(true)
    track.push(1, tone(1), false)
    expect(track.isAtWork).toBe(false)
    expect(carried(track, 1, 4, 10)).toEqual([0, whole(2), whole(3)])
  })

  test('makes nothing without an encoder, or when as many as may be are at work', () => {
    expect(carried(new AacTrack(undefined), 0, 3, 0)).toEqual([0, 0, 0])
    const tracks = Array.from({ length: AAC_ENCODERS_MAX + 1 }, () => new AacTrack(library))
    for (const track of tracks) track.push(0, tone(0), true)
    expect(tracks.map((track) => track.isAtWork)).toEqual([...tracks.slice(1).map(() => true), false])
    for (const track of tracks) track.close()
    const freed = new AacTrack(library)
    freed.push(0, tone(0), true)
    expect(freed.isAtWork).toBe(true)
    freed.close()
  })
})
