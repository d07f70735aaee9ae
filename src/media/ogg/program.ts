// A program as Ogg Opus (RFC 7845), for radio apps and players. Every page can be computed from its part's
// sequence alone, so edges copy bytes: who joins gets the two header pages and then pages from the live edge on,
// as listeners of a radio station always have.
//
// A join therefore skips page numbers between the headers and the live edge, as it does on every such station.
// ffmpeg, mpv and libopusfile take that without a word, and start at the time that the granule position says
// (`test/interop/formats.test.ts`); opusinfo, which judges files, calls it a discontinuity. A download has neither.

import { assert } from '../../base/assert.ts'
import { concatBytes } from '../../base/bytes.ts'
import { FRAMES_PER_PART, PART_SAMPLES, type Sequence } from '../../base/units.ts'
import { encodeOpusHead, encodeOpusTags } from '../opus/headers.ts'
import { PROGRAM_HEAD, PROGRAM_TAGS } from '../opus/program.ts'
import { rewritePage, writePage } from './page.ts'

/** "Mimb": the same in every stream, so that any page follows any header. */
export const PROGRAM_SERIAL = 0x4d696d62
export const OGG_CONTENT_TYPE = 'audio/ogg; codecs=opus'
/** Pages 0 and 1. */
const HEADER_PAGES = 2

/** The two header pages: OpusHead alone on the first, OpusTags on the second. */
export function oggHeaderPages(): Uint8Array {
  return concatBytes([
    writePage([encodeOpusHead(PROGRAM_HEAD)], {
      granule: 0,
      serial: PROGRAM_SERIAL,
      pageNumber: 0,
      isBos: true,
    }),
    writePage([encodeOpusTags(PROGRAM_TAGS)], { granule: 0, serial: PROGRAM_SERIAL, pageNumber: 1 }),
  ])
}

/**
 * The page of one part. Its granule position counts every sample coded since the log's sequence 0, pre-skip
 * included, up to the part's end (RFC 7845, section 4): what is heard at `granule − pre-skip` was spoken then.
 */
export function oggPartPage(sequence: Sequence, packets: readonly Uint8Array[]): Uint8Array {
  assert(packets.length === FRAMES_PER_PART, 'a part has ten packets')
  return writePage(packets, { serial: PROGRAM_SERIAL, ...placeOf(sequence) })
}

/** A copy of a part's page that belongs to another sequence; `isEos` marks the last one of a file. */
export function rebasePartPage(
  page: Uint8Array,
  to: Sequence,
  options: { readonly isEos: boolean },
): Uint8Array {
  return rewritePage(page, { ...placeOf(to), isEos: options.isEos })
}

function placeOf(sequence: Sequence): { readonly granule: number; readonly pageNumber: number } {
  return { granule: (sequence + 1) * PART_SAMPLES, pageNumber: HEADER_PAGES + sequence }
}
