// What RFC 8216bis demands of a playlist for low latency: ListedPartial Segments, hints, server control, and the form of a
// delta update. Whether a delta update is right, only the playlist before it can tell: see `lint-reload.ts`.

import type { LintFinding } from './lint-finding.ts'
import { attributesOf, type ParsedPlaylist, type PlaylistTag, segmentSeconds, tagValue } from './parse.ts'

/** Seconds are printed to the millisecond, and sums of them rounded. */
const TOLERANCE_S = 0.001

/** Checks the low-latency tags of one playlist by itself. */
export function lintLowLatency(playlist: ParsedPlaylist): LintFinding[] {
  return [
    ...lintServerControl(playlist),
    ...lintPartials(playlist),
    ...lintPartialPlaces(playlist),
    ...lintHints(playlist),
    ...lintSkip(playlist),
  ]
}

function lintServerControl({ tags }: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const control = tags.find((tag) => tag.name === 'EXT-X-SERVER-CONTROL')
  const attributes = attributesOf(control?.value ?? '')
  const report = (message: string) => findings.push(finding('4.4.3.8', control?.line ?? 0, message))
  const target = Number(tagValue(tags, 'EXT-X-TARGETDURATION'))
  const partTarget = partTargetOf(tags)
  const atLeast = (name: string, least: number) => {
    const value = attributes.get(name)
    if (value === undefined) return
    if (!DECIMAL.test(value)) report(`${name} is no decimal number.`)
    else if (Number(value) < least - TOLERANCE_S) report(`${name} is ${value}, and ${least} is the least.`)
  }
  atLeast('CAN-SKIP-UNTIL', 6 * target)
  atLeast('HOLD-BACK', 3 * target)
  // Twice is a must, three times a should: we hold ourselves to it.
  if (partTarget !== undefined) atLeast('PART-HOLD-BACK', 3 * partTarget)
  for (const name of ['CAN-BLOCK-RELOAD', 'CAN-SKIP-DATERANGES']) {
    if ((attributes.get(name) ?? 'YES') !== 'YES') report(`${name} is something else than YES.`)
  }
  if (attributes.has('CAN-SKIP-DATERANGES') && !attributes.has('CAN-SKIP-UNTIL')) {
    report('CAN-SKIP-DATERANGES without CAN-SKIP-UNTIL.')
  }
  const hasPartInf = tagValue(tags, 'EXT-X-PART-INF') !== undefined
  if (hasPartInf && !attributes.has('PART-HOLD-BACK')) report('EXT-X-PART-INF without a PART-HOLD-BACK.')
  if (hasPartInf && partTarget === undefined) {
    findings.push(finding('4.4.3.7', 0, 'EXT-X-PART-INF has no PART-TARGET.'))
  }
  return findings
}

/** Section 4.2: decimal-floating-point. */
const DECIMAL = /^\d+(\.\d+)?$/

function partTargetOf(tags: readonly PlaylistTag[]): number | undefined {
  const text = attributesOf(tagValue(tags, 'EXT-X-PART-INF') ?? '').get('PART-TARGET')
  return text !== undefined && DECIMAL.test(text) && Number(text) > 0 ? Number(text) : undefined
}

interface ListedPartial {
  readonly tag: PlaylistTag
  readonly seconds: number
  readonly uri: string | undefined
  readonly isGap: boolean
  readonly isIndependent: boolean
}

function partialOf(tag: PlaylistTag): ListedPartial {
  const attributes = attributesOf(tag.value)
  const duration = attributes.get('DURATION') ?? ''
  return {
    tag,
    seconds: DECIMAL.test(duration) ? Number(duration) : Number.NaN,
    uri: /^"(.+)"$/.exec(attributes.get('URI') ?? '')?.[1],
    isGap: attributes.get('GAP') === 'YES',
    isIndependent: attributes.get('INDEPENDENT') === 'YES',
  }
}

const partialsOf = (tags: readonly PlaylistTag[]): ListedPartial[] =>
  tags.filter((tag) => tag.name === 'EXT-X-PART').map(partialOf)

/** Partial Segments by their Parent Segment; of the open one, the last Partial Segment is not known to be the final. */
function parentsOf({ segments, open }: ParsedPlaylist) {
  const parents = segments.map(({ tags }) => ({ tags, partials: partialsOf(tags), isOpen: false }))
  return [...parents, { tags: open, partials: partialsOf(open), isOpen: true }]
}

function lintPartials(playlist: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const target = partTargetOf(playlist.tags)
  const uris = new Set<string>()
  for (const { tags, partials, isOpen } of parentsOf(playlist)) {
    for (const [i, partial] of partials.entries()) {
      const { line } = partial.tag
      const next = partials[i + 1]
      const mayBeShort =
        partial.isIndependent || partial.isGap || next?.isGap || (next === undefined && !isOpen)
      if (target === undefined) findings.push(finding('4.4.3.7', line, 'A part without EXT-X-PART-INF.'))
      findings.push(...lintPartial(partial, target, mayBeShort))
      if (partial.uri !== undefined && uris.has(partial.uri)) {
        findings.push(finding('ours', line, 'Two parts have one URI.'))
      }
      uris.add(partial.uri ?? '')
    }
    const firstLine = partials[0]?.tag.line ?? Number.POSITIVE_INFINITY
    const late = tags.find((tag) => BEFORE_PARTIALS.has(tag.name) && tag.line > firstLine)
    if (late !== undefined) {
      findings.push(finding('4.4.4.9', late.line, `#${late.name} comes after the first part it applies to.`))
    }
  }
  return findings
}

