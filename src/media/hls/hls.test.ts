import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { samples, wallMillis } from '../../base/units.ts'
import { formatDateTime, parseDateTime } from './date-time.ts'
import { type LintKind, lintPlaylist } from './lint.ts'
import { lintReload } from './lint-reload.ts'
import { type MediaPlaylist, type PlaylistSegment, WINDOW_SEGMENTS_MIN, writePlaylist } from './playlist.ts'

const GRID_START_MS = 1_763_836_800_000

/** Segments `from` … `to − 1` of a program whose first part is `firstPart` parts into segment `from`. */
function segments(from: number, to: number, firstPart = 0, isGap = (_: number) => false): PlaylistSegment[] {
  return Array.from({ length: to - from }, (_, i) => {
    const number = from + i
    const skipped = i === 0 ? firstPart : 0
    return {
      number,
      uri: `segment-${number}.m4s`,
      start: wallMillis(GRID_START_MS + number * 2000 + skipped * 200),
      duration: samples((10 - skipped) * 9600),
      isGap: isGap(number),
    }
  })
}

const print = (kind: MediaPlaylist['kind'], listed: readonly PlaylistSegment[], isEnded = false) =>
  writePlaylist({ kind, isEnded, mapUri: 'init.mp4', segments: listed })

describe('a playlist', () => {
  test('of a live window reads as RFC 8216bis prints it', () => {
    expect(
      print(
        'window',
        segments(41, 43, 0, (n) => n === 42),
      ),
    ).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:6',
        '#EXT-X-TARGETDURATION:2',
        '#EXT-X-MEDIA-SEQUENCE:41',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MAP:URI="init.mp4"',
        '#EXT-X-PROGRAM-DATE-TIME:2025-11-22T18:41:22.000Z',
        '#EXTINF:2.000,',
        'segment-41.m4s',
        '#EXT-X-PROGRAM-DATE-TIME:2025-11-22T18:41:24.000Z',
        '#EXT-X-GAP',
        '#EXTINF:2.000,',
        'segment-42.m4s',
        '',
      ].join('\n'),
    )
  })

  test('of a replay begins with the rest of its first segment, and ends', () => {
    const text = print('vod', segments(7, 9, 6))
    expect(text).toContain('#EXT-X-PLAYLIST-TYPE:VOD')
    expect(text).toContain('T18:40:15.200Z\n#EXTINF:0.800,\nsegment-7.m4s')
    expect(text).toEndWith('#EXT-X-ENDLIST\n')
  })

  test('is not printed with a hole or a seam in its timeline', () => {
    const [one, two, three] = segments(1, 4) as [PlaylistSegment, PlaylistSegment, PlaylistSegment]
    expect(() => print('window', [one, three])).toThrow('without a hole')
    expect(() => print('window', [one, { ...two, start: wallMillis(two.start + 1) }])).toThrow(
      'where the one before',
    )
    expect(() => print('window', [{ ...one, duration: samples(9601) }])).toThrow('whole milliseconds')
    expect(() => print('window', [{ ...one, duration: samples(96_000 + 9600) }])).toThrow('two seconds')
  })
})

const anyPlaylist = fc
  .record({
    kind: fc.constantFrom('window' as const, 'event' as const, 'vod' as const),
    from: fc.nat(10_000_000),
    count: fc.integer({ min: 1, max: 40 }),
    firstPart: fc.nat(9),
    gaps: fc.uniqueArray(fc.nat(40)),
    isEnded: fc.boolean(),
  })
  .map((p) => ({
    ...p,
    listed: segments(p.from, p.from + p.count, p.firstPart, (n) => p.gaps.includes(n - p.from)),
  }))

const lintKindOf = (kind: MediaPlaylist['kind']): LintKind => (kind === 'window' ? 'live' : 'replay')

