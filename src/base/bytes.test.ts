import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ByteReader, ByteWriter, concatBytes, crc32, crc32c, decodeUtf8, encodeUtf8 } from './bytes.ts'
import { hasCode } from './errors.ts'

/** Any UTF-16, lone surrogates included. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((units) => String.fromCharCode(...units))

describe('UTF-8', () => {
  test('is written as the platform writes it, for any text', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'binary' })), (text) => {
        expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text))
      }),
    )
  })

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(decodeUtf8(encodeUtf8(text))).toBe(text)
      }),
    )
  })

  test('of any bytes is read without throwing, and like the platform wherever that finds it well-formed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        const text = decodeUtf8(bytes)
        let expected: string | undefined
        try {
          expected = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
        } catch {
          // Not well-formed: then a replacement character must say so.
        }
        if (expected === undefined) expect(text).toContain('\ufffd')
        else expect(text).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong euro sign', [0xf0, 0x82, 0x82, 0xac]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point beyond the last', [0xf4, 0x90, 0x80, 0x80]],
    ['a sequence that breaks off', [0xe2, 0x82]],
  ])('shows %s as replaced', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toContain('\ufffd')
  })
})

describe('CRC-32C', () => {
  test('of the nine digits is the check value of the Castagnoli polynomial', () => {
    expect(crc32c(encodeUtf8('123456789'))).toBe(0xe3069283)
    expect(crc32(encodeUtf8('123456789'))).toBe(0xcbf43926)
  })

  test('of 32 zeros is the example of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  })

  test('changes with any single bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (bytes, at) => {
        const flipped = bytes.slice()
        const bit = at % (bytes.length * 8)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(crc32c(flipped)).not.toBe(crc32c(bytes))
      }),
    )
  })
})

describe('reader and writer', () => {
  const field = fc.oneof(
    fc.record({ kind: fc.constant('u8' as const), value: fc.nat(0xff) }),
    fc.record({ kind: fc.constantFrom('u16' as const, 'u16le' as const), value: fc.nat(0xffff) }),
    fc.record({
      kind: fc.constantFrom('u32' as const, 'u32le' as const),
      value: fc.integer({ min: 0, max: 0xffffffff }),
    }),
    fc.record({ kind: fc.constant('u64' as const), value: fc.maxSafeNat() }),
  )

  test('give back any run of fields', () => {
    fc.assert(
      fc.property(
        fc.array(field),
        fc.uint8Array(),
        fc.integer({ min: 1, max: 16 }),
        (fields, tail, capacity) => {
          const writer = new ByteWriter(capacity)
          for (const { kind, value } of fields) writer[kind](value)
          const reader = new ByteReader(writer.bytes(tail).finish())
          for (const { kind, value } of fields) expect(reader[kind]()).toBe(value)
          expect(reader.bytes(tail.length)).toEqual(tail)
          expect(reader.left).toBe(0)
        },
      ),
    )
  })

  test('put the most significant byte first, but for the little-endian fields', () => {
    const bytes = new ByteWriter()
      .u16(0x0102)
      .u32(0x03040506)
      .u64(2 ** 40)
      .u16le(0x0102)
      .u32le(0x03040506)
      .finish()
    expect([...bytes]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 1, 0, 0, 0, 0, 0, 2, 1, 6, 5, 4, 3])
  })

  test('reading past the end is corrupt, never rubbish', () => {
    for (const read of [
      (r: ByteReader) => r.u8(),
      (r: ByteReader) => r.u16(),
      (r: ByteReader) => r.u32(),
      (r: ByteReader) => r.u64(),
      (r: ByteReader) => r.bytes(1),
      (r: ByteReader) => r.untilZero(),
    ]) {
      expect(codeOf(() => read(new ByteReader(new Uint8Array(0))))).toBe(true)
    }
  })

  test('a zero byte ends a string and is taken with it', () => {
    const reader = new ByteReader(Uint8Array.of(65, 66, 0, 0, 67))
    expect(decodeUtf8(reader.untilZero())).toBe('AB')
    expect(reader.untilZero().length).toBe(0)
    expect(reader.u8()).toBe(67)
  })

  test('a length that is known later is written into its place', () => {
    const writer = new ByteWriter(4).u32(0)
    writer.bytes(new Uint8Array(100))
    writer.patchU32(0, writer.length)
    expect(new ByteReader(writer.finish()).u32()).toBe(104)
  })

  test('joined bytes are the pieces in order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        expect([...concatBytes(pieces)]).toEqual(pieces.flatMap((piece) => [...piece]))
      }),
    )
  })
})

function codeOf(run: () => unknown): boolean {
  try {
    run()
    return false
  } catch (error) {
    return hasCode(error, 'corrupt')
  }
}
