import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { FRAME_MS, FRAME_SAMPLES } from '../../base/units.ts'
import { SENTENCE_FRAMES_MAX, SentenceRecorder, WAIT_FRAMES_MAX } from './sentence.ts'

/** A frame whose samples alternate: peak and RMS are the amplitude. */
const frame = (amplitude: number): Float32Array =>
  Float32Array.from({ length: FRAME_SAMPLES }, (_, i) => (i % 2 === 0 ? amplitude : -amplitude))

function record(...stretches: readonly (readonly [frames: number, amplitude: number])[]): SentenceRecorder {
  const recorder = new SentenceRecorder()
  for (const [frames, amplitude] of stretches) {
    for (let i = 0; i < frames; i++) recorder.push(frame(amplitude))
  }
  return recorder
}

describe('a sentence', () => {
  test('begins a moment before its first syllable and ends after a pause', () => {
    const recorder = record([30, 0], [60, 0.2], [20, 0], [60, 0.2], [40, 0])
    expect(recorder.isWhole).toBe(true)
    // 200 ms of silence before, 1.2 s, a breath of 0.4 s, 1.2 s, and the pause that ended it.
    const frames = recorder.sentence.length
    expect(frames).toBeGreaterThanOrEqual(60 + 20 + 60 + 40)
    expect(frames).toBeLessThanOrEqual(60 + 20 + 60 + 40 + 11)
    const { sentenceMs, speechLevel, clipped, peakDb } = recorder.measure()
    expect(sentenceMs).toBe(frames * FRAME_MS)
    expect(speechLevel).toBeCloseTo(-14, 0)
    expect(peakDb).toBeCloseTo(-14, 0)
    expect(clipped).toBe(0)
  })

  test('is not begun by a click, and not ended by the pause after one word', () => {
    expect(record([10, 0], [3, 0.5], [50, 0]).isRecording).toBe(false)
    expect(record([10, 0], [15, 0.2], [60, 0]).isWhole).toBe(false)
  })

  test('ends in the noise of a room as well', () => {
    expect(record([20, 0.004], [80, 0.2], [41, 0.004]).isWhole).toBe(true)
  })

  test('that never comes is empty, and its silence is measured', () => {
    const recorder = record([WAIT_FRAMES_MAX, 0])
    expect(recorder.isWhole).toBe(true)
    expect(recorder.sentence).toEqual([])
    expect(recorder.measure()).toMatchObject({ sentenceMs: 0, peakDb: -127 })
  })

  test('with its tops cut off is known by them', () => {
    expect(record([80, 1], [40, 0]).measure().clipped).toBeGreaterThan(0.5)
  })

  test('is gone when it is let go of', () => {
    const recorder = record([80, 0.2], [40, 0])
    recorder.forgetSound()
    recorder.push(frame(0.2))
    expect(recorder.sentence).toEqual([])
  })
})

test('whatever is said, memory and time are bounded, and the sentence is what came last', () => {
  const stretch = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.constantFrom(0, 0.001, 0.01, 0.2, 1))
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 8 }), (stretches) => {
      const recorder = new SentenceRecorder()
      let pushed = 0
      for (const [frames, amplitude] of stretches) {
        for (let i = 0; i < frames && !recorder.isWhole; i++) {
          recorder.push(frame(amplitude))
          pushed += 1
        }
      }
      expect(recorder.sentence.length).toBeLessThanOrEqual(Math.min(pushed, SENTENCE_FRAMES_MAX))
      expect(pushed).toBeLessThanOrEqual(WAIT_FRAMES_MAX + SENTENCE_FRAMES_MAX)
      recorder.finish()
      expect(recorder.isWhole).toBe(true)
      const { clipped, speechLevel } = recorder.measure()
      expect(clipped).toBeLessThanOrEqual(1)
      expect(speechLevel).toBeGreaterThanOrEqual(-127)
    }),
    { numRuns: 40 },
  )
})
