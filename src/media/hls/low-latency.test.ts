import { describe, expect, test } from 'bun:test'
import { millis, samples, wallMillis } from '../../base/units.ts'
import { expandDelta } from './delta.ts'
import { lintPlaylist } from './lint.ts'
import { lintReload } from './lint-reload.ts'
import { type PlaylistPartial, type PlaylistSegment, writePlaylist } from './playlist.ts'

const GRID_START_MS = 1_763_836_800_000

const partials = (segment: number, count: number, gap = -1): PlaylistPartial[] =>
  Array.from({ length: count }, (_, i) => ({
    uri: `part/${segment}.${i}.m4s`,
    duration: samples(19_200),
    isGap: i === gap,
  }))

/** Segments 10 … 17, the last two with parts, and two parts of segment 18. */
function print({ skipped = 0, isEnded = false, open = 2 } = {}): string {
  const segments = Array.from({ length: 8 }, (_, i): PlaylistSegment => {
    const number = 10 + i
    return {
      number,
      uri: `seg/${number}.m4s`,
      start: wallMillis(GRID_START_MS + number * 2000),
      duration: samples(96_000),
      isGap: false,
      ...(i < 6 ? {} : { partials: partials(number, 5, number === 17 ? 3 : -1) }),
    }
  })
  const start = wallMillis(GRID_START_MS + 18 * 2000)
  return writePlaylist({
    kind: 'window',
    isEnded,
    mapUri: 'init.mp4',
    segments,
    lowLatency: {
      partTarget: millis(400),
      skipped,
      reports: isEnded
        ? []
        : [{ uri: 'aac.m3u8', lastMsn: open > 1 ? 18 : 17, lastPart: open > 1 ? open - 2 : open + 3 }],
      ...(isEnded || open === 0 ? {} : { open: { start, partials: partials(18, open) } }),
      ...(isEnded ? {} : { hintUri: `part/18.${open}.m4s` }),
    },
  })
}

const live = print()
const delta = print({ skipped: 2 })

describe('a playlist with parts', () => {
  test('reads as RFC 8216bis prints it', () => {
    expect(live.split('\n').slice(0, 8)).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.600,CAN-SKIP-UNTIL=12',
      '#EXT-X-PART-INF:PART-TARGET=0.400',
      '#EXT-X-MEDIA-SEQUENCE:10',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MAP:URI="init.mp4"',
    ])
    expect(live.split('\n').slice(-14)).toEqual([
      '#EXT-X-PROGRAM-DATE-TIME:2025-11-22T18:40:34.000Z',
      '#EXT-X-PART:DURATION=0.400,URI="part/17.0.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.400,URI="part/17.1.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.400,URI="part/17.2.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.400,URI="part/17.3.m4s",GAP=YES',
      '#EXT-X-PART:DURATION=0.400,URI="part/17.4.m4s",INDEPENDENT=YES',
      '#EXTINF:2.000,',
      'seg/17.m4s',
      '#EXT-X-PROGRAM-DATE-TIME:2025-11-22T18:40:36.000Z',
      '#EXT-X-PART:DURATION=0.400,URI="part/18.0.m4s",INDEPENDENT=YES',
      '#EXT-X-PART:DURATION=0.400,URI="part/18.1.m4s",INDEPENDENT=YES',
      '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part/18.2.m4s"',
      '#EXT-X-RENDITION-REPORT:URI="aac.m3u8",LAST-MSN=18,LAST-PART=0',
      '',
    ])
  })

  test('passes the linter, whole, as a delta update, at the start of a segment, and ended', () => {
    for (const text of [live, delta, print({ open: 0 }), print({ isEnded: true })]) {
      expect(lintPlaylist(text, 'live')).toEqual([])
    }
    for (const later of [delta, print({ open: 3 }), print({ open: 4, skipped: 2 }), live]) {
      expect(lintReload(live, later)).toEqual([])
    }
  })

  test('says in a delta update what it says as a whole', () => {
    expect(delta).toContain('#EXT-X-VERSION:9\n')
    expect(delta).toContain('#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n')
    expect(delta).not.toContain('seg/11.m4s')
    expect(expandDelta(live, delta)).toBe(live)
    expect(expandDelta(live.replaceAll('SEQUENCE:10', 'SEQUENCE:11'), delta)).toBeUndefined()
  })
})

