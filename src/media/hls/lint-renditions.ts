// What RFC 8216bis demands of Media Playlists that one Multivariant Playlist names (sections 6.2.4, 4.4.6.2 and appendix
// B.1): the same times under the same numbers, reports that are true, and bit rates that were promised.

import { parseDateTime } from './date-time.ts'
import type { LintFinding } from './lint-finding.ts'
import { reportsOf } from './lint-reports.ts'
import { attributesOf, type ParsedPlaylist, parsePlaylist, segmentSeconds, tagValue } from './parse.ts'
import { parseMultivariant } from './parse-multivariant.ts'

interface Rendition {
  readonly uri: string
  readonly playlist: ParsedPlaylist
}

/**
 * Checks the Media Playlists of `multivariantText`, by URI as it names them, each whole and loaded while the live edge
 * stood still. A rendition that is made on demand and has only begun is shorter than the others, and is told so.
 */
export function lintRenditions(
  multivariantText: string,
  playlists: ReadonlyMap<string, string>,
): LintFinding[] {
  const findings: LintFinding[] = []
  const renditions: Rendition[] = []
  for (const { uri, tag } of parseMultivariant(multivariantText).variants) {
    const text = playlists.get(uri ?? '')
    if (uri === undefined || text === undefined) {
      findings.push({ section: '4.4.6.2', line: tag.line, message: `There is no playlist at ${uri}.` })
    } else renditions.push({ uri, playlist: parsePlaylist(text) })
  }
  const first = renditions[0]
  if (first === undefined) return findings
  for (const other of renditions.slice(1))
    findings.push(...lintSame(first, other), ...lintTimes(first, other))
  findings.push(...lintHoldBack(renditions))
  for (const rendition of renditions) findings.push(...lintReportsOf(rendition, renditions))
  return findings
}

/** Section 6.2.4, and what follows from our one grid. */
const SAME_TAGS = {
  'EXT-X-TARGETDURATION': '6.2.4',
  'EXT-X-PLAYLIST-TYPE': '6.2.4',
  'EXT-X-DISCONTINUITY-SEQUENCE': '6.2.4',
  'EXT-X-PART-INF': 'ours',
} as const

function lintSame(first: Rendition, other: Rendition): LintFinding[] {
  const hasParts = [first, other].every(
    ({ playlist }) => tagValue(playlist.tags, 'EXT-X-PART-INF') !== undefined,
  )
  return Object.entries(SAME_TAGS)
    .filter(([name]) => name !== 'EXT-X-PART-INF' || hasParts)
    .filter(([name]) => tagValue(first.playlist.tags, name) !== tagValue(other.playlist.tags, name))
    .map(([name, section]) => finding(section, `#${name} of ${other.uri} is not that of ${first.uri}.`))
}

function lintTimes(first: Rendition, other: Rendition): LintFinding[] {
  const findings: LintFinding[] = []
  const report = (section: string, message: string) =>
    findings.push(finding(section, `${other.uri}: ${message}`))
  const segments = new Map(first.playlist.segments.map((segment) => [segment.number, segment]))
  let shared = 0
  for (const segment of other.playlist.segments) {
    const same = segments.get(segment.number)
    if (same === undefined) continue
    shared += 1
    const [at, expected] = [segment, same].map(({ tags }) => {
      const text = tagValue(tags, 'EXT-X-PROGRAM-DATE-TIME')
      return text === undefined ? undefined : parseDateTime(text)
    })
    if (at !== expected) report('6.2.4', `segment ${segment.number} is of another time.`)
    const isLast = segment === other.playlist.segments.at(-1) || same === first.playlist.segments.at(-1)
    if (segmentSeconds(segment) !== segmentSeconds(same) && !isLast) {
      report('6.2.4', `segment ${segment.number} is of another duration.`)
    }
  }
  if (shared === 0) report('6.2.4', `it has no segment of ${first.uri}.`)
  const target = Number(tagValue(first.playlist.tags, 'EXT-X-TARGETDURATION'))
  for (const [name, seconds] of Object.entries(differences(first.playlist, other.playlist))) {
    if (seconds > target) report('6.2.4', `its ${name} is ${seconds} s from that of ${first.uri}.`)
  }
  return findings
}

/** Seconds of content at either end that only one of the two has. */
function differences(
  one: ParsedPlaylist,
  two: ParsedPlaylist,
): { readonly start: number; readonly end: number } {
  const numbers = [one, two].map(({ segments }) => segments.map((segment) => segment.number))
  const [a, b] = numbers as [number[], number[]]
  const only = [
    ...one.segments.filter((s) => !b.includes(s.number)),
    ...two.segments.filter((s) => !a.includes(s.number)),
  ]
  const middle = Math.max(a[0] ?? 0, b[0] ?? 0)
  const sum = (segments: typeof only) =>
    segments.reduce((seconds, segment) => seconds + segmentSeconds(segment), 0)
  return {
    start: sum(only.filter((segment) => segment.number < middle)),
    end: sum(only.filter((segment) => segment.number >= middle)),
  }
}

