// Events in time with the sound: an `emsg` box, version 1 (ISO/IEC 23009-1, section 5.10.3.3), that carries an
// ID3 tag (AOM, "Carriage of ID3 Timed Metadata in the Common Media Application Format"):
//
//     u32 timescale · u64 presentation time · u32 duration · u32 id · scheme · 00 · value · 00 · message

import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from '../../base/bytes.ts'
import { PART_SAMPLES, SAMPLE_RATE_HZ, type Samples, type Sequence, samples } from '../../base/units.ts'
import { fullBox } from './box.ts'
import { encodeId3Text, parseId3Text } from './id3.ts'
import { BOX_HEADER_BYTES } from './walk.ts'

/** Which events an `emsg` carries: the scheme, and the description of the TXXX frame in it. */
export interface EventScheme {
  readonly schemeUri: string
  readonly description: string
}

/** Text that belongs to a media time. */
export interface TimedText {
  /** Samples since the log's sequence 0, like the decode time of the part that follows. */
  readonly at: Samples
  readonly text: string
}

/** The box of one part's events; `text` is presented while the part plays. */
export function emsgBox(sequence: Sequence, text: string, scheme: EventScheme): Uint8Array {
  const message = encodeId3Text(scheme.description, text)
  const schemeUri = encodeUtf8(scheme.schemeUri)
  const content = new ByteWriter(32 + schemeUri.length + message.length)
    .u32(SAMPLE_RATE_HZ)
    .u64(sequence * PART_SAMPLES)
    .u32(PART_SAMPLES)
    // Boxes of one scheme and value with the same id count as repeats of one event.
    .u32(sequence % 2 ** 32)
    .bytes(schemeUri)
    .u8(0)
    .u8(0) // an empty value
    .bytes(message)
    .finish()
  return fullBox('emsg', 1, 0, content)
}

/**
 * Reads a whole `emsg` box. `undefined` when it is of another scheme, version, or description: others may put
 * theirs into the stream. Throws `corrupt` when its lengths are wrong.
 */
export function parseEmsg(emsg: Uint8Array, scheme: EventScheme): TimedText | undefined {
  const reader = new ByteReader(emsg.subarray(BOX_HEADER_BYTES))
  if (reader.u32() >>> 24 !== 1) return undefined
  const timescale = reader.u32()
  const at = reader.u64()
  reader.u64() // duration and id
  if (decodeUtf8(reader.untilZero()) !== scheme.schemeUri) return undefined
  reader.untilZero() // the value
  if (timescale !== SAMPLE_RATE_HZ) return undefined
  const text = parseId3Text(reader.bytes(reader.left), scheme.description)
  return text === undefined ? undefined : { at: samples(at), text }
}