describe('the linter', () => {
  test.each<[string, string, string]>([
    ['a part target that is gone', live.replace(/#EXT-X-PART-INF.*\n/, ''), '4.4.3.7'],
    ['a part target without a number', live.replace('PART-TARGET=0.400', 'PART-TARGET=long'), '4.4.3.7'],
    ['no part hold-back', live.replace(',PART-HOLD-BACK=1.600', ''), '4.4.3.8'],
    ['a part hold-back too short', live.replace('HOLD-BACK=1.600', 'HOLD-BACK=0.900'), '4.4.3.8'],
    ['a hold-back too short', live.replace('CAN-SKIP', 'HOLD-BACK=5.000,CAN-SKIP'), '4.4.3.8'],
    ['a skip boundary too near', live.replace('UNTIL=12', 'UNTIL=10'), '4.4.3.8'],
    ['a server that can block, perhaps', live.replace('RELOAD=YES', 'RELOAD=NO'), '4.4.3.8'],
    ['server control twice', live.replace(/(#EXT-X-SERVER.*\n)/, '$1$1'), '4.4.3.8'],
    ['a part without a URI', live.replace('URI="part/17.1.m4s",', ''), '4.4.4.9'],
    ['a part without a duration', live.replace('DURATION=0.400,URI="part/17.1', 'URI="part/17.1'), '4.4.4.9'],
    ['a part over the target', live.replace('0.400,URI="part/18.1', '0.500,URI="part/18.1'), '4.4.4.9'],
    [
      'a short part of no excuse',
      live.replace('0.400,URI="part/18.1.m4s",INDEPENDENT=YES', '0.200,URI="part/18.1.m4s"'),
      '4.4.4.9',
    ],
    ['a part that is no gap', live.replace('GAP=YES', 'GAP=NO'), '4.4.4.9'],
    [
      'a time behind the parts it applies to',
      live.replace(/(#EXT-X-PROGRAM.*:36.000Z\n)(#EXT-X-PART:.*\n)/, '$2$1'),
      '4.4.4.9',
    ],
    ['no time for the open segment', live.replace(/#EXT-X-PROGRAM.*:36.000Z\n/, ''), '4.4.4.6'],
    ['a part listed twice', live.replace('part/17.1', 'part/17.0'), 'ours'],
    ['parts that do not fill their segment', live.replace(/#EXT-X-PART.*17\.4.*\n/, ''), 'ours'],
    [
      'a part long gone by',
      live.replace('#EXTINF:2.000,\nseg/12', '#EXT-X-PART:DURATION=2.000,URI="part/12.0.m4s"\n$&'),
      '6.2.2',
    ],
    ['a hint of no type', live.replace('TYPE=PART', 'TYPE=SOME'), '4.4.5.3'],
    ['a hint at nothing', live.replace(',URI="part/18.2.m4s"', ''), '4.4.5.3'],
    ['two hints', live.replace(/(#EXT-X-PRELOAD.*\n)/, '$1$1'), '6.2.6'],
    ['a hint at what is there', live.replace('URI="part/18.2', 'URI="part/18.1'), 'ours'],
    ['a report without a URI', live.replace('URI="aac.m3u8",', ''), '4.4.5.4'],
    ['a report on another server', live.replace('"aac.m3u8"', '"https://other.test/aac.m3u8"'), '4.4.5.4'],
    ['a report of an absolute path', live.replace('"aac.m3u8"', '"/live/any/aac.m3u8"'), '4.4.5.4'],
    ['a report without a segment', live.replace('LAST-MSN=18,', ''), '4.4.5.4'],
    ['a report without a part', live.replace(',LAST-PART=0', ''), '4.4.5.4'],
    ['two reports of one rendition', live.replace(/(#EXT-X-REND.*\n)/, '$1$1'), 'ours'],
    ['a hint after the end', `${live}#EXT-X-ENDLIST\n`, '4.4.5.3'],
    ['a delta update of too low a version', delta.replace('VERSION:9', 'VERSION:6'), '8'],
    ['a delta update that skips nothing', delta.replace('SEGMENTS=2', 'SEGMENTS=0'), '4.4.5.2'],
    ['two skips', delta.replace(/(#EXT-X-SKIP.*\n)/, '$1$1'), '4.4.5.2'],
    [
      'a skip behind segments',
      `${delta.replace(/#EXT-X-SKIP.*\n/, '')}#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n`,
      '4.4.5.2',
    ],
    ['a skip that nobody offered', delta.replace(',CAN-SKIP-UNTIL=12', ''), '6.2.5.1'],
    ['a skip over the boundary', delta.replace(/#EXT-X-PROGRAM[^#]*#EXTINF[^#]*/, ''), '6.2.5.1'],
    ['a delta update of what has ended', `${delta}#EXT-X-ENDLIST\n`, '6.2.5.1'],
  ])('rejects %s', (_, text, section) => {
    expect(text === live || text === delta).toBe(false)
    expect(lintPlaylist(text, 'live').map((finding) => finding.section)).toContain(section)
  })

  test.each<[string, string, string]>([
    ['another part target', live.replace('TARGET=0.400', 'TARGET=0.500'), '6.2.1'],
    ['another server control', live.replace('UNTIL=12', 'UNTIL=14'), '6.2.1'],
    ['a part that is another', live.replace('part/18.1', 'part/18.1b'), '6.2.1'],
    ['a part that is gone', print({ open: 1 }), '6.2.1'],
    ['an open segment that is gone', print({ open: 0 }), '6.2.1'],
    ['a rendition that went back', live.replace('LAST-MSN=18', 'LAST-MSN=17'), '4.4.5.4'],
    ['a part more in a complete segment', live.replace(/(#EXT-X-PART.*17\.4.*\n)/, '$1$1'), '6.2.1'],
    ['a delta update over what was never told', delta.replace('SEQUENCE:10', 'SEQUENCE:9'), '6.2.5.1'],
    ['a delta update that tells it otherwise', delta.replace('seg/12', 'seg/12b'), '6.2.1'],
  ])('rejects a reload with %s', (_, text, section) => {
    expect(lintReload(live, text).map((finding) => finding.section)).toContain(section)
  })
})
