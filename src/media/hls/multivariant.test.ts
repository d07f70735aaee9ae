import { describe, expect, test } from 'bun:test'
import { lintPlaylist } from './lint.ts'
import { lintMultivariant } from './lint-multivariant.ts'
import { lintBitRates, lintRenditions } from './lint-renditions.ts'
import { writeMultivariant } from './multivariant.ts'
import { parseMultivariant, variantUris } from './parse-multivariant.ts'

const multivariant = writeMultivariant([
  { uri: 'opus.m3u8', codecs: 'Opus', peakBps: 80_000, averageBps: 58_000 },
  { uri: 'aac.m3u8', codecs: 'mp4a.40.2', peakBps: 100_000, averageBps: 74_000 },
])

describe('a multivariant playlist', () => {
  test('reads as RFC 8216bis prints it', () => {
    expect(multivariant).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:6',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-STREAM-INF:BANDWIDTH=80000,AVERAGE-BANDWIDTH=58000,CODECS="Opus",SCORE=2.0',
        'opus.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=74000,CODECS="mp4a.40.2",SCORE=1.0',
        'aac.m3u8',
        '',
      ].join('\n'),
    )
  })

  test('passes the linter, and is no media playlist', () => {
    expect(lintMultivariant(multivariant)).toEqual([])
    expect(variantUris(multivariant)).toEqual(['opus.m3u8', 'aac.m3u8'])
    expect(lintPlaylist(multivariant, 'live')).not.toEqual([])
  })

  test('is read whatever is wrong with it', () => {
    const { variants, strayUris } = parseMultivariant(
      'stray\n#EXT-X-STREAM-INF:X\n#EXT-X-STREAM-INF:BANDWIDTH=1\na',
    )
    expect(variants.map(({ uri }) => uri)).toEqual([undefined, 'a'])
    expect(strayUris).toEqual([1])
  })

  test.each<[string, string, string]>([
    ['nothing to play', '#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n', 'ours'],
    ['no first line', multivariant.replace('#EXTM3U\n', ''), '4.4.1.1'],
    ['two versions', multivariant.replace(/(#EXT-X-VERSION.*\n)/, '$1$1'), '4.4.1.2'],
    ['segments that may depend on others', multivariant.replace('#EXT-X-INDEPENDENT-SEGMENTS\n', ''), 'ours'],
    ['a segment', `${multivariant}#EXTINF:2.000,\nseg/1.m4s\n`, '4.1'],
    ['a tag of a media playlist', `${multivariant}#EXT-X-TARGETDURATION:2\n`, '4.1'],
    ['a URI that nothing introduces', `${multivariant}low.m3u8\n`, '4.4.6.2'],
    ['a variant without a URI', multivariant.replace('\naac.m3u8', ''), '4.4.6.2'],
    ['one URI twice', multivariant.replace('\naac.m3u8', '\nopus.m3u8'), 'ours'],
    ['no peak', multivariant.replace('BANDWIDTH=80000,', ''), '4.4.6.2'],
    ['a peak that is no number', multivariant.replace('BANDWIDTH=80000', 'BANDWIDTH=80k'), '4.4.6.2'],
    ['no average', multivariant.replace('AVERAGE-BANDWIDTH=58000,', ''), 'ours'],
    ['an average above the peak', multivariant.replace('=58000', '=80001'), '4.4.6.2'],
    ['no codec', multivariant.replace('CODECS="Opus",', ''), 'ours'],
    ['a codec without quotes', multivariant.replace('"Opus"', 'Opus'), 'ours'],
    ['a codec of another spelling', multivariant.replace('"Opus"', '"opus"'), '4.4.6.2'],
    ['a score for some only', multivariant.replace(',SCORE=1.0', ''), '4.4.6.2'],
    ['a score of nothing', multivariant.replace('SCORE=1.0', 'SCORE=0.0'), '4.4.6.2'],
    ['an attribute twice', multivariant.replace(',SCORE=1.0', ',SCORE=1.0,SCORE=2.0'), '4.2'],
    ['a group that nobody defines', multivariant.replace(',SCORE=1.0', ',SCORE=1.0,AUDIO="none"'), '4.4.6.2'],
  ])('with %s is rejected', (_, text, section) => {
    expect(text).not.toBe(multivariant)
    expect(lintMultivariant(text).map((finding) => finding.section)).toContain(section)
  })
})

/** Segments 10 … 17 with all parts of the last, one part of segment 18, and a report. */
function media(other: string, lastPart: number): string {
  const at = (second: number) => `#EXT-X-PROGRAM-DATE-TIME:2025-11-22T18:40:${second}.000Z`
  const part = (uri: string) => `#EXT-X-PART:DURATION=0.400,URI="${uri}",INDEPENDENT=YES`
  const segments = Array.from({ length: 8 }, (_, i) => [
    at(20 + 2 * i),
    ...(i === 7 ? [0, 1, 2, 3, 4].map((n) => part(`part/17.${n}.m4s`)) : []),
    '#EXTINF:2.000,',
    `seg/${10 + i}.m4s`,
  ])
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.600,CAN-SKIP-UNTIL=12',
    '#EXT-X-PART-INF:PART-TARGET=0.400',
    '#EXT-X-MEDIA-SEQUENCE:10',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-MAP:URI="init.mp4"',
    ...segments.flat(),
    at(36),
    part('part/18.0.m4s'),
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part/18.1.m4s"',
    `#EXT-X-RENDITION-REPORT:URI="${other}",LAST-MSN=18,LAST-PART=${lastPart}`,
    '',
  ].join('\n')
}

