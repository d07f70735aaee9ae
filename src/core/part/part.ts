// What a log is made of. A part is 200 ms of a program in every track at once; readers pick the track they need
// and never look inside. Everything that happened in those 200 ms is a track too.
//
// A record on disk and on the wire (big-endian):
//
//     u32 length of what follows the checksum
//     u32 CRC-32C of what follows
//     u8  record format = 1
//     u8  gap reason (0 = this part follows the one before it; a reason that a reader does not know is a gap, too)
//     u32 epoch
//     u64 sequence
//     u8  number of tracks, then for each: u8 track number · u32 length · bytes

import { ByteReader, ByteWriter, concatBytes, crc32c } from '../../base/bytes.ts'
import { MimbarError } from '../../base/errors.ts'
import { type Epoch, epoch, type Sequence, sequence } from '../../base/units.ts'

/** `events` is JSON for servers; the media tracks carry the same events inside (see `core/part/events.ts`). */
export type TrackId = 'events' | 'opus.mp4' | 'opus.ogg' | 'low.mp4' | 'aac.mp4'

/** Track numbers are for ever: a new track takes the next one. */
export const TRACK_NUMBERS: Readonly<Record<TrackId, number>> = {
  events: 0,
  'opus.mp4': 1,
  'opus.ogg': 2,
  'low.mp4': 3,
  'aac.mp4': 4,
}

const TRACK_IDS = Object.entries(TRACK_NUMBERS).reduce<TrackId[]>((ids, [id, number]) => {
  ids[number] = id as TrackId
  return ids
}, [])

/**
 * Why parts are missing before this one. `damaged`: they were stored, and no longer pass their checksum; also what
 * a reason is read as that only a newer version knows.
 */
export type GapReason = 'takeover' | 'unclean-stop' | 'stalled' | 'first' | 'damaged'
const GAP_REASONS: readonly (GapReason | undefined)[] = [
  undefined,
  'takeover',
  'unclean-stop',
  'stalled',
  'first',
  'damaged',
]

/** One part, immutable once appended. */
export interface Part {
  readonly sequence: Sequence
  readonly epoch: Epoch
  /** Absent exactly when the part before this one is in the log. `first` marks the log's first part. */
  readonly gap?: GapReason
  /** A part may lack a track: it was not wanted then, or its log is older than the track (see `tracks.ts`). */
  readonly tracks: ReadonlyMap<TrackId, Uint8Array>
}

/** What comes before the first part of a track: the CMAF init segment, or the two Ogg header pages. */
export interface TrackHeader {
  readonly id: TrackId
  readonly contentType: string
  /** Empty for `events`. */
  readonly header: Uint8Array
}

export const RECORD_FORMAT = 1
/** Length and checksum. */
export const RECORD_PREFIX_BYTES = 8
/** A record of a part without tracks: format, gap, epoch, sequence, number of tracks. */
export const RECORD_BYTES_MIN = 15
/** No honest part comes near it: 200 ms of every track at a few hundred kbit/s. */
export const RECORD_BYTES_MAX = 256 * 1024

/** Writes `part` as one record. */
export function encodeRecord(part: Part): Uint8Array {
  const body = new ByteWriter(4096)
    .u8(RECORD_FORMAT)
    .u8(Math.max(0, GAP_REASONS.indexOf(part.gap)))
    .u32(part.epoch)
    .u64(part.sequence)
    .u8(part.tracks.size)
  for (const [id, bytes] of part.tracks) body.u8(TRACK_NUMBERS[id]).u32(bytes.length).bytes(bytes)
  const content = body.finish()
  if (content.length > RECORD_BYTES_MAX) {
    throw new MimbarError(
      'too-large',
      `A part of ${content.length} bytes is over the limit of ${RECORD_BYTES_MAX}.`,
    )
  }
  return concatBytes([new ByteWriter(8).u32(content.length).u32(crc32c(content)).finish(), content])
}

/** One record found at the start of `bytes`, and how many bytes it took; or why there is none. */
export type DecodedRecord =
  | { readonly kind: 'record'; readonly part: Part; readonly length: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'corrupt'; readonly reason: string }

/**
 * Reads the record at the start of `bytes`; track contents are views into them. Never throws: a torn tail is
 * `incomplete`, anything that fails its checksum or its limits is `corrupt`. A newer format throws `unsupported`.
 */
export function decodeRecord(bytes: Uint8Array): DecodedRecord {
  if (bytes.length < RECORD_PREFIX_BYTES) return { kind: 'incomplete' }
  const prefix = new ByteReader(bytes)
  const length = prefix.u32()
  const checksum = prefix.u32()
  // Zeros, which a torn write leaves behind, would otherwise be an empty record with the right checksum.
  if (length < RECORD_BYTES_MIN || length > RECORD_BYTES_MAX)
    return { kind: 'corrupt', reason: `a record of ${length} bytes` }
  if (prefix.left < length) return { kind: 'incomplete' }
  const content = prefix.bytes(length)
  if (crc32c(content) !== checksum) return { kind: 'corrupt', reason: 'checksum' }
  const reader = new ByteReader(content)
  const format = reader.u8()
  if (format !== RECORD_FORMAT) {
    throw new MimbarError('unsupported', `Record format ${format}; this program reads ${RECORD_FORMAT}.`)
  }
  const gap = gapReason(reader.u8())
  const writtenBy = epoch(reader.u32())
  const at = sequence(reader.u64())
  const tracks = new Map<TrackId, Uint8Array>()
  for (let left = reader.u8(); left > 0; left--) {
    const id = TRACK_IDS[reader.u8()]
    const content = reader.bytes(reader.u32())
    // A track that this version does not know is another version's business.
    if (id !== undefined) tracks.set(id, content)
  }
  const part: Part = { sequence: at, epoch: writtenBy, ...(gap === undefined ? {} : { gap }), tracks }
  return { kind: 'record', part, length: RECORD_PREFIX_BYTES + length }
}

// Why it is there may be another version's word; that there is a gap must not be lost.
function gapReason(number: number): GapReason | undefined {
  return number === 0 ? undefined : (GAP_REASONS[number] ?? 'damaged')
}