const BEFORE_PARTIALS = new Set(['EXT-X-DISCONTINUITY', 'EXT-X-KEY', 'EXT-X-MAP', 'EXT-X-PROGRAM-DATE-TIME'])

function lintPartial(partial: ListedPartial, target: number | undefined, mayBeShort: boolean): LintFinding[] {
  const findings: LintFinding[] = []
  const report = (message: string) => findings.push(finding('4.4.4.9', partial.tag.line, message))
  const attributes = attributesOf(partial.tag.value)
  if (partial.uri === undefined) report('A part without a quoted URI.')
  if (!(partial.seconds > 0)) report('A part without a duration.')
  for (const name of ['GAP', 'INDEPENDENT']) {
    if ((attributes.get(name) ?? 'YES') !== 'YES') report(`${name} is something else than YES.`)
  }
  if (target === undefined) return findings
  if (partial.seconds > target + TOLERANCE_S)
    report(`A part of ${partial.seconds} s is over the part target.`)
  if (partial.seconds < 0.85 * target - TOLERANCE_S && !mayBeShort) {
    report(`A part of ${partial.seconds} s is under 85 % of the part target.`)
  }
  return findings
}

/** Parts fill the segment that lists them, and are not listed far from the end. */
function lintPartialPlaces(playlist: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const listedS = 3 * Number(tagValue(playlist.tags, 'EXT-X-TARGETDURATION'))
  let fromEndS = secondsOf(partialsOf(playlist.open))
  for (const segment of [...playlist.segments].reverse()) {
    fromEndS += segmentSeconds(segment)
    const partials = partialsOf(segment.tags)
    const first = partials[0]
    if (first === undefined) continue
    if (fromEndS > listedS + TOLERANCE_S) {
      findings.push(finding('6.2.2', first.tag.line, `A part is listed ${fromEndS} s from the end.`))
    }
    if (Math.abs(secondsOf(partials) - segmentSeconds(segment)) > TOLERANCE_S) {
      findings.push(finding('ours', first.tag.line, 'The parts of a segment are not as long as it is.'))
    }
  }
  return findings
}

const secondsOf = (partials: readonly ListedPartial[]): number =>
  partials.reduce((sum, partial) => sum + partial.seconds, 0)

function lintHints({ tags, segments, open }: ParsedPlaylist): LintFinding[] {
  const findings: LintFinding[] = []
  const types = new Set<string>()
  const listed = new Set(
    [...segments.flatMap((segment) => segment.tags), ...open].map((tag) => partialOf(tag).uri),
  )
  for (const tag of tags.filter(({ name }) => name === 'EXT-X-PRELOAD-HINT')) {
    const attributes = attributesOf(tag.value)
    const type = attributes.get('TYPE') ?? ''
    const uri = /^"(.+)"$/.exec(attributes.get('URI') ?? '')?.[1]
    if (type !== 'PART' && type !== 'MAP') findings.push(finding('4.4.5.3', tag.line, 'A hint of no type.'))
    if (uri === undefined) findings.push(finding('4.4.5.3', tag.line, 'A hint without a quoted URI.'))
    else if (listed.has(uri)) findings.push(finding('ours', tag.line, 'A hint at what is already listed.'))
    if (types.has(type)) findings.push(finding('6.2.6', tag.line, 'Two hints of one type.'))
    types.add(type)
    if (tagValue(tags, 'EXT-X-ENDLIST') !== undefined) {
      findings.push(finding('4.4.5.3', tag.line, 'A hint in a playlist that has ended.'))
    }
  }
  return findings
}

function lintSkip({ tags, segments }: ParsedPlaylist): LintFinding[] {
  const skip = tags.find((tag) => tag.name === 'EXT-X-SKIP')
  if (skip === undefined) return []
  const findings: LintFinding[] = []
  const control = attributesOf(tagValue(tags, 'EXT-X-SERVER-CONTROL') ?? '')
  const boundaryS = Number(control.get('CAN-SKIP-UNTIL'))
  const keptS = segments.reduce((sum, segment) => sum + segmentSeconds(segment), 0)
  if (!/^[1-9]\d*$/.test(attributesOf(skip.value).get('SKIPPED-SEGMENTS') ?? '')) {
    findings.push(finding('4.4.5.2', skip.line, 'EXT-X-SKIP without a number of skipped segments.'))
  }
  if (skip.line > (segments[0]?.tags[0]?.line ?? Number.POSITIVE_INFINITY)) {
    findings.push(finding('4.4.5.2', skip.line, 'EXT-X-SKIP comes after a segment that is kept.'))
  }
  if (Number.isNaN(boundaryS)) {
    findings.push(finding('6.2.5.1', skip.line, 'A delta update of a playlist that cannot skip.'))
  } else if (keptS < boundaryS - TOLERANCE_S) {
    findings.push(
      finding('6.2.5.1', skip.line, `Only ${keptS} s are kept, and the boundary is ${boundaryS} s.`),
    )
  }
  if (tagValue(tags, 'EXT-X-ENDLIST') !== undefined) {
    findings.push(finding('6.2.5.1', skip.line, 'A delta update of a playlist that has ended.'))
  }
  return findings
}

function finding(section: string, line: number, message: string): LintFinding {
  return { section, line, message }
}