describe('renditions', () => {
  const opus = media('aac.m3u8', 0)
  const aac = media('opus.m3u8', 0)
  const lint = (one: string, two: string) =>
    lintRenditions(
      multivariant,
      new Map([
        ['opus.m3u8', one],
        ['aac.m3u8', two],
      ]),
    )

  test('that fit together pass the linter', () => {
    expect(lintPlaylist(opus, 'live')).toEqual([])
    expect(lint(opus, aac)).toEqual([])
  })

  test.each<[string, string, string]>([
    ['another target duration', aac.replace('DURATION:2\n', 'DURATION:3\n'), '6.2.4'],
    ['another part target', aac.replace('TARGET=0.400', 'TARGET=0.500'), 'ours'],
    ['too little hold-back for that', aac.replace('TARGET=0.400', 'TARGET=0.600'), '4.4.3.8'],
    ['another time', aac.replace('40:30.000Z', '40:30.021Z'), '6.2.4'],
    ['other numbers', aac.replace('SEQUENCE:10', 'SEQUENCE:11'), '6.2.4'],
    ['numbers of another time altogether', aac.replace('SEQUENCE:10', 'SEQUENCE:90'), '6.2.4'],
    ['another duration', aac.replace('2.000,\nseg/12', '1.900,\nseg/12'), '6.2.4'],
    [
      'a start far from the others’',
      aac.replace(/#EXT-X-PROGRAM[\s\S]*seg\/11.m4s\n/, '').replace('SEQUENCE:10', 'SEQUENCE:12'),
      '6.2.4',
    ],
    ['no report of another', aac.replace(/#EXT-X-REND.*\n/, ''), 'B.1'],
    ['a report on itself', aac.replace('URI="opus.m3u8"', 'URI="aac.m3u8"'), 'B.1'],
    ['a report that is not true', aac.replace('LAST-PART=0', 'LAST-PART=1'), '4.4.5.4'],
    ['a report of an older segment', aac.replace('LAST-MSN=18', 'LAST-MSN=17'), '4.4.5.4'],
  ])('with %s are rejected', (_, text, section) => {
    expect(text).not.toBe(aac)
    expect(lint(opus, text).map((finding) => finding.section)).toContain(section)
  })

  test('of which one cannot be loaded are rejected', () => {
    expect(
      lintRenditions(multivariant, new Map([['opus.m3u8', opus]])).map(({ section }) => section),
    ).toContain('4.4.6.2')
  })

  test('keep the bit rates that they promised', () => {
    const rates = (bytes: readonly number[]) =>
      lintBitRates(
        multivariant,
        'opus.m3u8',
        bytes.map((one) => ({ bytes: one, seconds: 2 })),
      )
    expect(rates([14_000, 20_000, 12_000])).toEqual([])
    expect(rates([20_001, 8_000]).map(({ message }) => message)).toEqual([
      'opus.m3u8 has a segment of 80004 bit/s, over its BANDWIDTH.',
    ])
    expect(rates([16_500, 16_500])).toHaveLength(1)
    expect(lintBitRates(multivariant, 'none.m3u8', [{ bytes: 1, seconds: 2 }])).toHaveLength(1)
  })
})
