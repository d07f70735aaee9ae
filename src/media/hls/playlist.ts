// Media Playlists (RFC 8216bis, section 4): the live window, and the whole program. A segment's number, times and
// address follow from the log alone, so every edge prints the same list, and prints it again after a restart.

import { assert } from '../../base/assert.ts'
import { SAMPLE_RATE_HZ, type Samples, SEGMENT_MS, type WallMillis } from '../../base/units.ts'
import { formatDateTime } from './date-time.ts'

export const HLS_CONTENT_TYPE = 'application/vnd.apple.mpegurl'

/** One Media Segment. */
export interface PlaylistSegment {
  /** Media Sequence Number. */
  readonly number: number
  readonly uri: string
  readonly start: WallMillis
  /** Of the timeline that it covers, parts that are missing in it included. */
  readonly duration: Samples
  /** True when there is nothing behind the URI: all of its parts are missing. */
  readonly isGap: boolean
}

export interface MediaPlaylist {
  /** `window`: the newest segments. `event`: all of them, and more to come. `vod`: all of them. */
  readonly kind: 'window' | 'event' | 'vod'
  /** No segment will be added. Always true of `vod`. */
  readonly isEnded: boolean
  /** URI of the init segment. */
  readonly mapUri: string
  /** With consecutive numbers, each starting where the one before it ends; only the first and last may be short. */
  readonly segments: readonly PlaylistSegment[]
}

/** Seconds, rounded up: no segment is longer (section 4.4.3.1). */
export const TARGET_DURATION_S = SEGMENT_MS / 1000
/** Section 6.2.2: a live playlist never becomes shorter than three target durations by removing segments. */
export const WINDOW_SEGMENTS_MIN = 3

/** Prints the playlist. Throws when segments do not join exactly: a timeline with a seam would drift in players. */
export function writePlaylist(playlist: MediaPlaylist): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6', // section 8: the lowest that allows EXT-X-MAP
    `#EXT-X-TARGETDURATION:${TARGET_DURATION_S}`,
    `#EXT-X-MEDIA-SEQUENCE:${playlist.segments[0]?.number ?? 0}`,
    ...(playlist.kind === 'window' ? [] : [`#EXT-X-PLAYLIST-TYPE:${playlist.kind.toUpperCase()}`]),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${playlist.mapUri}"`,
  ]
  let before: PlaylistSegment | undefined
  for (const segment of playlist.segments) {
    assertJoins(before, segment)
    // In every segment: one that is already listed must not gain a tag when it becomes the window's first.
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${formatDateTime(segment.start)}`)
    if (segment.isGap) lines.push('#EXT-X-GAP')
    lines.push(`#EXTINF:${formatSeconds(segment.duration)},`, segment.uri)
    before = segment
  }
  if (playlist.isEnded || playlist.kind === 'vod') lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}

function assertJoins(before: PlaylistSegment | undefined, segment: PlaylistSegment): void {
  assert(milliseconds(segment.duration) <= SEGMENT_MS, 'a segment is at most two seconds long')
  if (before === undefined) return
  assert(segment.number === before.number + 1, 'segments are numbered without a hole')
  assert(
    segment.start === before.start + milliseconds(before.duration),
    'a segment starts where the one before ends',
  )
}

/** Exact: program time is cut in whole milliseconds. */
function formatSeconds(duration: Samples): string {
  const ms = milliseconds(duration)
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`
}

function milliseconds(duration: Samples): number {
  const ms = (duration * 1000) / SAMPLE_RATE_HZ
  assert(Number.isInteger(ms) && ms > 0, 'a segment lasts whole milliseconds')
  return ms
}
