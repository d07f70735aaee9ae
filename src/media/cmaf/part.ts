// One part as a CMAF chunk (ISO/IEC 23000-19, section 7.3.3.2): `emsg`? `moof` `mdat`, about 140 bytes round ten
// packets. Any run of parts behind the init segment is a playable file, a segment is parts laid end to end.

import { assert } from '../../base/assert.ts'
import { ByteWriter, concatBytes } from '../../base/bytes.ts'
import {
  FRAME_SAMPLES,
  FRAMES_PER_PART,
  PART_SAMPLES,
  type Samples,
  type Sequence,
  samples,
} from '../../base/units.ts'
import { AAC_FRAME_SAMPLES, firstFrameOf, frameStart, framesIn } from '../aac/program.ts'
import { box, fullBox } from './box.ts'
import { PROGRAM_TRACK } from './init.ts'
import { BOX_HEADER_BYTES, findBox } from './walk.ts'

const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000
const TFHD_DEFAULT_DURATION = 0x000008
const TRUN_DATA_OFFSET = 0x000001
const TRUN_SAMPLE_SIZE = 0x000200

/** `moof` and `mdat` of one part of Opus; its decode time is `sequence` × 9600 samples. */
export function moofAndMdat(sequence: Sequence, packets: readonly Uint8Array[]): Uint8Array {
  assert(packets.length === FRAMES_PER_PART, 'a part has ten packets')
  const start = samples(sequence * PART_SAMPLES)
  return chunk({ sequence, start, frameSamples: FRAME_SAMPLES, frames: packets })
}

/** `moof` and `mdat` of the whole AAC frames that begin in part `of`, nine or ten; its decode time is the first one's. */
export function aacMoofAndMdat(of: Sequence, frames: readonly Uint8Array[]): Uint8Array {
  assert(frames.length === framesIn(of), `${framesIn(of)} frames begin in part ${of}, not ${frames.length}`)
  const start = frameStart(firstFrameOf(of))
  return chunk({ sequence: of, start, frameSamples: AAC_FRAME_SAMPLES, frames })
}

interface Chunk {
  readonly sequence: Sequence
  readonly start: Samples
  readonly frameSamples: number
  readonly frames: readonly Uint8Array[]
}

function chunk(content: Chunk): Uint8Array {
  return concatBytes([moofBox(content), box('mdat', ...content.frames)])
}

function moofBox({ sequence, start, frameSamples, frames }: Chunk): Uint8Array {
  // The sizes of all boxes are known, and so is the offset of the first frame, before they are written.
  const bytes = MOOF_BYTES_MIN + 4 * frames.length
  const traf = box('traf', tfhd(frameSamples), tfdt(start), trun(frames, bytes + BOX_HEADER_BYTES))
  const moof = box('moof', mfhd(sequence), traf)
  assert(moof.length === bytes, 'a moof has the size that its number of frames gives it')
  return moof
}

/** A copy of a whole `moof` box of our Opus that belongs to another sequence. */
export function rebaseMoof(moof: Uint8Array, to: Sequence): Uint8Array {
  const copy = moof.slice()
  const content = copy.subarray(BOX_HEADER_BYTES)
  findBox(content, 'mfhd').set(mfhd(to).subarray(BOX_HEADER_BYTES))
  findBox(findBox(content, 'traf'), 'tfdt').set(tfdt(samples(to * PART_SAMPLES)).subarray(BOX_HEADER_BYTES))
  return copy
}

const mfhd = (sequence: Sequence) => fullBox('mfhd', 0, 0, new ByteWriter(4).u32(sequence % 2 ** 32).finish())

// The duration stands in every part, so that a reader needs no init segment to know how long one plays.
const tfhd = (frameSamples: number) =>
  fullBox(
    'tfhd',
    0,
    TFHD_DEFAULT_BASE_IS_MOOF | TFHD_DEFAULT_DURATION,
    new ByteWriter(8).u32(PROGRAM_TRACK).u32(frameSamples).finish(),
  )

const tfdt = (start: Samples) => fullBox('tfdt', 1, 0, new ByteWriter(8).u64(start).finish())

function trun(frames: readonly Uint8Array[], dataOffset: number): Uint8Array {
  const writer = new ByteWriter(8 + 4 * frames.length).u32(frames.length).u32(dataOffset)
  for (const frame of frames) writer.u32(frame.length)
  return fullBox('trun', 0, TRUN_DATA_OFFSET | TRUN_SAMPLE_SIZE, writer.finish())
}

/** moof 8 · mfhd 16 · traf 8 · tfhd 20 · tfdt 20 · trun 20, and four in it for each frame. */
const MOOF_BYTES_MIN = 8 + 16 + 8 + 20 + 20 + 20
