import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { gainOfDb } from '../../media/pcm/level.ts'
import { integratedLoudness } from '../../media/pcm/loudness.ts'
import { Leveller, LOWER_DB_MAX, RAISE_DB_MAX, SPEECH_LUFS } from './leveller.ts'

const FRAMES_A_SECOND = 50

/** Something like speech: syllables of coloured noise, four a second, with a pause of 0.8 s every four seconds. */
function speech(seconds: number, db: number, seed = 1): Float32Array[] {
  let state = seed
  let low = 0
  return Array.from({ length: seconds * FRAMES_A_SECOND }, (_, f) =>
    Float32Array.from({ length: 960 }, (_, i) => {
      const t = (f * 960 + i) / 48_000
      state = (state * 16_807) % 2_147_483_647
      low += 0.2 * ((state / 2_147_483_647) * 2 - 1 - low)
      const syllable = t % 4 > 3.2 ? 0 : Math.max(0, Math.sin(2 * Math.PI * 4 * t)) + 0.1
      return gainOfDb(db) * low * syllable
    }),
  )
}

function levelled(leveller: Leveller, frames: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(frames.length * 960)
  frames.forEach((frame, i) => {
    leveller.level(frame, out.subarray(i * 960, (i + 1) * 960))
  })
  return out
}

describe('a leveller', () => {
  test('brings any voice within its reach to the same loudness, within 1.5 LU, after ten seconds of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -22, max: 12 }), fc.integer({ min: 1, max: 1e6 }), (db, seed) => {
        const leveller = new Leveller()
        levelled(leveller, speech(13, db, seed))
        const after = integratedLoudness(levelled(leveller, speech(10, db, seed + 1)))
        expect(Math.abs(after - SPEECH_LUFS)).toBeLessThan(1.5)
      }),
      { numRuns: 12 },
    )
  })

  test('follows a voice that comes much nearer within three seconds, and one that moves away within a minute', () => {
    const leveller = new Leveller()
    levelled(leveller, speech(20, -20))
    levelled(leveller, speech(3, 0))
    expect(Math.abs(integratedLoudness(levelled(leveller, speech(6, 0))) - SPEECH_LUFS)).toBeLessThan(3)
    levelled(leveller, speech(50, -20))
    expect(Math.abs(integratedLoudness(levelled(leveller, speech(6, -20))) - SPEECH_LUFS)).toBeLessThan(3)
  })

  test('does not raise a room: silence and quiet noise move nothing', () => {
    const leveller = new Leveller()
    levelled(leveller, speech(12, -6))
    const before = leveller.gainDb
    levelled(
      leveller,
      Array.from({ length: 1_500 }, () => new Float32Array(960)),
    )
    levelled(leveller, speech(30, -45))
    expect(leveller.gainDb).toBe(before)
  })

  test('learns from what is out of reach without going further than it may', () => {
    const faint = new Leveller()
    levelled(faint, speech(20, -30))
    expect(faint.gainDb).toBeLessThanOrEqual(RAISE_DB_MAX)
    const huge = new Leveller()
    levelled(huge, speech(20, 40))
    expect(huge.gainDb).toBeGreaterThanOrEqual(-LOWER_DB_MAX)
  })

  test('moves its gain without a step, whatever it hears', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -60, max: 20 }), { minLength: 2, maxLength: 6 }), (levels) => {
        const leveller = new Leveller()
        let before = 1
        for (const db of levels) {
          for (const frame of speech(2, db)) {
            const flat = new Float32Array(960).fill(0)
            leveller.level(frame, flat)
            const now = gainOfDb(leveller.gainDb)
            // 10 dB a second is 0.2 dB a frame, spread over its samples.
            expect(Math.abs(20 * Math.log10(now / before))).toBeLessThanOrEqual(0.2001)
            before = now
          }
        }
      }),
      { numRuns: 20 },
    )
  })
})
