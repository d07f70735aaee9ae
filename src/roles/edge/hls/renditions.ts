// The renditions of a program: which ones a space has, what their playlists are called, and what is behind each address
// under /live/:space/. Opus has the addresses without a folder, as when it was the only one.

import type { TrackHeader } from '../../../core/part/part.ts'
import { RENDITIONS, type RenditionTrack } from '../../../core/part/tracks.ts'
import { writeMultivariant } from '../../../media/hls/multivariant.ts'
import { parsePartialFile, parseSegmentFile } from './segment-names.ts'

/** In the order in which players should prefer them: a list's first is what who cannot choose plays. */
export const RENDITION_ORDER: readonly RenditionTrack[] = ['opus.mp4', 'aac.mp4', 'low.mp4']

/** `opus`, `aac` or `low`. */
const nameOf = (track: RenditionTrack): string => track.slice(0, track.indexOf('.'))

/** Name of the Media Playlist, such as `aac.m3u8`. */
export const playlistUri = (track: RenditionTrack): string => `${nameOf(track)}.m3u8`

/** Those that a log with these tracks has, the most desirable first. */
export function renditionsIn(tracks: readonly TrackHeader[]): readonly RenditionTrack[] {
  return RENDITION_ORDER.filter((track) => tracks.some((header) => header.id === track))
}

/** What a session is given that begins now. */
export interface SessionTerms {
  /** Whether its playlists list Partial Segments. */
  readonly listsParts: boolean
  /** Whether it shall do with few bits: Opus at full rate is not offered then. */
  readonly isLow: boolean
  /** Whether AAC is to be had. */
  readonly hasAac: boolean
}

/** The mark of a session without Partial Segments in the URLs of its playlists, so that caches keep them apart. */
export const PLAIN_QUERY = 'parts=0'

/** The Multivariant Playlist; undefined for a log without a track that HLS knows. */
export function multivariantText(tracks: readonly TrackHeader[], terms: SessionTerms): string | undefined {
  const all = renditionsIn(tracks).filter((track) => track !== 'aac.mp4' || terms.hasAac)
  const isLow = terms.isLow && all.includes('low.mp4')
  const offered = isLow ? all.toReversed().filter((track) => track !== 'opus.mp4') : all
  if (offered.length === 0) return undefined
  const query = terms.listsParts ? '' : `?${PLAIN_QUERY}`
  return writeMultivariant(
    offered.map((track) => ({ ...RENDITIONS[track], uri: `${playlistUri(track)}${query}` })),
  )
}

/** What an address under /live/:space/ names. */
export type HlsObject =
  | { readonly kind: 'multivariant' }
  | { readonly kind: 'playlist' | 'init'; readonly track: RenditionTrack }
  | { readonly kind: 'segment'; readonly track: RenditionTrack; readonly number: number }
  | { readonly kind: 'partial'; readonly track: RenditionTrack; readonly ordinal: number }

/**
 * Reads the path behind the space's id. undefined for what is no address of HLS; throws `bad-request` for a segment or
 * part whose name is none.
 */
export function parseHlsPath(path: readonly string[]): HlsObject | undefined {
  if (path.length === 1 && path[0] === 'index.m3u8') return { kind: 'multivariant' }
  const playing = RENDITION_ORDER.find((track) => path.length === 1 && path[0] === playlistUri(track))
  if (playing !== undefined) return { kind: 'playlist', track: playing }
  const track = RENDITION_ORDER.find((one) => one !== 'opus.mp4' && path[0] === nameOf(one))
  return parseMediaPath(track ?? 'opus.mp4', track === undefined ? path : path.slice(1))
}

function parseMediaPath(
  track: RenditionTrack,
  [folder, file, more]: readonly string[],
): HlsObject | undefined {
  if (folder === 'init.mp4' && file === undefined) return { kind: 'init', track }
  if (file === undefined || more !== undefined) return undefined
  if (folder === 'seg') return { kind: 'segment', track, number: parseSegmentFile(file) }
  if (folder === 'part') return { kind: 'partial', track, ordinal: parsePartialFile(file) }
  return undefined
}
