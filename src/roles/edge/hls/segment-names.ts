// Addresses of what playlists name. `v` tells which log (its grid start) and which writer (the epoch of the newest
// part in the segment) the bytes come from: a space that is made anew under an old id, or a log that lost its
// unsynced tail in a power cut, never meets a cache that remembers the bytes of before.

import { MimbarError } from '../../../base/errors.ts'
import { SEGMENT_MS, type WallMillis } from '../../../base/units.ts'
import { PARTIALS_PER_SEGMENT, partialOrdinal } from '../../../core/delivery/partials.ts'
import type { RenditionTrack } from '../../../core/part/tracks.ts'
import { CACHE } from '../answers.ts'

export const gridVersion = (gridStartMs: WallMillis): string => (gridStartMs / SEGMENT_MS).toString(36)

/** Where a rendition's media is, relative to its playlist: Opus has no folder of its own. */
const folderOf = (track: RenditionTrack): string =>
  track === 'opus.mp4' ? '' : `${track.slice(0, track.indexOf('.'))}/`

export const initUri = (gridStartMs: WallMillis, track: RenditionTrack): string =>
  `${folderOf(track)}init.mp4?v=${gridVersion(gridStartMs)}`

/** `epoch` is 0 for a segment without parts. */
export const segmentVersion = (gridStartMs: WallMillis, epoch: number): string =>
  `${gridVersion(gridStartMs)}.${epoch}`

export const segmentUri = (number: number, version: string, track: RenditionTrack): string =>
  `${folderOf(track)}seg/${number}.m4s?v=${version}`

/** Address of a Partial Segment, by its ordinal. */
export function partialUri(ordinal: number, version: string, track: RenditionTrack): string {
  const segment = Math.floor(ordinal / PARTIALS_PER_SEGMENT)
  return `${folderOf(track)}part/${segment}.${ordinal % PARTIALS_PER_SEGMENT}.m4s?v=${version}`
}

const PARTIAL_FILE = /^(0|[1-9][0-9]{0,11})\.([0-9])\.m4s$/

/** The ordinal in `<segment>.<index>.m4s`. Throws `bad-request` on anything else. */
export function parsePartialFile(file: string): number {
  const match = PARTIAL_FILE.exec(file)
  const index = Number(match?.[2])
  if (match === null || index >= PARTIALS_PER_SEGMENT) {
    throw new MimbarError('bad-request', 'A part is named by its segment and index, such as part/1840.3.m4s.')
  }
  return partialOrdinal(Number(match[1]), index)
}

const SEGMENT_FILE = /^(0|[1-9][0-9]{0,11})\.m4s$/

/** The number in `<n>.m4s`. Throws `bad-request` on anything else. */
export function parseSegmentFile(file: string): number {
  const match = SEGMENT_FILE.exec(file)
  if (match === null) {
    throw new MimbarError('bad-request', 'A segment is named by its number, such as seg/1840.m4s.')
  }
  return Number(match[1])
}

/** How long an object may be kept, by whether its URL told the version. Throws `not-found` for another's version. */
export function cacheControlFor(asked: string | null, version: string): string {
  if (asked === null) return CACHE.unversioned
  if (asked !== version) throw new MimbarError('not-found', 'This address belongs to an earlier broadcast.')
  return CACHE.media
}
