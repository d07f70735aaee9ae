// The Multivariant Playlist (RFC 8216bis, section 4.4.6): which renditions of one program there are. Each is a whole
// program by itself, so none needs a group of alternatives, and who cannot choose plays the first.

import { assert } from '../../base/assert.ts'

/** One Variant Stream: a Media Playlist, and what a player must know to choose it. */
export interface VariantStream {
  readonly uri: string
  /** RFC 6381. A sample entry's registered name, such as `Opus`: Apple's players know no other spelling. */
  readonly codecs: string
  /** No segment is above it. */
  readonly peakBps: number
  readonly averageBps: number
}

/**
 * Prints it, the most desirable variant first. SCORE says so to players that would otherwise take whatever has the most
 * bits (section 4.4.6.2): AAC needs more of them to sound as Opus does.
 */
export function writeMultivariant(variants: readonly VariantStream[]): string {
  assert(variants.length > 0, 'a program has a rendition')
  const streams = variants.flatMap(({ uri, codecs, peakBps, averageBps }, i) => {
    assert(averageBps <= peakBps, 'an average is not above the peak')
    const rates = `BANDWIDTH=${peakBps},AVERAGE-BANDWIDTH=${averageBps}`
    return [`#EXT-X-STREAM-INF:${rates},CODECS="${codecs}",SCORE=${variants.length - i}.0`, uri]
  })
  return ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-INDEPENDENT-SEGMENTS', ...streams, ''].join('\n')
}
