// A delta update (RFC 8216bis, section 6.2.5.1) put back together with the playlist that a player has: what it must
// come to is the playlist that the server would have sent whole.

import { type ParsedSegment, parsePlaylist, tagLine, tagValue } from './parse.ts'

/**
 * The whole playlist that `deltaText` stands for, in the words of the server; `deltaText` itself when it skips
 * nothing. undefined when `beforeText` lacks a segment that it skips: then a player loads the whole (section 6.3.7).
 */
export function expandDelta(beforeText: string, deltaText: string): string | undefined {
  const delta = parsePlaylist(deltaText)
  if (delta.skipped === 0) return deltaText
  const before = parsePlaylist(beforeText)
  const first = Number(tagValue(delta.tags, 'EXT-X-MEDIA-SEQUENCE') ?? 0)
  const known = new Map(before.segments.map((segment) => [segment.number, segment]))
  const skipped: ParsedSegment[] = []
  for (let number = first; number < first + delta.skipped; number++) {
    const segment = known.get(number)
    if (segment === undefined) return undefined
    skipped.push(segment)
  }
  // Applies to all segments, whichever of them it stands before.
  const map = before.segments[0]?.tags.find((tag) => tag.name === 'EXT-X-MAP')
  const lines = [
    ...(map === undefined ? [] : [tagLine(map)]),
    ...skipped.flatMap(({ tags, uri }) => [...tags.filter(isKept).map(tagLine), uri]),
  ]
  // A delta update has a higher version only for the tag that goes.
  const version = tagValue(before.tags, 'EXT-X-VERSION')
  return deltaText
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('#EXT-X-SKIP:')) return lines
      return line.startsWith('#EXT-X-VERSION:') && version !== undefined
        ? [`#EXT-X-VERSION:${version}`]
        : [line]
    })
    .join('\n')
}

/** Partial Segments so far from the end are not listed any more; the map has been placed before. */
const isKept = ({ name }: { readonly name: string }): boolean => name !== 'EXT-X-PART' && name !== 'EXT-X-MAP'
