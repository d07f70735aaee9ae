import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteReader, concatBytes, decodeUtf8 } from '../../base/bytes.ts'
import { samples, sequence } from '../../base/units.ts'
import { firstFrameOf, framesIn } from '../aac/program.ts'
import { aacInitSegment, initSegment } from './init.ts'
import { aacMoofAndMdat } from './part.ts'
import { BoxReader, type StreamBox } from './reader.ts'
import { findBox, parsePartTime } from './walk.ts'

const anySequence = fc.integer({ min: 0, max: 2 ** 34 }).map(sequence)
const framesFor = (of: ReturnType<typeof sequence>) =>
  Array.from({ length: framesIn(of) }, (_, i) => new Uint8Array(20 + i).fill(i))

describe('a part of AAC', () => {
  test('begins with the first frame that begins in it, and plays nine or ten', () => {
    fc.assert(
      fc.property(anySequence, (of) => {
        const frames = framesFor(of)
        const [moof, mdat] = new BoxReader().push(aacMoofAndMdat(of, frames)) as [StreamBox, StreamBox]
        const start = firstFrameOf(of) * 1_024
        expect(parsePartTime(moof.bytes)).toEqual({
          start: samples(start),
          duration: samples(frames.length * 1_024),
        })
        expect(Math.floor(start / 9_600)).toBe(of)
        expect(mdat.bytes.subarray(8)).toEqual(concatBytes(frames))
      }),
    )
  })

  test('ends where the next one begins', () => {
    fc.assert(
      fc.property(anySequence, (of) => {
        const [moof] = new BoxReader().push(aacMoofAndMdat(of, framesFor(of))) as [StreamBox]
        const { start, duration } = parsePartTime(moof.bytes)
        expect(start + duration).toBe(firstFrameOf(sequence(of + 1)) * 1_024)
      }),
    )
  })

  test('points each frame at its place in the mdat', () => {
    const of = sequence(1)
    const frames = framesFor(of)
    const bytes = aacMoofAndMdat(of, frames)
    const trun = new ByteReader(findBox(findBox(findBox(bytes, 'moof'), 'traf'), 'trun'))
    trun.u32()
    expect(trun.u32()).toBe(frames.length)
    let offset = trun.u32()
    for (const frame of frames) {
      const size = trun.u32()
      expect(bytes.subarray(offset, offset + size)).toEqual(frame)
      offset += size
    }
    expect(offset).toBe(bytes.length)
  })

  test('of another number of frames is refused', () => {
    expect(() => aacMoofAndMdat(sequence(1), framesFor(sequence(1)).slice(1))).toThrow('frames begin in')
  })
})

describe('the init segment of AAC', () => {
  const stbl = () => {
    const trak = findBox(findBox(aacInitSegment(), 'moov'), 'trak')
    return findBox(findBox(findBox(trak, 'mdia'), 'minf'), 'stbl')
  }

  test('says AAC-LC, 48 kHz, mono in an esds, and no edit list', () => {
    const entry = findBox(findBox(stbl(), 'stsd').subarray(8), 'mp4a')
    const esds = findBox(entry.subarray(28), 'esds')
    // Version and flags; ES 0 without flags; decoder configuration: audio, 64 kbit/s at most and on average; the
    // AudioSpecificConfig 0x1188; SL configuration for MP4.
    const bitrate = '0000fa00'
    const pieces = ['00000000', '0319000000', '0411', '4015000000', bitrate, bitrate, '05021188', '060102']
    expect(Buffer.from(esds).toString('hex')).toBe(pieces.join(''))
    const trak = findBox(findBox(aacInitSegment(), 'moov'), 'trak')
    expect(() => findBox(trak, 'edts')).toThrow('edts')
    expect(decodeUtf8(findBox(aacInitSegment(), 'ftyp'))).toContain('caac')
  })

  test('says that a decoder needs the frame before, and how long frames are', () => {
    const sgpd = new ByteReader(findBox(stbl(), 'sgpd').subarray(4))
    expect(decodeUtf8(sgpd.bytes(4))).toBe('roll')
    expect([sgpd.u32(), sgpd.u32(), sgpd.u32(), sgpd.u16(), sgpd.left]).toEqual([2, 1, 1, 0xffff, 0])
    const trex = new ByteReader(findBox(findBox(findBox(aacInitSegment(), 'moov'), 'mvex'), 'trex'))
    expect([trex.u32(), trex.u32(), trex.u32(), trex.u32()]).toEqual([0, 1, 1, 1_024])
  })

  test('leaves that of Opus as it was', () => {
    expect(Bun.hash(initSegment()).toString(36)).toBe(OPUS_INIT_HASH)
  })
})

/** Logs keep their init segments: one that changes is another codec configuration, and they could not be opened. */
const OPUS_INIT_HASH = 't5cco3yk3y1p'
