// Media Playlists (RFC 8216bis, section 4): the live window, and the whole program. A segment's number, times and
// address follow from the log alone, so every edge prints the same list, and prints it again after a restart.

import { assert } from '../../base/assert.ts'
import { type Millis, SAMPLE_RATE_HZ, type Samples, SEGMENT_MS, type WallMillis } from '../../base/units.ts'
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
  /** All of its Partial Segments; absent where they are not listed (any more). */
  readonly partials?: readonly PlaylistPartial[]
}

/** One Partial Segment (section 4.4.4.9). Audio needs no key frames: each one is independent. */
export interface PlaylistPartial {
  readonly uri: string
  readonly duration: Samples
  /** True when there is nothing behind the URI. */
  readonly isGap: boolean
}

/** What low-latency players are told beyond the segments. */
export interface LowLatency {
  readonly partTarget: Millis
  /** The segment after the last one, as far as it is there: at least one Partial Segment. */
  readonly open?: { readonly start: WallMillis; readonly partials: readonly PlaylistPartial[] }
  /** URI of the Partial Segment that comes next (section 4.4.5.3). */
  readonly hintUri?: string
  /** Leave out the first so many segments, which the player has seen (section 6.2.5.1); 0 for none. */
  readonly skipped: number
  /** Where the other renditions end now; none once the program has ended. */
  readonly reports: readonly RenditionReport[]
}

/** How far another Media Playlist is (section 4.4.5.4): a player that changes to it asks for what comes next at once. */
export interface RenditionReport {
  /** Relative to this playlist. */
  readonly uri: string
  /** Media Sequence Number and Part Index of its last Partial Segment. */
  readonly lastMsn: number
  readonly lastPart: number
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
  /** Present when Partial Segments are listed. */
  readonly lowLatency?: LowLatency
}

/** Seconds, rounded up: no segment is longer (section 4.4.3.1). */
export const TARGET_DURATION_S = SEGMENT_MS / 1000
/** Section 6.2.2: a live playlist never becomes shorter than three target durations by removing segments. */
export const WINDOW_SEGMENTS_MIN = 3
/** Section 4.4.3.8: the Skip Boundary is at least six target durations. */
export const SKIP_BOUNDARY_S = 6 * TARGET_DURATION_S
/**
 * Section 4.4.3.8: how many Part Target Durations a player stays behind the end. Fewer than three are advised against;
 * the fourth is for caches that notice late, as nginx does, that what they wait for has come.
 */
const PART_HOLD_BACK_TARGETS = 4
/** Section 6.2.2: Partial Segments further from the end are not listed. */
export const PARTIALS_LISTED_S = 3 * TARGET_DURATION_S

/** Prints the playlist. Throws when segments do not join exactly: a timeline with a seam would drift in players. */
export function writePlaylist(playlist: MediaPlaylist): string {
  const { lowLatency, segments } = playlist
  const skipped = lowLatency?.skipped ?? 0
  const isEnded = playlist.isEnded || playlist.kind === 'vod'
  assert(lowLatency?.hintUri === undefined || !isEnded, 'what has ended hints at nothing')
  const lines = [
    '#EXTM3U',
    // Section 8: the lowest that allows EXT-X-MAP, and EXT-X-SKIP.
    `#EXT-X-VERSION:${skipped > 0 ? 9 : 6}`,
    `#EXT-X-TARGETDURATION:${TARGET_DURATION_S}`,
    ...(lowLatency === undefined ? [] : serverControl(lowLatency)),
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.number ?? 0}`,
    ...(playlist.kind === 'window' ? [] : [`#EXT-X-PLAYLIST-TYPE:${playlist.kind.toUpperCase()}`]),
    '#EXT-X-INDEPENDENT-SEGMENTS',
    // The map is a tag of the first segment (section 4.4.4.5), and skipped with it.
    skipped > 0 ? `#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}` : `#EXT-X-MAP:URI="${playlist.mapUri}"`,
  ]
  let before: PlaylistSegment | undefined
  for (const [i, segment] of segments.entries()) {
    assertJoins(before, segment)
    if (i >= skipped) pushSegment(lines, segment)
    before = segment
  }
  const open = lowLatency?.open
  if (open !== undefined) {
    assert(before !== undefined && open.start === endOf(before), 'the open segment joins the last one')
    lines.push(dateTime(open.start), ...open.partials.map(partialLine))
  }
  if (lowLatency?.hintUri !== undefined) {
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${lowLatency.hintUri}"`)
  }
  lines.push(...(lowLatency?.reports ?? []).map(reportLine))
  if (isEnded) lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}

function serverControl({ partTarget }: LowLatency): string[] {
  const holdBack = decimalSeconds(PART_HOLD_BACK_TARGETS * partTarget)
  return [
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${holdBack},CAN-SKIP-UNTIL=${SKIP_BOUNDARY_S}`,
    `#EXT-X-PART-INF:PART-TARGET=${decimalSeconds(partTarget)}`,
  ]
}

function pushSegment(lines: string[], segment: PlaylistSegment): void {
  // In every segment: one that is already listed must not gain a tag when it becomes the window's first.
  lines.push(dateTime(segment.start))
  if (segment.partials !== undefined) lines.push(...segment.partials.map(partialLine))
  if (segment.isGap) lines.push('#EXT-X-GAP')
  lines.push(`#EXTINF:${decimalSeconds(milliseconds(segment.duration))},`, segment.uri)
}

function partialLine({ uri, duration, isGap }: PlaylistPartial): string {
  const seconds = decimalSeconds(milliseconds(duration))
  return `#EXT-X-PART:DURATION=${seconds},URI="${uri}",${isGap ? 'GAP' : 'INDEPENDENT'}=YES`
}

// LAST-MSN and LAST-PART may be left out where they equal this playlist's own; hls.js and others do not know that.
const reportLine = ({ uri, lastMsn, lastPart }: RenditionReport): string =>
  `#EXT-X-RENDITION-REPORT:URI="${uri}",LAST-MSN=${lastMsn},LAST-PART=${lastPart}`

const dateTime = (at: WallMillis): string => `#EXT-X-PROGRAM-DATE-TIME:${formatDateTime(at)}`

const endOf = (segment: PlaylistSegment): number => segment.start + milliseconds(segment.duration)

function assertJoins(before: PlaylistSegment | undefined, segment: PlaylistSegment): void {
  assert(milliseconds(segment.duration) <= SEGMENT_MS, 'a segment is at most two seconds long')
  if (before === undefined) return
  assert(segment.number === before.number + 1, 'segments are numbered without a hole')
  assert(segment.start === endOf(before), 'a segment starts where the one before ends')
}

/** Exact: program time is cut in whole milliseconds. */
function decimalSeconds(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`
}

function milliseconds(duration: Samples): number {
  const ms = (duration * 1000) / SAMPLE_RATE_HZ
  assert(Number.isInteger(ms) && ms > 0, 'a segment lasts whole milliseconds')
  return ms
}
