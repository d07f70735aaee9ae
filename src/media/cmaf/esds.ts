// How an MP4 file tells a player of AAC's configuration (ISO/IEC 14496-14, section 5.6: `esds` in `mp4a`). It holds
// descriptors, each a tag, a length and content, one inside the other (ISO/IEC 14496-1, section 7.2.6):
//
//     03 ES ─ 04 decoder configuration ─ 05 AudioSpecificConfig
//        └── 06 SL configuration

import { ByteWriter } from '../../base/bytes.ts'
import { AAC_BITRATE_BPS, AAC_CONFIG } from '../aac/program.ts'
import { fullBox } from './box.ts'

const ES_TAG = 3
const DECODER_CONFIG_TAG = 4
const DECODER_SPECIFIC_TAG = 5
const SL_CONFIG_TAG = 6

/** objectTypeIndication: Audio ISO/IEC 14496-3. */
const MPEG4_AUDIO = 0x40
/** streamType 5 (audio) in six bits, upStream 0, and a reserved bit that is 1. */
const AUDIO_STREAM = 0x15
/** SLConfigDescriptor.predefined: for use in MP4 files. */
const SL_FOR_MP4 = 2

/** The `esds` box of the AAC track. */
export function esds(): Uint8Array {
  return fullBox('esds', 0, 0, esDescriptor())
}

function esDescriptor(): Uint8Array {
  const head = new ByteWriter(3).u16(0).u8(0).finish() // ES_ID 0: the track's number stands for it; no flags
  return descriptor(ES_TAG, head, decoderConfig(), descriptor(SL_CONFIG_TAG, Uint8Array.of(SL_FOR_MP4)))
}

function decoderConfig(): Uint8Array {
  const head = new ByteWriter(13)
    .u8(MPEG4_AUDIO)
    .u8(AUDIO_STREAM)
    .u8(0) // decoding buffer, 24 bits: not told
    .u16(0)
    .u32(AAC_BITRATE_BPS) // at most
    .u32(AAC_BITRATE_BPS) // on average
    .finish()
  return descriptor(DECODER_CONFIG_TAG, head, descriptor(DECODER_SPECIFIC_TAG, Uint8Array.from(AAC_CONFIG)))
}

/** Everything here is far below 128 bytes, so that a length is one byte (section 8.3.3). */
function descriptor(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, piece) => sum + piece.length, 0)
  const writer = new ByteWriter(2 + length).u8(tag).u8(length)
  for (const piece of content) writer.bytes(piece)
  return writer.finish()
}
