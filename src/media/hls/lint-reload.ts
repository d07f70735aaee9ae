// What may change between two loads of one playlist (RFC 8216bis, section 6.2): it grows at its end, a window loses
// segments at its start, Partial Segments that are no longer near the end go, it may end, and that is all. A delta
// update is checked as the whole that it stands for.

import { expandDelta } from './delta.ts'
import type { LintFinding } from './lint-finding.ts'
import { lintReportsReload } from './lint-reports.ts'
import {
  type ParsedPlaylist,
  type ParsedSegment,
  type PlaylistTag,
  parsePlaylist,
  segmentSeconds,
  tagValue,
} from './parse.ts'

/** Tags whose value is for ever. */
const CONSTANT_TAGS = {
  'EXT-X-TARGETDURATION': '4.4.3.1',
  'EXT-X-PLAYLIST-TYPE': '6.2.1',
  'EXT-X-VERSION': '6.2.1',
  'EXT-X-INDEPENDENT-SEGMENTS': '6.2.1',
  'EXT-X-PART-INF': '6.2.1',
  'EXT-X-SERVER-CONTROL': '6.2.1',
} as const

/** Section 6.2.2: shorter than this, a live playlist must not become by losing segments. */
const WINDOW_TARGETS_MIN = 3

/** Checks a later load, whole or a delta update, against an earlier one of the same URL, which is whole. */
export function lintReload(beforeText: string, afterText: string): LintFinding[] {
  const wholeText = expandDelta(beforeText, afterText)
  if (wholeText === undefined) {
    return [{ section: '6.2.5.1', line: 0, message: 'A delta update skips what was never told.' }]
  }
  const before = parsePlaylist(beforeText)
  const after = parsePlaylist(wholeText)
  const isEnded = tagValue(before.tags, 'EXT-X-ENDLIST') !== undefined
  if (isEnded && beforeText !== wholeText) {
    return [{ section: '6.2.1', line: 0, message: 'The playlist changed after its end.' }]
  }
  return [
    ...lintConstants(before, after),
    ...lintEnds(before, after),
    ...lintKept(before, after),
    ...lintPartials(before, after),
    ...lintReportsReload(before, after),
  ]
}

function lintConstants(before: ParsedPlaylist, after: ParsedPlaylist): LintFinding[] {
  return Object.entries(CONSTANT_TAGS)
    .filter(([name]) => tagValue(before.tags, name) !== tagValue(after.tags, name))
    .map(([name, section]) => ({ section, line: 0, message: `#${name} changed.` }))
}

function lintEnds(before: ParsedPlaylist, after: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const report = (section: string, message: string) => findings.push({ section, line: 0, message })
  const [first, last] = [before.segments[0], before.segments.at(-1)]
  if (first === undefined || last === undefined) return findings
  const afterFirst = after.segments[0]?.number ?? first.number
  const afterLast = after.segments.at(-1)?.number ?? Number.NEGATIVE_INFINITY
  if (afterFirst < first.number) report('6.2.2', 'The media sequence number went back.')
  if (afterLast < last.number) report('6.2.1', 'A segment is gone from the end.')
  if (afterFirst > first.number) {
    if (tagValue(after.tags, 'EXT-X-PLAYLIST-TYPE') !== undefined) {
      report('6.2.1', 'A segment is gone from a playlist that keeps everything.')
    }
    if (tagValue(after.tags, 'EXT-X-ENDLIST') === undefined && isTooShort(after)) {
      report('6.2.2', 'Segments were removed to less than three target durations.')
    }
  }
  return findings
}

function isTooShort({ tags, segments }: ParsedPlaylist): boolean {
  const seconds = segments.reduce((sum, segment) => sum + segmentSeconds(segment), 0)
  return seconds < WINDOW_TARGETS_MIN * Number(tagValue(tags, 'EXT-X-TARGETDURATION'))
}

function lintKept(before: ParsedPlaylist, after: ParsedPlaylist): LintFinding[] {
  const earlier = new Map(before.segments.map((segment) => [segment.number, segment]))
  return after.segments.flatMap((segment) => {
    const same = earlier.get(segment.number)
    if (same === undefined || describe(same) === describe(segment)) return []
    return [
      { section: '6.2.1', line: segment.line, message: `Segment ${segment.number} is another than before.` },
    ]
  })
}

/**
 * A segment's tags and URI. The map stands in front of whichever segment is the first and applies to all; parts have
 * rules of their own.
 */
function describe(segment: ParsedSegment): string {
  const tags = segment.tags.filter((tag) => tag.name !== 'EXT-X-MAP' && tag.name !== 'EXT-X-PART')
  return [...tags.map((tag) => `${tag.name}:${tag.value}`), segment.uri].join('\n')
}

/** Parts are only added, at the end, until all that are left of a segment go. */
function lintPartials(before: ParsedPlaylist, after: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const report = (message: string) => findings.push({ section: '6.2.1', line: 0, message })
  const later = partialsBySegment(after)
  const segments = new Set(after.segments.map((segment) => segment.number))
  const first = Math.min(...segments)
  for (const [number, partials] of partialsBySegment(before)) {
    const now = later.get(number)
    if (now === undefined) {
      if (number >= first && !segments.has(number))
        report(`The parts of segment ${number} are gone from the end.`)
    } else if (partials.some((partial, i) => partial !== now[i])) {
      report(`The parts of segment ${number} are others than before.`)
    }
  }
  for (const [number, partials] of later) {
    const wasListed = before.segments.find((segment) => segment.number === number)
    if (wasListed !== undefined && partials.length !== partialLines(wasListed.tags).length) {
      report(`Segment ${number} was complete, and has other parts than before.`)
    }
  }
  return findings
}

function partialsBySegment({ segments, open, tags, skipped }: ParsedPlaylist): Map<number, string[]> {
  const bySegment = new Map<number, string[]>()
  const add = (number: number, of: readonly PlaylistTag[]) => {
    const lines = partialLines(of)
    if (lines.length > 0) bySegment.set(number, lines)
  }
  for (const segment of segments) add(segment.number, segment.tags)
  const first = Number(tagValue(tags, 'EXT-X-MEDIA-SEQUENCE') ?? 0) + skipped
  add(first + segments.length, open)
  return bySegment
}

const partialLines = (tags: readonly PlaylistTag[]): string[] =>
  tags.filter((tag) => tag.name === 'EXT-X-PART').map((tag) => tag.value)
