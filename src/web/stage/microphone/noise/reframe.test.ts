import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Reframe } from './reframe.ts'

test('in whatever pieces samples come, they go out in order, one frame late, each processed once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 48 }),
      fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 40 }),
      (frameSamples, pieces) => {
        let frames = 0
        const reframe = new Reframe({
          frameSamples,
          process: (frame) => {
            frames += 1
            for (let i = 0; i < frame.length; i++) frame[i] = -(frame[i] as number)
          },
        })
        const out: number[] = []
        let next = 1
        for (const length of pieces) {
          // In place, as an audio thread may do it.
          const quantum = Float32Array.from({ length }, () => next++)
          reframe.pass(quantum, quantum)
          out.push(...quantum)
        }
        expect(frames).toBe(Math.floor(out.length / frameSamples))
        expect(out).toEqual(out.map((_, at) => (at < frameSamples ? 0 : -(at - frameSamples + 1))))
      },
    ),
  )
})
