// Rendition Reports of one Media Playlist (RFC 8216bis, section 4.4.5.4): their form, and that they never go back. Whether
// they tell the truth, only the other renditions can tell: see `lint-renditions.ts`.

import type { LintFinding } from './lint-finding.ts'
import { attributesOf, type ParsedPlaylist, tagValue, unquoted } from './parse.ts'

/** One EXT-X-RENDITION-REPORT. */
export interface ParsedReport {
  readonly line: number
  readonly uri: string | undefined
  /** NaN when it is no number, or not there. */
  readonly lastMsn: number
  readonly lastPart: number
}

/** The reports of a playlist, in order. */
export function reportsOf({ tags }: ParsedPlaylist): readonly ParsedReport[] {
  return tags
    .filter((tag) => tag.name === 'EXT-X-RENDITION-REPORT')
    .map(({ line, value }) => {
      const attributes = attributesOf(value)
      return {
        line,
        uri: unquoted(attributes.get('URI')),
        lastMsn: decimal(attributes.get('LAST-MSN')),
        lastPart: decimal(attributes.get('LAST-PART')),
      }
    })
}

const decimal = (text: string | undefined): number =>
  /^\d{1,15}$/.test(text ?? '') ? Number(text) : Number.NaN

/** Checks the form of each. */
export function lintReports(playlist: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const uris = new Set<string>()
  const hasParts = tagValue(playlist.tags, 'EXT-X-PART-INF') !== undefined
  for (const { line, uri, lastMsn, lastPart } of reportsOf(playlist)) {
    const report = (section: string, message: string) => findings.push({ section, line, message })
    if (uri === undefined) report('4.4.5.4', 'A report without a quoted URI.')
    else if (/^([a-z][a-z0-9+.-]*:|\/)/i.test(uri)) {
      report('4.4.5.4', 'A report whose URI is not relative to the playlist.')
    }
    if (uris.has(uri ?? '')) report('ours', 'Two reports of one rendition.')
    uris.add(uri ?? '')
    // The draft lets a server leave out what equals its own; players differ in what they make of that.
    if (Number.isNaN(lastMsn)) report('4.4.5.4', 'LAST-MSN is no decimal integer.')
    if (hasParts && Number.isNaN(lastPart)) report('4.4.5.4', 'LAST-PART is no decimal integer.')
  }
  return findings
}

/** Checks that no rendition is said to have become shorter between two loads. */
export function lintReportsReload(before: ParsedPlaylist, after: ParsedPlaylist): LintFinding[] {
  const later = new Map(reportsOf(after).map((report) => [report.uri, report]))
  return reportsOf(before).flatMap(({ uri, lastMsn, lastPart }) => {
    const now = later.get(uri)
    if (now === undefined || now.lastMsn > lastMsn) return []
    if (now.lastMsn === lastMsn && !(now.lastPart < lastPart)) return []
    return [{ section: '4.4.5.4', line: now.line, message: `${uri} is said to end before where it ended.` }]
  })
}
