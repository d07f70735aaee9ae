// A Media Playlist as lines, tags and segments (RFC 8216bis, section 4.1), without judging it: that is the linter's.

/** One `#EXT…` line: `#EXTINF:2.000,` has the name `EXTINF` and the value `2.000,`. */
export interface PlaylistTag {
  readonly name: string
  readonly value: string
  /** From 1. */
  readonly line: number
}

/** A URI line and the Media Segment tags in front of it. */
export interface ParsedSegment {
  /** Media Sequence Number. */
  readonly number: number
  readonly uri: string
  readonly line: number
  readonly tags: readonly PlaylistTag[]
}

export interface ParsedPlaylist {
  /** Tags that belong to the playlist, wherever they stand, in order. */
  readonly tags: readonly PlaylistTag[]
  readonly segments: readonly ParsedSegment[]
  /** Tags of a segment that is not complete yet: some of its Partial Segments, and what applies to them. */
  readonly open: readonly PlaylistTag[]
  /** Segment tags behind which no URI came. */
  readonly dangling: readonly PlaylistTag[]
  /** Segments that a delta update leaves out (section 4.4.5.2). */
  readonly skipped: number
}

/** Tags that may stand before the Partial Segments of a segment that is not complete (section 4.4.4.9). */
const OPEN_TAGS = new Set([
  'EXT-X-DISCONTINUITY',
  'EXT-X-KEY',
  'EXT-X-MAP',
  'EXT-X-PROGRAM-DATE-TIME',
  'EXT-X-PART',
])

/** Tags that apply to the next segment (section 4.4.4). */
const SEGMENT_TAGS = new Set([
  'EXTINF',
  'EXT-X-BYTERANGE',
  'EXT-X-DISCONTINUITY',
  'EXT-X-KEY',
  'EXT-X-MAP',
  'EXT-X-PROGRAM-DATE-TIME',
  'EXT-X-GAP',
  'EXT-X-BITRATE',
  'EXT-X-PART',
])

/** Splits `text`; comments and blank lines are passed over. Never throws. */
export function parsePlaylist(text: string): ParsedPlaylist {
  const tags: PlaylistTag[] = []
  const segments: ParsedSegment[] = []
  let waiting: PlaylistTag[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.startsWith('#EXT')) {
      const tag = parseTag(line, i + 1)
      if (SEGMENT_TAGS.has(tag.name)) waiting.push(tag)
      else tags.push(tag)
    } else if (line !== '' && !line.startsWith('#')) {
      segments.push({ number: segments.length, uri: line, line: i + 1, tags: waiting })
      waiting = []
    }
  }
  const skip = attributesOf(tagValue(tags, 'EXT-X-SKIP') ?? '').get('SKIPPED-SEGMENTS')
  const skipped = skip !== undefined && /^\d{1,15}$/.test(skip) ? Number(skip) : 0
  const first = Number(tagValue(tags, 'EXT-X-MEDIA-SEQUENCE') ?? 0) + skipped
  const numbered = segments.map((segment) => ({ ...segment, number: first + segment.number }))
  const isOpen = waiting.some((tag) => tag.name === 'EXT-X-PART')
  const open = isOpen ? waiting.filter((tag) => OPEN_TAGS.has(tag.name)) : []
  const dangling = isOpen ? waiting.filter((tag) => !OPEN_TAGS.has(tag.name)) : waiting
  return { tags, segments: numbered, open, dangling, skipped }
}

const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)/y

/**
 * An attribute list (section 4.2) as names and values, quotes included; ends at the first thing that is none. Of a
 * name that is there twice, the first counts.
 */
export function attributesOf(value: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  ATTRIBUTE.lastIndex = 0
  for (let match = ATTRIBUTE.exec(value); match !== null; match = ATTRIBUTE.exec(value)) {
    const [, name, text] = match as unknown as [string, string, string]
    if (!attributes.has(name)) attributes.set(name, text)
  }
  return attributes
}

/** The line that `tag` was read from. */
export const tagLine = (tag: PlaylistTag): string =>
  tag.value === '' ? `#${tag.name}` : `#${tag.name}:${tag.value}`

/** Reads a line that starts with `#EXT`; `number` is its own. */
export function parseTag(line: string, number: number): PlaylistTag {
  const colon = line.indexOf(':')
  return colon < 0
    ? { name: line.slice(1), value: '', line: number }
    : { name: line.slice(1, colon), value: line.slice(colon + 1), line: number }
}

/** What stands between the quotes of a quoted-string (section 4.2); undefined when it is none, or empty. */
export function unquoted(value: string | undefined): string | undefined {
  return /^"([^"\r\n]+)"$/.exec(value ?? '')?.[1]
}

/** Value of the first tag of that name. */
export function tagValue(tags: readonly PlaylistTag[], name: string): string | undefined {
  return tags.find((tag) => tag.name === name)?.value
}

/** Seconds of the segment's EXTINF; NaN without a readable one. */
export function segmentSeconds(segment: ParsedSegment): number {
  return Number.parseFloat(tagValue(segment.tags, 'EXTINF') ?? '')
}
