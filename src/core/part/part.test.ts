import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteWriter, concatBytes, crc32c } from '../../base/bytes.ts'
import { epoch, sequence } from '../../base/units.ts'
import {
  decodeRecord,
  encodeRecord,
  type GapReason,
  type Part,
  RECORD_BYTES_MAX,
  type TrackId,
} from './part.ts'

const tracks = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom<TrackId>('events', 'opus.mp4', 'opus.ogg'),
      fc.uint8Array({ maxLength: 120 }).map((bytes) => Uint8Array.from(bytes)),
    ),
    { selector: ([id]) => id },
  )
  .map((entries) => new Map(entries))

const gap = fc.constantFrom(
  'takeover',
  'unclean-stop',
  'stalled',
  'first',
  'damaged',
) satisfies fc.Arbitrary<GapReason>

const anyPart: fc.Arbitrary<Part> = fc
  .record(
    {
      sequence: fc.maxSafeNat().map(sequence),
      epoch: fc.integer({ min: 0, max: 0xffffffff }).map(epoch),
      gap,
      tracks,
    },
    { requiredKeys: ['sequence', 'epoch', 'tracks'] },
  )
  .map((part) => ({ ...part }))

describe('a record', () => {
  test('gives back any part, whatever follows it', () => {
    fc.assert(
      fc.property(anyPart, fc.uint8Array(), (part, next) => {
        const record = encodeRecord(part)
        const decoded = decodeRecord(concatBytes([record, next]))
        expect(decoded).toEqual({ kind: 'record', part, length: record.length })
      }),
    )
  })

  test('that breaks off anywhere is incomplete', () => {
    fc.assert(
      fc.property(anyPart, fc.nat(), (part, cut) => {
        const record = encodeRecord(part)
        expect(decodeRecord(record.subarray(0, cut % record.length)).kind).toBe('incomplete')
      }),
    )
  })

  test('with any burst of up to four damaged bytes is never taken for a record', () => {
    // A checksum of 32 bits finds every burst that is no longer than itself.
    const damage = fc
      .uint8Array({ minLength: 1, maxLength: 4 })
      .filter((bytes) => bytes.some((byte) => byte !== 0))
    fc.assert(
      fc.property(anyPart, fc.nat(), damage, (part, place, bits) => {
        const record = encodeRecord(part)
        const at = place % (record.length - bits.length + 1)
        for (const [i, bit] of bits.entries()) record[at + i] = (record[at + i] as number) ^ bit
        expect(decodeRecord(record).kind).not.toBe('record')
      }),
      { numRuns: 500 },
    )
  })

  test('of zeros, as a torn write leaves them, is no record', () => {
    expect(decodeRecord(new Uint8Array(4096)).kind).toBe('corrupt')
  })

  test('that claims to be larger than any part is corrupt at once, not awaited', () => {
    const prefix = new ByteWriter(8)
      .u32(RECORD_BYTES_MAX + 1)
      .u32(0)
      .finish()
    expect(decodeRecord(prefix).kind).toBe('corrupt')
  })

  test('of a newer format is refused, not guessed', () => {
    const content = new Uint8Array(15)
    content[0] = 2
    const record = concatBytes([new ByteWriter(8).u32(15).u32(crc32c(content)).finish(), content])
    expect(() => decodeRecord(record)).toThrow('Record format 2')
  })

  test('keeps the tracks that it knows when a newer version wrote others beside them', () => {
    const content = new ByteWriter()
      .u8(1)
      .u8(0)
      .u32(3)
      .u64(9)
      .u8(2)
      .u8(200)
      .u32(2)
      .u16(0xabcd)
      .u8(0)
      .u32(1)
      .u8(0x5b)
      .finish()
    const decoded = decodeRecord(
      concatBytes([new ByteWriter(8).u32(content.length).u32(crc32c(content)).finish(), content]),
    )
    expect(decoded.kind === 'record' && [...decoded.part.tracks]).toEqual([['events', Uint8Array.of(0x5b)]])
  })

  test('with a gap reason that a newer version may know still tells of a gap', () => {
    const known = encodeRecord({ sequence: sequence(9), epoch: epoch(3), gap: 'first', tracks: new Map() })
    for (const reason of [6, 7, 255]) {
      const content = known.slice(8)
      content[1] = reason
      const prefix = new ByteWriter(8).u32(content.length).u32(crc32c(content)).finish()
      const decoded = decodeRecord(concatBytes([prefix, content]))
      expect(decoded.kind === 'record' && decoded.part.gap).toBe('damaged')
    }
  })

  test('of a part beyond the limit is refused when it is written', () => {
    const part: Part = {
      sequence: sequence(1),
      epoch: epoch(1),
      tracks: new Map([['opus.mp4', new Uint8Array(RECORD_BYTES_MAX)]]),
    }
    expect(() => encodeRecord(part)).toThrow('over the limit')
  })
})