/** Section 4.4.3.8: PART-HOLD-BACK is at least three times the longest Part Target Duration of all renditions. */
function lintHoldBack(renditions: readonly Rendition[]): LintFinding[] {
  const attribute = ({ playlist }: Rendition, tag: string, name: string) =>
    Number(attributesOf(tagValue(playlist.tags, tag) ?? '').get(name))
  const longest = Math.max(
    0,
    ...renditions
      .map((one) => attribute(one, 'EXT-X-PART-INF', 'PART-TARGET'))
      .filter((s) => !Number.isNaN(s)),
  )
  return renditions
    .filter((one) => attribute(one, 'EXT-X-SERVER-CONTROL', 'PART-HOLD-BACK') < 3 * longest - 0.001)
    .map(({ uri }) =>
      finding('4.4.3.8', `PART-HOLD-BACK of ${uri} is under three of the longest part target.`),
    )
}

/** Appendix B.1: one report for each other rendition; and each is true. */
function lintReportsOf({ uri, playlist }: Rendition, renditions: readonly Rendition[]): LintFinding[] {
  if (tagValue(playlist.tags, 'EXT-X-PART-INF') === undefined) return []
  // What has ended is not reloaded, and needs none.
  if (tagValue(playlist.tags, 'EXT-X-ENDLIST') !== undefined) return []
  const reports = new Map(reportsOf(playlist).map((report) => [report.uri, report]))
  if (reports.has(uri)) return [finding('B.1', `${uri} reports on itself.`)]
  return renditions
    .filter((other) => other.uri !== uri)
    .flatMap((other) => {
      const report = reports.get(other.uri)
      if (report === undefined) return [finding('B.1', `${uri} has no report of ${other.uri}.`)]
      const end = endOf(other.playlist)
      const behind = partsBetween(other.playlist, report, end)
      // All are printed when they change themselves: another one may have gone on by a part since.
      if (behind === 0 || behind === 1) return []
      const said = `${report.lastMsn}.${report.lastPart}`
      const is = `${end.lastMsn}.${end.lastPart}`
      return [finding('4.4.5.4', `${uri} says that ${other.uri} ends with ${said}, and it ends with ${is}.`)]
    })
}

interface PartAddress {
  readonly lastMsn: number
  readonly lastPart: number
}

const partCount = (tags: ParsedPlaylist['open']): number =>
  tags.filter((tag) => tag.name === 'EXT-X-PART').length

/** The last Partial Segment. */
function endOf({ open, segments }: ParsedPlaylist): PartAddress {
  const last = segments.at(-1)
  const lastNumber = last?.number ?? -1
  if (partCount(open) > 0) return { lastMsn: lastNumber + 1, lastPart: partCount(open) - 1 }
  return { lastMsn: lastNumber, lastPart: partCount(last?.tags ?? []) - 1 }
}

/** How many Partial Segments later than `from` `to` is; NaN when `playlist` cannot tell. */
function partsBetween({ segments }: ParsedPlaylist, from: PartAddress, to: PartAddress): number {
  if (from.lastMsn === to.lastMsn) return to.lastPart - from.lastPart
  const before = segments.find(({ number }) => number === from.lastMsn)
  if (before === undefined || from.lastMsn !== to.lastMsn - 1) return Number.NaN
  return partCount(before.tags) - from.lastPart + to.lastPart
}

/** A segment as it was served. */
export interface ServedSegment {
  readonly seconds: number
  readonly bytes: number
}

/** How far a live average may be above what was promised, by Apple's authoring rules (HLS 9.12); a peak may not at all. */
const AVERAGE_TOLERANCE = 1.1

/** Checks the bit rates that `multivariantText` promises for `uri` against consecutive segments of about the target duration. */
export function lintBitRates(
  multivariantText: string,
  uri: string,
  segments: readonly ServedSegment[],
): LintFinding[] {
  const variant = parseMultivariant(multivariantText).variants.find((one) => one.uri === uri)
  if (variant === undefined) return [finding('4.4.6.2', `There is no variant ${uri}.`)]
  const of = (name: string) => Number(variant.attributes.get(name))
  const peakBps = Math.max(...segments.map(({ bytes, seconds }) => (8 * bytes) / seconds))
  const totalBytes = segments.reduce((sum, { bytes }) => sum + bytes, 0)
  const averageBps = (8 * totalBytes) / segments.reduce((sum, { seconds }) => sum + seconds, 0)
  const findings: LintFinding[] = []
  if (!(peakBps <= of('BANDWIDTH'))) {
    findings.push(
      finding('4.4.6.2', `${uri} has a segment of ${Math.round(peakBps)} bit/s, over its BANDWIDTH.`),
    )
  }
  if (!(averageBps <= of('AVERAGE-BANDWIDTH') * AVERAGE_TOLERANCE)) {
    findings.push(
      finding('4.4.6.2', `${uri} has ${Math.round(averageBps)} bit/s, over its AVERAGE-BANDWIDTH.`),
    )
  }
  return findings
}

function finding(section: string, message: string): LintFinding {
  return { section, line: 0, message }
}
