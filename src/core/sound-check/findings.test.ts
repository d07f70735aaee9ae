import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { dbov } from '../../base/units.ts'
import { findingsOf, type OwnMeasures } from './findings.ts'
import { SOUND_FINDINGS, type SoundMeasures } from './sound-check.ts'

const good: SoundMeasures = {
  sentenceMs: 3_000,
  speechLevel: dbov(-22),
  peakDb: -6,
  clipped: 0,
  loss: 0,
  jitterBufferMs: 40,
}
const own: OwnMeasures = { roundTripMs: 30, lossBack: 0, overheard: [], deviceSilenced: false }

describe('what was measured', () => {
  test.each([
    ['a good voice is fine', {}, {}, []],
    [
      'digital silence is the wrong device',
      { sentenceMs: 0, speechLevel: dbov(-127), peakDb: -127 },
      {},
      ['silent'],
    ],
    ['a device that the system mutes is silent, whatever hisses', {}, { deviceSilenced: true }, ['silent']],
    ['a murmur is too quiet', { speechLevel: dbov(-50), peakDb: -40 }, {}, ['quiet']],
    ['a room in which nobody speaks is too quiet', { sentenceMs: 0, peakDb: -58 }, {}, ['quiet']],
    ['cut tops are too loud', { clipped: 0.1 }, {}, ['clipping']],
    ['one plosive is not', { clipped: 0.01 }, {}, []],
    ['loss on the way there counts', { loss: 0.08 }, {}, ['loss']],
    ['loss on the way back counts', {}, { lossBack: 0.08 }, ['loss']],
    ['a long way is a delay', {}, { roundTripMs: 320 }, ['delay']],
    ['a network that needs much holding back is a delay', { jitterBufferMs: 280 }, {}, ['delay']],
    [
      'several troubles are all told',
      { clipped: 0.1, loss: 0.2 },
      { roundTripMs: 900 },
      ['clipping', 'loss', 'delay'],
    ],
  ] as const)('%s', (_, stage, mine, found) => {
    expect(findingsOf({ ...good, ...stage }, { ...own, ...mine })).toEqual([...found])
  })

  test('is told each thing once, in the order in which to mend it, and never that it is both silent and quiet', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const db = fc.double({ min: -127, max: 0, noNaN: true })
    const ms = fc.double({ min: 0, max: 2_000, noNaN: true })
    fc.assert(
      fc.property(
        share,
        share,
        share,
        db,
        db,
        ms,
        ms,
        fc.boolean(),
        (a, b, c, level, peak, t, u, silenced) => {
          const found = findingsOf(
            { sentenceMs: t, speechLevel: dbov(level), peakDb: peak, clipped: a, loss: b, jitterBufferMs: u },
            { roundTripMs: t, lossBack: c, overheard: [], deviceSilenced: silenced },
          )
          expect(found).toEqual(SOUND_FINDINGS.filter((one) => found.includes(one)))
          if (found.includes('silent')) expect(found).not.toContain('quiet')
        },
      ),
    )
  })
})
