import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sequence } from '../../base/units.ts'
import { judgeReload, parseDirectives } from './delivery-directives.ts'
import { PARTIALS_PER_SEGMENT, partialOrdinal, partialSpan, partialsEnd } from './partials.ts'

const parse = (query: string) => parseDirectives(new URLSearchParams(query))

describe('delivery directives', () => {
  test('are read as the draft writes them', () => {
    expect(parse('')).toEqual({ skip: false })
    expect(parse('_HLS_msn=41')).toEqual({ msn: 41, skip: false })
    expect(parse('_HLS_msn=41&_HLS_part=3&_HLS_skip=YES')).toEqual({ msn: 41, part: 3, skip: true })
    expect(parse('_HLS_skip=v2')).toEqual({ skip: true })
    expect(parse('_HLS_future=1')).toEqual({ skip: false })
  })

  test.each([
    '_HLS_part=3',
    '_HLS_msn=',
    '_HLS_msn=-1',
    '_HLS_msn=1.5',
    '_HLS_msn=0x10',
    '_HLS_msn=1&_HLS_part=two',
    `_HLS_msn=${'9'.repeat(16)}`,
    '_HLS_skip=NO',
  ])('that make no sense are refused: %s', (query) => {
    expect(() => parse(query)).toThrow('HLS')
  })
})

describe('a reload', () => {
  // Segment 9 is the last complete one; of segment 10, parts 0 and 1 are there.
  const end = partialOrdinal(10, 2)
  test.each([
    ['nothing', {}, 'ready'],
    ['a segment that is there', { msn: 9 }, 'ready'],
    ['one that left the window long ago', { msn: 0, part: 2 }, 'ready'],
    ['a part that is there', { msn: 10, part: 1 }, 'ready'],
    ['the next part', { msn: 10, part: 2 }, partialOrdinal(10, 3)],
    ['the whole of the open segment', { msn: 10 }, partialOrdinal(11, 0)],
    ['the segment after it', { msn: 11 }, partialOrdinal(12, 0)],
    ['a segment further away', { msn: 12 }, 'too-far'],
    [
      'a part past its segment’s last, which is the first of the next',
      { msn: 10, part: 5 },
      partialOrdinal(11, 1),
    ],
    ['such a part of a segment that is complete', { msn: 8, part: 7 }, 'ready'],
    ['seven parts ahead', { msn: 11, part: 3 }, partialOrdinal(11, 4)],
    ['eight parts ahead', { msn: 11, part: 4 }, 'too-far'],
  ] as const)('for %s', (_, directives, expected) => {
    const verdict = judgeReload({ ...directives, skip: false }, end)
    expect(verdict.kind === 'wait' ? verdict.until : verdict.kind).toBe(expected)
  })

  test('is never held for what is there, and holds for no more than 15 partials', () => {
    const position = fc.record({ msn: fc.nat(30), part: fc.option(fc.nat(9), { nil: undefined }) })
    fc.assert(
      fc.property(position, fc.nat(150), ({ msn, part }, ends) => {
        const verdict = judgeReload({ msn, ...(part === undefined ? {} : { part }), skip: false }, ends)
        if (verdict.kind !== 'wait') return
        expect(verdict.until).toBeGreaterThan(ends)
        expect(verdict.until - ends).toBeLessThanOrEqual(3 * PARTIALS_PER_SEGMENT)
      }),
    )
  })
})

describe('partials', () => {
  test('are two parts each, cut to the program, and complete when nothing more can come', () => {
    expect(partialSpan(partialOrdinal(4, 3))).toEqual({ from: sequence(46), to: sequence(48) })
    expect(partialSpan(23, sequence(47))).toEqual({ from: sequence(46), to: sequence(47) })
    expect(partialsEnd(sequence(46), false)).toBe(23)
    expect(partialsEnd(sequence(47), false)).toBe(24)
    expect(partialsEnd(sequence(46), true)).toBe(24)
  })
})
