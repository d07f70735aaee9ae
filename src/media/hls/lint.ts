// What RFC 8216bis demands of a Media Playlist with fMP4 segments, checked on the text that players get: in our
// tests, and on the running system. Rules that concern what we never print (keys, byte ranges) are reduced to "it is not
// there". What low-latency players are told is `lint-low-latency.ts`; the list of renditions is `lint-multivariant.ts`.

import { parseDateTime } from './date-time.ts'
import type { LintFinding } from './lint-finding.ts'
import { lintLowLatency } from './lint-low-latency.ts'
import { lintReports } from './lint-reports.ts'
import { lintText } from './lint-text.ts'
import { type ParsedPlaylist, type ParsedSegment, parsePlaylist, segmentSeconds, tagValue } from './parse.ts'

/** `live`: the window of the newest segments. `replay`: the whole, growing or finished. */
export type LintKind = 'live' | 'replay'

/** Checks one playlist by itself; an empty answer is a good one. */
export function lintPlaylist(text: string, kind: LintKind): LintFinding[] {
  const playlist = parsePlaylist(text)
  return [
    ...lintText(text),
    ...lintTags(playlist),
    ...lintVersion(playlist),
    ...lintKind(playlist, kind),
    ...lintMap(playlist),
    ...lintSegments(playlist),
    ...lintTimeline(playlist),
    ...lintLowLatency(playlist),
    ...lintReports(playlist),
  ]
}

/** Tags of which a playlist has at most one (sections 4.4.1 to 4.4.3). */
const ONCE = {
  EXTM3U: '4.4.1.1',
  'EXT-X-VERSION': '4.4.1.2',
  'EXT-X-INDEPENDENT-SEGMENTS': '4.4.2.1',
  'EXT-X-TARGETDURATION': '4.4.3.1',
  'EXT-X-MEDIA-SEQUENCE': '4.4.3.2',
  'EXT-X-DISCONTINUITY-SEQUENCE': '4.4.3.3',
  'EXT-X-ENDLIST': '4.4.3.4',
  'EXT-X-PLAYLIST-TYPE': '4.4.3.5',
  'EXT-X-PART-INF': '4.4.3.7',
  'EXT-X-SERVER-CONTROL': '4.4.3.8',
  'EXT-X-SKIP': '4.4.5.2',
} as const

const MULTIVARIANT = /^EXT-X-(MEDIA|STREAM-INF|I-FRAME-STREAM-INF|SESSION-DATA|SESSION-KEY|CONTENT-STEERING)$/

function lintTags({ tags, segments }: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const seen = new Set<string>()
  for (const tag of tags) {
    const section = (ONCE as Readonly<Record<string, string>>)[tag.name]
    if (section !== undefined && seen.has(tag.name)) {
      findings.push(finding(section, tag.line, `#${tag.name} is there twice.`))
    }
    seen.add(tag.name)
    if (MULTIVARIANT.test(tag.name)) {
      findings.push(finding('4.1', tag.line, `#${tag.name} belongs into a Multivariant Playlist.`))
    }
    const isNumber = /^(EXT-X-VERSION|EXT-X-TARGETDURATION|EXT-X-MEDIA-SEQUENCE)$/.test(tag.name)
    if (isNumber && !/^\d{1,20}$/.test(tag.value)) {
      findings.push(finding('4.2', tag.line, `#${tag.name} is no decimal integer.`))
    }
  }
  const media = tags.find((tag) => tag.name === 'EXT-X-MEDIA-SEQUENCE')
  const firstLine = segments[0]?.line ?? Number.POSITIVE_INFINITY
  if (media !== undefined && media.line > firstLine) {
    findings.push(finding('4.4.3.2', media.line, '#EXT-X-MEDIA-SEQUENCE comes after the first segment.'))
  }
  if (!seen.has('EXT-X-TARGETDURATION')) findings.push(finding('4.4.3.1', 0, 'There is no target duration.'))
  return findings
}

function lintVersion({ tags, segments }: ParsedPlaylist): LintFinding[] {
  const version = Number(tagValue(tags, 'EXT-X-VERSION') ?? 1)
  const hasMap = segments.some((segment) => tagValue(segment.tags, 'EXT-X-MAP') !== undefined)
  const hasFractions = segments.some((segment) => tagValue(segment.tags, 'EXTINF')?.includes('.'))
  const hasSkip = tagValue(tags, 'EXT-X-SKIP') !== undefined
  const needed = hasSkip ? 9 : hasMap ? 6 : hasFractions ? 3 : 1
  return version >= needed ? [] : [finding('8', 0, `Version ${version}, but its tags need ${needed}.`)]
}

function lintKind({ tags }: ParsedPlaylist, kind: LintKind): LintFinding[] {
  const type = tagValue(tags, 'EXT-X-PLAYLIST-TYPE')
  if (kind === 'live') {
    // Section 6.2.1: with either type, segments must never be removed.
    return type === undefined ? [] : [finding('4.4.3.5', 0, 'A window that slides has no playlist type.')]
  }
  if (type !== 'EVENT' && type !== 'VOD') {
    return [finding('4.4.3.5', 0, 'The playlist of a whole program is EVENT or VOD.')]
  }
  const isEnded = tagValue(tags, 'EXT-X-ENDLIST') !== undefined
  return type === 'VOD' && !isEnded
    ? [finding('4.4.3.5', 0, 'A VOD playlist never changes, so it ends.')]
    : []
}

