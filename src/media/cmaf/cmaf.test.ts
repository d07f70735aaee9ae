import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteReader, concatBytes, decodeUtf8 } from '../../base/bytes.ts'
import { samples, sequence } from '../../base/units.ts'
import { SILENT_PACKET } from '../opus/program.ts'
import { HEARTBEAT_BOX, uuidBox, uuidPayload } from './between.ts'
import { box } from './box.ts'
import { emsgBox, parseEmsg } from './emsg.ts'
import { encodeId3Text, parseId3Text } from './id3.ts'
import { initSegment } from './init.ts'
import { moofAndMdat, rebaseMoof } from './part.ts'
import { BOX_BYTES_MAX, BoxReader, type StreamBox } from './reader.ts'
import { findBox, parsePartTime } from './walk.ts'

const SCHEME = { schemeUri: 'https://example.org/events', description: 'talk' }
const USERTYPE = Array.from({ length: 16 }, (_, i) => i)
const SILENT_PART = new Array<Uint8Array>(10).fill(SILENT_PACKET)
const anySequence = fc.integer({ min: 0, max: 2 ** 34 }).map(sequence)
const anyPackets = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
  { minLength: 10, maxLength: 10 },
)

describe('a part', () => {
  test('says when it begins and how long it plays', () => {
    fc.assert(
      fc.property(anySequence, anyPackets, (seq, packets) => {
        const [moof, mdat] = new BoxReader().push(moofAndMdat(seq, packets)) as [StreamBox, StreamBox]
        expect(parsePartTime(moof.bytes)).toEqual({ start: samples(seq * 9600), duration: samples(9600) })
        expect(mdat.bytes.subarray(8)).toEqual(concatBytes(packets))
      }),
    )
  })

  test('points each packet at its place in the mdat', () => {
    fc.assert(
      fc.property(anyPackets, (packets) => {
        const bytes = moofAndMdat(sequence(1), packets)
        const trun = new ByteReader(findBox(findBox(findBox(bytes, 'moof'), 'traf'), 'trun'))
        expect(trun.u32()).toBe(0x201)
        expect(trun.u32()).toBe(10)
        let at = trun.u32()
        for (const packet of packets) {
          const size = trun.u32()
          expect(bytes.subarray(at, at + size)).toEqual(packet)
          at += size
        }
        expect(at).toBe(bytes.length)
      }),
    )
  })

  test('costs 140 bytes round its packets', () => {
    expect(moofAndMdat(sequence(1), SILENT_PART).length - 10 * SILENT_PACKET.length).toBe(140)
  })

  test('keeps its count of 32 bits when the sequence has more', () => {
    const moof = findBox(moofAndMdat(sequence(2 ** 32 + 5), SILENT_PART), 'moof')
    expect(new ByteReader(findBox(moof, 'mfhd').subarray(4)).u32()).toBe(5)
  })

  test('moves along the grid by its times alone', () => {
    const [moof] = new BoxReader().push(moofAndMdat(sequence(2 ** 33), SILENT_PART)) as [StreamBox]
    const original = moof.bytes.slice()
    const [wanted] = new BoxReader().push(moofAndMdat(sequence(3), SILENT_PART)) as [StreamBox]
    expect(rebaseMoof(moof.bytes, sequence(3))).toEqual(wanted.bytes)
    expect(moof.bytes).toEqual(original)
  })

  test('that is torn, or of another make, is refused and not misread', () => {
    const [moof] = new BoxReader().push(moofAndMdat(sequence(1), SILENT_PART)) as [StreamBox]
    for (let end = 0; end < moof.bytes.length; end++) {
      expect(() => parsePartTime(moof.bytes.slice(0, end))).toThrow()
    }
    expect(() => parsePartTime(box('moof', box('traf')))).toThrow('tfdt')
  })
})

describe('the init segment', () => {
  test('says what the decoder needs: 48 kHz mono Opus, pre-skip 312, no edit list', () => {
    const moov = findBox(initSegment(), 'moov')
    const trak = findBox(moov, 'trak')
    const stbl = findBox(findBox(findBox(trak, 'mdia'), 'minf'), 'stbl')
    const entry = findBox(findBox(stbl, 'stsd').subarray(8), 'Opus')
    const dOps = new ByteReader(findBox(entry.subarray(28), 'dOps'))
    expect([dOps.u8(), dOps.u8(), dOps.u16(), dOps.u32(), dOps.u16(), dOps.u8()]).toEqual([
      0, 1, 312, 48000, 0, 0,
    ])
    expect(() => findBox(trak, 'edts')).toThrow('edts')
    const sgpd = new ByteReader(findBox(stbl, 'sgpd').subarray(4))
    expect(decodeUtf8(sgpd.bytes(4))).toBe('roll')
    expect([sgpd.u32(), sgpd.u32(), sgpd.u32(), sgpd.u16(), sgpd.left]).toEqual([2, 1, 1, 0xfffc, 0])
    expect(decodeUtf8(findBox(initSegment(), 'ftyp'))).toContain('cmfc')
  })
})

