// A Multivariant Playlist as lines and variants (RFC 8216bis, section 4.4.6), without judging it.

import { attributesOf, type PlaylistTag, parseTag } from './parse.ts'

/** An EXT-X-STREAM-INF tag and the URI line behind it. */
export interface ParsedVariant {
  readonly tag: PlaylistTag
  readonly attributes: ReadonlyMap<string, string>
  /** Absent when something else stands in the next line. */
  readonly uri?: string
}

export interface ParsedMultivariant {
  /** All tags, those of variants included, in order. */
  readonly tags: readonly PlaylistTag[]
  readonly variants: readonly ParsedVariant[]
  /** Line numbers of URIs that no tag introduces. */
  readonly strayUris: readonly number[]
}

const STREAM_INF = 'EXT-X-STREAM-INF'

/** True for the text of a Multivariant Playlist. */
export const isMultivariant = (text: string): boolean => /^#EXT-X-STREAM-INF:/m.test(text)

/** Splits `text`; comments and blank lines are passed over. Never throws. */
export function parseMultivariant(text: string): ParsedMultivariant {
  const tags: PlaylistTag[] = []
  const variants: ParsedVariant[] = []
  const strayUris: number[] = []
  let introducing: PlaylistTag | undefined
  const introduce = (uri?: string) => {
    if (introducing === undefined) return
    const attributes = attributesOf(introducing.value)
    variants.push({ tag: introducing, attributes, ...(uri === undefined ? {} : { uri }) })
    introducing = undefined
  }
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.startsWith('#EXT')) {
      introduce()
      const tag = parseTag(line, i + 1)
      tags.push(tag)
      if (tag.name === STREAM_INF) introducing = tag
    } else if (line !== '' && !line.startsWith('#')) {
      if (introducing === undefined) strayUris.push(i + 1)
      else introduce(line)
    }
  }
  introduce()
  return { tags, variants, strayUris }
}

/** URIs of the Media Playlists, in order. */
export const variantUris = (text: string): readonly string[] =>
  parseMultivariant(text).variants.flatMap(({ uri }) => (uri === undefined ? [] : [uri]))