function lintMap({ segments, skipped }: ParsedPlaylist): LintFinding[] {
  const first = segments[0]
  if (first === undefined) return []
  const map = first.tags.find((tag) => tag.name === 'EXT-X-MAP')
  // The map may be a tag of a segment that a delta update leaves out.
  if (map === undefined && skipped === 0)
    return [finding('3.1.2', first.line, 'fMP4 without an EXT-X-MAP that applies to it.')]
  const findings = segments
    .flatMap((segment) => segment.tags)
    .filter((tag) => tag.name === 'EXT-X-MAP' && !/(^|,)URI="[^"\r\n]+"/.test(tag.value))
  return findings.map((tag) => finding('4.4.4.5', tag.line, 'EXT-X-MAP has no quoted URI.'))
}

function lintSegments({ tags, segments, dangling }: ParsedPlaylist): LintFinding[] {
  const target = Number(tagValue(tags, 'EXT-X-TARGETDURATION'))
  const findings = segments.flatMap((segment) => lintSegment(segment, target))
  const uris = new Set<string>()
  for (const segment of segments) {
    if (uris.has(segment.uri)) findings.push(finding('ours', segment.line, 'Two segments have one URI.'))
    uris.add(segment.uri)
  }
  const lost = dangling.map((tag) => finding('4.4.4', tag.line, `#${tag.name} applies to no segment.`))
  return [...findings, ...lost]
}

/** Section 4.4.4.1: a decimal number and a comma; the title is empty in ours. */
const EXTINF = /^\d+(\.\d+)?,/

function lintSegment(segment: ParsedSegment, target: number): LintFinding[] {
  const findings: LintFinding[] = []
  const durations = segment.tags.filter((tag) => tag.name === 'EXTINF')
  if (durations.length !== 1) {
    findings.push(finding('4.4.4.1', segment.line, `${durations.length} EXTINF tags for one segment.`))
  }
  for (const tag of durations) {
    if (!EXTINF.test(tag.value))
      findings.push(finding('4.4.4.1', tag.line, 'EXTINF is no duration with a comma.'))
  }
  const seconds = segmentSeconds(segment)
  if (Math.round(seconds) > target) {
    findings.push(
      finding('4.4.3.1', segment.line, `${seconds} s is over the target duration of ${target} s.`),
    )
  }
  if (!(seconds > 0)) findings.push(finding('ours', segment.line, 'A segment without duration.'))
  for (const name of ['EXT-X-GAP', 'EXT-X-PROGRAM-DATE-TIME', 'EXT-X-MAP']) {
    const count = segment.tags.filter((tag) => tag.name === name).length
    if (count > 1) findings.push(finding('4.4.4', segment.line, `#${name} is there twice for one segment.`))
  }
  const gap = segment.tags.find((tag) => tag.name === 'EXT-X-GAP')
  if (gap !== undefined && gap.value !== '')
    findings.push(finding('4.4.4.7', gap.line, 'EXT-X-GAP has a value.'))
  return findings
}

/** Printed milliseconds and rounded sums may differ by this much. */
const TIME_TOLERANCE_MS = 1

function lintTimeline({ segments, open }: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  let expectedMs: number | undefined
  for (const segment of segments) {
    const text = tagValue(segment.tags, 'EXT-X-PROGRAM-DATE-TIME')
    const at = text === undefined ? undefined : parseDateTime(text)
    if (text === undefined) findings.push(finding('ours', segment.line, 'A segment without a date and time.'))
    else if (at === undefined) {
      findings.push(finding('4.4.4.6', segment.line, `${text} is no ISO 8601 time with a zone.`))
    } else if (expectedMs !== undefined && Math.abs(at - expectedMs) > TIME_TOLERANCE_MS) {
      findings.push(
        finding('4.4.4.6', segment.line, `The time is ${at - expectedMs} ms off the durations before.`),
      )
    }
    const startMs = at ?? expectedMs
    expectedMs = startMs === undefined ? undefined : startMs + 1000 * segmentSeconds(segment)
    if (segment.tags.some((tag) => tag.name === 'EXT-X-DISCONTINUITY')) {
      findings.push(finding('ours', segment.line, 'The timeline of a program has no discontinuity.'))
    }
  }
  const openTime = tagValue(open, 'EXT-X-PROGRAM-DATE-TIME')
  const openAt = openTime === undefined ? undefined : parseDateTime(openTime)
  if (open.length > 0 && (openAt === undefined || openAt !== expectedMs)) {
    findings.push(
      finding('4.4.4.6', open[0]?.line ?? 0, 'The open segment has no time, or another than its own.'),
    )
  }
  return findings
}

function finding(section: string, line: number, message: string): LintFinding {
  return { section, line, message }
}
