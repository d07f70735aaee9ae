// The tracks of a log as readers outside meet them: their codecs and weight, and where in the log their sound is.

import { type Sequence, sequence } from '../../base/units.ts'
import { AAC_BITRATE_BPS } from '../../media/aac/program.ts'
import type { Part, TrackId } from './part.ts'

/** A track that HLS lists as a rendition; its segments are parts laid end to end behind its init segment. */
export type RenditionTrack = 'opus.mp4' | 'low.mp4' | 'aac.mp4'

export interface Rendition {
  readonly track: RenditionTrack
  /** RFC 6381, as CODECS of EXT-X-STREAM-INF wants it: Opus with the capital of its registered sample entry. */
  readonly codecs: string
  /** Of the sound alone. */
  readonly bitrateBps: number
  /** On the wire, boxes and events included; over any segment it stays below the peak. */
  readonly averageBps: number
  readonly peakBps: number
  /**
   * `aac.mp4` of part n holds the frames that begin in part n − lagParts: an encoder needs some sound of the next frame
   * to finish one, and no part waits for it. Times inside the track (`tfdt`) are exact; only where it lies in the log is
   * later. A playlist's EXT-X-PROGRAM-DATE-TIME is `lagParts` earlier than that of the parts it is made of.
   */
  readonly lagParts: number
  /** Made only while somebody wants it: see `TracksWanted` in `core/space/facts.ts`. */
  readonly isOnDemand: boolean
}

/** Program bit rates, and what one part of each costs: about 140 bytes of boxes and 60 of events, five times a second. */
export const RENDITIONS: Readonly<Record<RenditionTrack, Rendition>> = {
  'opus.mp4': {
    track: 'opus.mp4',
    codecs: 'Opus',
    bitrateBps: 48_000,
    averageBps: 58_000,
    peakBps: 80_000,
    lagParts: 0,
    isOnDemand: false,
  },
  'low.mp4': {
    track: 'low.mp4',
    codecs: 'Opus',
    bitrateBps: 24_000,
    averageBps: 33_000,
    peakBps: 50_000,
    lagParts: 0,
    isOnDemand: false,
  },
  'aac.mp4': {
    track: 'aac.mp4',
    codecs: 'mp4a.40.2',
    bitrateBps: AAC_BITRATE_BPS,
    averageBps: 74_000,
    peakBps: 100_000,
    lagParts: 1,
    isOnDemand: true,
  },
}

/** The sequence of the part in whose record the track's sound of part `of` lies. */
export function carrierOf(track: RenditionTrack, of: Sequence): Sequence {
  return sequence(of + RENDITIONS[track].lagParts)
}

/** True while `newest`, the newest part of a log, shows that the track is being made. */
export function isProduced(track: TrackId, newest: Part | undefined): boolean {
  return newest?.tracks.has(track) ?? false
}
