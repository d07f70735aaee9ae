// What RFC 8216bis demands of a Multivariant Playlist of audio, checked on the text that players get. Whether the Media
// Playlists that it names fit together is `lint-renditions.ts`.

import type { LintFinding } from './lint-finding.ts'
import { lintText } from './lint-text.ts'
import { type PlaylistTag, unquoted } from './parse.ts'
import { type ParsedMultivariant, type ParsedVariant, parseMultivariant } from './parse-multivariant.ts'

/** Checks one Multivariant Playlist by itself; an empty answer is a good one. */
export function lintMultivariant(text: string): LintFinding[] {
  const playlist = parseMultivariant(text)
  return [...lintText(text), ...lintTags(playlist), ...lintVariants(playlist), ...lintScores(playlist)]
}

/** Tags of which there is at most one (sections 4.4.1, 4.4.2 and 4.4.6). */
const ONCE: Readonly<Record<string, string>> = {
  EXTM3U: '4.4.1.1',
  'EXT-X-VERSION': '4.4.1.2',
  'EXT-X-INDEPENDENT-SEGMENTS': '4.4.2.1',
  'EXT-X-START': '4.4.2.2',
  'EXT-X-CONTENT-STEERING': '4.4.6.6',
}

/** Tags of Media Playlists and their segments (sections 4.4.3 to 4.4.5). */
const OF_MEDIA_PLAYLISTS =
  /^(EXTINF|EXT-X-(TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|ENDLIST|PLAYLIST-TYPE|I-FRAMES-ONLY|PART-INF|SERVER-CONTROL|BYTERANGE|DISCONTINUITY|KEY|MAP|PROGRAM-DATE-TIME|GAP|BITRATE|PART|DATERANGE|SKIP|PRELOAD-HINT|RENDITION-REPORT))$/

function lintTags({ tags, strayUris }: ParsedMultivariant): LintFinding[] {
  const findings: LintFinding[] = []
  const seen = new Set<string>()
  for (const tag of tags) {
    const section = ONCE[tag.name]
    if (section !== undefined && seen.has(tag.name)) {
      findings.push(finding(section, tag.line, `#${tag.name} is there twice.`))
    }
    seen.add(tag.name)
    if (OF_MEDIA_PLAYLISTS.test(tag.name)) {
      findings.push(finding('4.1', tag.line, `#${tag.name} belongs into a Media Playlist.`))
    }
    if (tag.name === 'EXT-X-VERSION' && !/^[1-9]\d?$/.test(tag.value)) {
      findings.push(finding('4.4.1.2', tag.line, 'The version is no number.'))
    }
  }
  if (!seen.has('EXT-X-INDEPENDENT-SEGMENTS')) {
    findings.push(finding('ours', 0, 'Players are not told that segments are independent.'))
  }
  const stray = strayUris.map((line) =>
    finding('4.4.6.2', line, 'A URI that no EXT-X-STREAM-INF introduces.'),
  )
  return [...findings, ...stray]
}

function lintVariants({ tags, variants }: ParsedMultivariant): LintFinding[] {
  if (variants.length === 0) return [finding('ours', 0, 'There is nothing to play.')]
  const uris = new Set<string>()
  const audioGroups = new Set(
    tags.filter(isAudioGroup).map((tag) => /GROUP-ID=("[^"]*")/.exec(tag.value)?.[1]),
  )
  return variants.flatMap((variant) => {
    const { uri, tag, attributes } = variant
    const findings = lintVariant(variant)
    if (uri === undefined) findings.push(finding('4.4.6.2', tag.line, 'No URI follows EXT-X-STREAM-INF.'))
    else if (uris.has(uri)) findings.push(finding('ours', tag.line, 'Two variants have one URI.'))
    uris.add(uri ?? '')
    const audio = attributes.get('AUDIO')
    if (audio !== undefined && !audioGroups.has(audio)) {
      findings.push(finding('4.4.6.2', tag.line, `No EXT-X-MEDIA is of the group ${audio}.`))
    }
    return findings
  })
}

const isAudioGroup = (tag: PlaylistTag): boolean =>
  tag.name === 'EXT-X-MEDIA' && tag.value.includes('TYPE=AUDIO')

function lintVariant({ tag, attributes }: ParsedVariant): LintFinding[] {
  const findings: LintFinding[] = []
  const report = (section: string, message: string) => findings.push(finding(section, tag.line, message))
  const names = [...tag.value.replaceAll(/"[^"]*"/g, '').matchAll(/([A-Z0-9-]+)=/g)].map(([, name]) => name)
  if (new Set(names).size < names.length) report('4.2', 'An attribute is there twice.')
  const peak = attributes.get('BANDWIDTH')
  const average = attributes.get('AVERAGE-BANDWIDTH')
  if (!isPositiveInteger(peak)) report('4.4.6.2', 'BANDWIDTH is no number of bits per second.')
  // Optional in the draft; Apple's authoring rules demand it, and CODECS as well.
  if (!isPositiveInteger(average)) report('ours', 'AVERAGE-BANDWIDTH is no number of bits per second.')
  if (Number(average) > Number(peak)) report('4.4.6.2', 'The average is above the peak.')
  const codecs = unquoted(attributes.get('CODECS'))
  if (codecs === undefined || !/^[^\s,]+(,[^\s,]+)*$/.test(codecs)) report('ours', 'CODECS names no codec.')
  else if (/(^|,)opus(,|$)/.test(codecs)) {
    report('4.4.6.2', 'The registered name is Opus, with a capital (RFC 6381, section 3.3).')
  }
  return findings
}

const isPositiveInteger = (text: string | undefined): boolean => /^[1-9]\d{0,19}$/.test(text ?? '')

function lintScores({ variants }: ParsedMultivariant): LintFinding[] {
  const scores = variants.map(({ tag, attributes }) => ({ line: tag.line, score: attributes.get('SCORE') }))
  if (scores.every(({ score }) => score === undefined)) return []
  return scores.flatMap(({ line, score }) => {
    if (score === undefined) return [finding('4.4.6.2', line, 'SCORE is there for some variants only.')]
    const isPositive = /^\d+(\.\d+)?$/.test(score) && Number(score) > 0
    return isPositive ? [] : [finding('4.4.6.2', line, 'SCORE is no positive decimal number.')]
  })
}

function finding(section: string, line: number, message: string): LintFinding {
  return { section, line, message }
}
