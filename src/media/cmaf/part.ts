// One part as a CMAF chunk (ISO/IEC 23000-19, section 7.3.3.2): `emsg`? `moof` `mdat`, about 140 bytes round ten
// packets. Any run of parts behind the init segment is a playable file, a segment is parts laid end to end.

import { assert } from '../../base/assert.ts'
import { ByteWriter, concatBytes } from '../../base/bytes.ts'
import { FRAME_SAMPLES, FRAMES_PER_PART, PART_SAMPLES, type Sequence } from '../../base/units.ts'
import { box, fullBox } from './box.ts'
import { PROGRAM_TRACK } from './init.ts'
import { BOX_HEADER_BYTES, findBox } from './walk.ts'

const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000
const TFHD_DEFAULT_DURATION = 0x000008
const TRUN_DATA_OFFSET = 0x000001
const TRUN_SAMPLE_SIZE = 0x000200

/** `moof` and `mdat` of one part; its decode time is `sequence` × 9600 samples. */
export function moofAndMdat(sequence: Sequence, packets: readonly Uint8Array[]): Uint8Array {
  assert(packets.length === FRAMES_PER_PART, 'a part has ten packets')
  const moof = moofBox(sequence, packets)
  return concatBytes([moof, box('mdat', ...packets)])
}

function moofBox(sequence: Sequence, packets: readonly Uint8Array[]): Uint8Array {
  // The sizes of all boxes are constant, so the offset of the first packet is known before they are written.
  const dataOffset = MOOF_BYTES + BOX_HEADER_BYTES
  const moof = box('moof', mfhd(sequence), box('traf', tfhd(), tfdt(sequence), trun(packets, dataOffset)))
  assert(moof.length === MOOF_BYTES, 'the moof of a part has a constant size')
  return moof
}

/** A copy of a whole `moof` box of ours that belongs to another sequence. */
export function rebaseMoof(moof: Uint8Array, to: Sequence): Uint8Array {
  const copy = moof.slice()
  const content = copy.subarray(BOX_HEADER_BYTES)
  findBox(content, 'mfhd').set(mfhd(to).subarray(BOX_HEADER_BYTES))
  findBox(findBox(content, 'traf'), 'tfdt').set(tfdt(to).subarray(BOX_HEADER_BYTES))
  return copy
}

const mfhd = (sequence: Sequence) => fullBox('mfhd', 0, 0, new ByteWriter(4).u32(sequence % 2 ** 32).finish())

// The duration stands in every part, so that a reader needs no init segment to know how long one plays.
const tfhd = () =>
  fullBox(
    'tfhd',
    0,
    TFHD_DEFAULT_BASE_IS_MOOF | TFHD_DEFAULT_DURATION,
    new ByteWriter(8).u32(PROGRAM_TRACK).u32(FRAME_SAMPLES).finish(),
  )

const tfdt = (sequence: Sequence) =>
  fullBox('tfdt', 1, 0, new ByteWriter(8).u64(sequence * PART_SAMPLES).finish())

function trun(packets: readonly Uint8Array[], dataOffset: number): Uint8Array {
  const writer = new ByteWriter(8 + 4 * packets.length).u32(packets.length).u32(dataOffset)
  for (const packet of packets) writer.u32(packet.length)
  return fullBox('trun', 0, TRUN_DATA_OFFSET | TRUN_SAMPLE_SIZE, writer.finish())
}

/** moof 8 · mfhd 16 · traf 8 · tfhd 20 · tfdt 20 · trun 20 and four for each packet. */
const MOOF_BYTES = 8 + 16 + 8 + 20 + 20 + 20 + 4 * FRAMES_PER_PART