describe('the linter', () => {
  test('accepts whatever our writer prints', () => {
    fc.assert(
      fc.property(anyPlaylist, ({ kind, listed, isEnded }) => {
        expect(lintPlaylist(print(kind, listed, isEnded), lintKindOf(kind))).toEqual([])
      }),
    )
  })

  test('accepts a window that slides, grows and ends, and a replay that grows and ends', () => {
    const step = fc.record({ grow: fc.nat(4), shrink: fc.nat(4) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(1000), fc.boolean(), (steps, first, isWindow) => {
        let [from, to] = [first, first + 1]
        const kind = isWindow ? 'window' : 'event'
        const all = segments(first, first + 100, 3, (n) => n % 7 === 0)
        const load = (isEnded: boolean) => print(kind, all.slice(from - first, to - first), isEnded)
        let text = load(false)
        for (const { grow, shrink } of steps) {
          to += grow
          if (isWindow) from = Math.max(from, Math.min(from + shrink, to - WINDOW_SEGMENTS_MIN))
          const next = load(false)
          expect(lintReload(text, next)).toEqual([])
          text = next
        }
        expect(lintReload(text, load(true))).toEqual([])
        expect(lintReload(load(true), load(true))).toEqual([])
      }),
    )
  })

  const live = print(
    'window',
    segments(10, 15, 0, (n) => n === 12),
  )
  const replay = print('vod', segments(10, 15, 4))
  test.each<[string, string, LintKind, string]>([
    ['no EXTM3U', live.replace('#EXTM3U\n', ''), 'live', '4.4.1.1'],
    ['a byte order mark', `\ufeff${live}`, 'live', '4.1'],
    ['a control character', live.replace('segment-11', 'segment\u0007-11'), 'live', '4.1'],
    ['white space round a line', live.replace('#EXT-X-GAP', ' #EXT-X-GAP'), 'live', '4.1'],
    ['a version too low for its tags', live.replace('VERSION:6', 'VERSION:5'), 'live', '8'],
    [
      'two versions',
      live.replace('#EXT-X-VERSION:6\n', '#EXT-X-VERSION:6\n#EXT-X-VERSION:6\n'),
      'live',
      '4.4.1.2',
    ],
    ['no target duration', live.replace('#EXT-X-TARGETDURATION:2\n', ''), 'live', '4.4.3.1'],
    ['a target duration with a fraction', live.replace('DURATION:2', 'DURATION:2.0'), 'live', '4.2'],
    ['a segment over the target duration', live.replace('INF:2.000', 'INF:2.500'), 'live', '4.4.3.1'],
    ['a media sequence that is no number', live.replace('SEQUENCE:10', 'SEQUENCE:ten'), 'live', '4.2'],
    ['two target durations', live.replace('#EXTINF', '#EXT-X-TARGETDURATION:2\n#EXTINF'), 'live', '4.4.3.1'],
    ['the media sequence behind a segment', moveToEnd(live, '#EXT-X-MEDIA-SEQUENCE:10'), 'live', '4.4.3.2'],
    [
      'a type on a window that slides',
      live.replace('#EXT-X-MAP', '#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MAP'),
      'live',
      '4.4.3.5',
    ],
    ['no type on a whole', replay.replace('#EXT-X-PLAYLIST-TYPE:VOD\n', ''), 'replay', '4.4.3.5'],
    ['a VOD without an end', replay.replace('#EXT-X-ENDLIST\n', ''), 'replay', '4.4.3.5'],
    ['two ends', `${replay}#EXT-X-ENDLIST\n`, 'replay', '4.4.3.4'],
    ['no EXTINF', live.replace('#EXTINF:2.000,\n', ''), 'live', '4.4.4.1'],
    ['two EXTINF', live.replace('#EXTINF:2.000,\n', '#EXTINF:2.000,\n#EXTINF:2.000,\n'), 'live', '4.4.4.1'],
    ['an EXTINF without a comma', live.replace('#EXTINF:2.000,', '#EXTINF:2.000'), 'live', '4.4.4.1'],
    ['no URI', live.replace('segment-14.m4s\n', ''), 'live', '4.4.4'],
    ['no map', live.replace('#EXT-X-MAP:URI="init.mp4"\n', ''), 'live', '3.1.2'],
    [
      'a map behind the first segment',
      live.replace(/(#EXT-X-MAP.*\n)([\s\S]*?segment-10\.m4s\n)/, '$2$1'),
      'live',
      '3.1.2',
    ],
    ['a map without a quoted URI', live.replace('URI="init.mp4"', 'URI=init.mp4'), 'live', '4.4.4.5'],
    ['two gap tags', live.replace('#EXT-X-GAP\n', '#EXT-X-GAP\n#EXT-X-GAP\n'), 'live', '4.4.4'],
    ['a gap with a value', live.replace('#EXT-X-GAP', '#EXT-X-GAP:YES'), 'live', '4.4.4.7'],
    ['a time without a zone', live.replace('22.000Z', '22.000'), 'live', '4.4.4.6'],
    ['a time that jumps', live.replace(':22.000Z', ':22.500Z'), 'live', '4.4.4.6'],
    ['a time that goes back', live.replace(':22.000Z', ':18.000Z'), 'live', '4.4.4.6'],
    ['a segment listed twice', live.replace('segment-11', 'segment-10'), 'live', 'ours'],
    [
      'tags of a Multivariant Playlist',
      live.replace('#EXT-X-MAP', '#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-MAP'),
      'live',
      '4.1',
    ],
    ['a discontinuity', live.replace('#EXT-X-GAP', '#EXT-X-DISCONTINUITY'), 'live', 'ours'],
  ])('rejects %s', (_, text, kind, section) => {
    expect(text).not.toBe(kind === 'live' ? live : replay)
    expect(lintPlaylist(text, kind).map((finding) => finding.section)).toContain(section)
  })

  const listed = segments(10, 16, 0, (n) => n === 12)
  const before = print('window', listed)
  test.each<[string, string, string, string]>([
    ['another target duration', before, before.replace('DURATION:2', 'DURATION:3'), '4.4.3.1'],
    ['a window that goes back', print('window', listed.slice(2)), before, '6.2.2'],
    ['a segment gone from the end', before, print('window', listed.slice(0, 5)), '6.2.1'],
    ['a window cut too short', before, print('window', listed.slice(4)), '6.2.2'],
    ['another URI for a segment', before, before.replace('segment-13', 'other-13'), '6.2.1'],
    ['a tag that is gone', before, before.replace('#EXT-X-GAP\n', ''), '6.2.1'],
    ['a date that is gone', before, before.replace(/#EXT-X-PROGRAM.*\n/, ''), '6.2.1'],
    ['another duration for a segment', before, before.replace('INF:2.000', 'INF:1.800'), '6.2.1'],
    ['a removal from an EVENT', print('event', listed), print('event', listed.slice(1)), '6.2.1'],
    ['another type', print('event', listed), print('vod', listed), '6.2.1'],
    [
      'a change after the end',
      print('window', listed.slice(0, 5), true),
      print('window', listed, true),
      '6.2.1',
    ],
    ['an end taken back', print('window', listed, true), before, '6.2.1'],
  ])('rejects a reload with %s', (_, earlier, later, section) => {
    expect(lintReload(earlier, later).map((finding) => finding.section)).toContain(section)
  })

  test('never throws, whatever it is given', () => {
    const lines = fc.array(fc.oneof(fc.constantFrom(...live.split('\n')), fc.string()), { maxLength: 20 })
    fc.assert(
      fc.property(lines, lines, (one, two) => {
        lintPlaylist(one.join('\n'), 'live')
        lintPlaylist(one.join('\r\n'), 'replay')
        lintReload(one.join('\n'), two.join('\n'))
      }),
    )
  })
})

describe('date and time', () => {
  const anyInstant = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) }).map(wallMillis)

  test('are printed as the platform prints them, and read back', () => {
    fc.assert(
      fc.property(anyInstant, (at) => {
        expect(formatDateTime(at)).toBe(new Date(at).toISOString())
        expect(parseDateTime(formatDateTime(at))).toBe(at)
      }),
      { numRuns: 1000 },
    )
  })

  test.each(['2024-02-29', '2000-02-29', '2100-03-01', '1999-12-31', '2024-12-31', '1970-01-01'])(
    'are right on %s',
    (day) => {
      const at = wallMillis(Date.parse(`${day}T23:59:59.999Z`))
      expect(formatDateTime(at)).toBe(`${day}T23:59:59.999Z`)
    },
  )

  test('are read in other zones and precisions', () => {
    const at = Date.parse('2025-11-22T18:41:22.500Z')
    for (const text of [
      '2025-11-22T19:41:22.5+01:00',
      '2025-11-22T13:11:22.500-0530',
      '2025-11-22T18:41:22.500499Z',
    ]) {
      expect(parseDateTime(text) as number).toBe(at)
    }
    for (const text of ['2025-11-22', '2025-13-22T00:00:00Z', '2025-11-22T18:41:22', 'now', '']) {
      expect(parseDateTime(text)).toBeUndefined()
    }
  })
})

function moveToEnd(text: string, line: string): string {
  return `${text.replace(`${line}\n`, '')}${line}\n`
}