describe('events', () => {
  test('of any text come back with their media time', () => {
    fc.assert(
      fc.property(anySequence, fc.string({ unit: 'binary', maxLength: 300 }), (seq, text) => {
        const emsg = emsgBox(seq, text, SCHEME)
        expect(parseEmsg(emsg, SCHEME)).toEqual({ at: samples(seq * 9600), text })
      }),
    )
  })

  test('longer than a seven-bit length come back too', () => {
    fc.assert(
      fc.property(fc.nat(70_000), (length) => {
        const text = 'x'.repeat(length)
        expect(parseId3Text(encodeId3Text('d', text), 'd')).toBe(text)
      }),
      { numRuns: 30 },
    )
  })

  test('of another scheme, description or version are somebody else’s', () => {
    const emsg = emsgBox(sequence(1), 'text', SCHEME)
    expect(parseEmsg(emsg, { ...SCHEME, schemeUri: 'https://example.org/other' })).toBeUndefined()
    expect(parseEmsg(emsg, { ...SCHEME, description: 'other' })).toBeUndefined()
    expect(parseEmsg(emsg.with(8, 0), SCHEME)).toBeUndefined()
  })

  test('are found behind other frames of the tag', () => {
    const one = encodeId3Text('other', 'not this')
    const two = encodeId3Text('talk', 'this')
    const frames = concatBytes([one.subarray(10), two.subarray(10)])
    const tag = concatBytes([one.subarray(0, 9), Uint8Array.of(frames.length), frames])
    expect(parseId3Text(tag, 'talk')).toBe('this')
  })

  test('that are torn anywhere are refused or passed over, never misread', () => {
    const emsg = emsgBox(sequence(1), 'text', SCHEME)
    for (let end = 8; end < emsg.length; end++) {
      let text: string | undefined
      try {
        text = parseEmsg(emsg.subarray(0, end), SCHEME)?.text
      } catch (error) {
        expect(error).toHaveProperty('code', 'corrupt')
      }
      expect(text).toBeUndefined()
    }
  })
})

describe('what stands between parts', () => {
  test('is a heartbeat of eight bytes', () => {
    expect(HEARTBEAT_BOX).toEqual(box('free'))
    expect(new BoxReader().push(HEARTBEAT_BOX)[0]?.kind).toBe('free')
  })

  test('is a private word that only its user type opens', () => {
    const uuid = uuidBox(USERTYPE, Uint8Array.of(1, 2, 3))
    expect(uuidPayload(uuid, USERTYPE)).toEqual(Uint8Array.of(1, 2, 3))
    expect(uuidPayload(uuid, USERTYPE.toReversed())).toBeUndefined()
    expect(uuidPayload(uuid.subarray(0, 20), USERTYPE)).toBeUndefined()
  })
})

describe('the box reader', () => {
  const stream = [
    initSegment(),
    uuidBox(USERTYPE, Uint8Array.of(1)),
    emsgBox(sequence(1), 'text', SCHEME),
    moofAndMdat(sequence(1), SILENT_PART),
    HEARTBEAT_BOX,
    box('prft', new Uint8Array(20)),
    moofAndMdat(sequence(2), SILENT_PART),
  ]
  const kinds = ['init', 'init', 'uuid', 'emsg', 'moof', 'mdat', 'free', 'other', 'moof', 'mdat']

  test('gives the same boxes for any split of the bytes', () => {
    const bytes = concatBytes(stream)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 }), (splits) => {
        const reader = new BoxReader()
        const boxes: StreamBox[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = splits[i % splits.length] as number
          boxes.push(...reader.push(bytes.slice(at, at + length)))
          at += length
        }
        expect(boxes.map((found) => found.kind)).toEqual(kinds as StreamBox['kind'][])
        expect(concatBytes(boxes.map((found) => found.bytes))).toEqual(bytes)
      }),
    )
  })

  test('gives views where boxes came whole, not copies', () => {
    const bytes = concatBytes(stream)
    for (const found of new BoxReader().push(bytes)) expect(found.bytes.buffer).toBe(bytes.buffer)
  })

  test.each([
    ['no size', [0, 0, 0, 0]],
    ['the size that means 64 bits', [0, 0, 0, 1]],
    ['less than a header', [0, 0, 0, 7]],
    ['more than any box of ours', [(BOX_BYTES_MAX + 1) >> 24, (BOX_BYTES_MAX + 1) >> 16, 0, 1]],
  ])('refuses a box with %s instead of waiting for it', (_, size) => {
    expect(() => new BoxReader().push(Uint8Array.from([...size, 0x6d, 0x64, 0x61, 0x74]))).toThrow('A box of')
  })
})
