import { describe, expect, test } from 'bun:test'
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { encodeUtf8 } from '../../base/bytes.ts'
import { type HmacSha1, hasFingerprint, hasIntegrity, vouchedFor, writeSigned } from './integrity.ts'
import { ATTRIBUTE, attributeOf, classOf, parseStun, streamedLength, writeStun } from './message.ts'
import { readXorAddress, writeXorAddress } from './xor-address.ts'

const hmac: HmacSha1 = (key, bytes) => new Uint8Array(createHmac('sha1', key).update(bytes).digest())
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'))

/** RFC 5769. */
const VECTORS = {
  password: encodeUtf8('VOkJxbRl1RmTxUk/WvJxBt'),
  /** 2.1 */
  request: hex(`
    00010058 2112a442 b7e7a701bc34d686fa87dfae
    80220010 5354554e207465737420636c69656e74
    00240004 6e0001ff 80290008 932ff9b151263b36
    00060009 6576746a3a68367659202020
    00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
    80280004 e57a3bcf`),
  /** 2.2 */
  answer4: hex(`
    0101003c 2112a442 b7e7a701bc34d686fa87dfae
    8022000b 7465737420766563746f7220
    00200008 0001a147e112a643
    00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
    80280004 c07d4c96`),
  /** 2.3 */
  answer6: hex(`
    01010048 2112a442 b7e7a701bc34d686fa87dfae
    8022000b 7465737420766563746f7220
    00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9
    00080014 a382954e4be67bf11784c97c8292c275bfe3ed41
    80280004 c8fb0b4c`),
  /** 2.4 */
  longTerm: hex(`
    00010060 2112a442 78ad3433c6ad72c029da412e
    00060012 e3839ee38388e383aae38383e382afe382b90000
    0015001c 662f2f3439396b39353464364f4c33346f4c394653547679363473 41
    0014000b 6578616d706c652e6f726700
    00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666`),
} as const

describe('the messages of RFC 5769', () => {
  test('are read, and prove who made them', () => {
    for (const name of ['request', 'answer4', 'answer6'] as const) {
      const bytes = VECTORS[name]
      expect([name, hasIntegrity(bytes, VECTORS.password, hmac), hasFingerprint(bytes)]).toEqual([
        name,
        true,
        true,
      ])
      expect(hasIntegrity(bytes, encodeUtf8('another'), hmac)).toBe(false)
    }
    const request = parseStun(VECTORS.request)
    expect(request?.type).toBe(1)
    expect(request?.attributes.map(({ type }) => type)).toEqual([0x8022, 0x24, 0x8029, 6, 8, 0x8028])
    expect(Buffer.from(attributeOf(request as never, ATTRIBUTE.username) as Uint8Array).toString()).toBe(
      'evtj:h6vY',
    )
    expect(classOf(parseStun(VECTORS.answer4) as never)).toBe(2)
  })

  test('with long-term credentials are proven by a key of name, realm and password', () => {
    const key = createHash('md5').update('マトリックス:example.org:TheMatrIX').digest()
    expect(hasIntegrity(VECTORS.longTerm, new Uint8Array(key), hmac)).toBe(true)
    expect(hasFingerprint(VECTORS.longTerm)).toBe(false)
  })

  test('name addresses of both families', () => {
    const read = (bytes: Uint8Array) => {
      const message = parseStun(bytes) as NonNullable<ReturnType<typeof parseStun>>
      const value = attributeOf(message, ATTRIBUTE.xorMappedAddress) as Uint8Array
      const address = readXorAddress(value, message.transactionId)
      expect(writeXorAddress(address as never, message.transactionId)).toEqual(value)
      return address
    }
    expect(read(VECTORS.answer4)).toEqual({ ip: Uint8Array.of(192, 0, 2, 1), port: 32_853 })
    const six = hex('20010db8123456780011223344556677')
    expect(read(VECTORS.answer6)).toEqual({ ip: six, port: 32_853 })
  })
})

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const messages = fc.record({
  type: fc.integer({ min: 0, max: 0x03ff }),
  transactionId: bytesOf(12),
  attributes: fc.array(
    fc.record({
      type: fc.integer({ min: 0, max: 0xffff }).filter((type) => type !== 8 && type !== 0x8028),
      value: fc.uint8Array({ maxLength: 40 }),
    }),
    { maxLength: 8 },
  ),
})

describe('any message', () => {
  test('is read as it was written, whole or signed, and by itself on a stream', () => {
    fc.assert(
      fc.property(messages, bytesOf(20), (message, key) => {
        const plain = writeStun(message)
        expect(parseStun(plain)).toEqual(message)
        const signed = writeSigned(message, key, hmac)
        expect(streamedLength(new Uint8Array([...signed, 1, 2, 3]))).toBe(signed.length)
        expect([hasIntegrity(signed, key, hmac), hasFingerprint(signed)]).toEqual([true, true])
        expect(vouchedFor(parseStun(signed) as never)).toEqual(message)
      }),
    )
  })

  test('proves nothing any more once a byte of it is another', () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.integer({ min: 1, max: 255 }), (message, where, flip) => {
        const key = encodeUtf8('north wind')
        const signed = writeSigned(message, key, hmac)
        signed[where % signed.length] = (signed[where % signed.length] as number) ^ flip
        expect(hasIntegrity(signed, key, hmac) && hasFingerprint(signed)).toBe(false)
      }),
    )
  })

  test('may be rubbish, which is no message and throws nothing', () => {
    const rubbish = fc
      .tuple(fc.uint8Array({ maxLength: 80 }), fc.boolean())
      .map(([bytes, begun]) =>
        begun ? new Uint8Array([...VECTORS.request.subarray(0, 20), ...bytes]) : bytes,
      )
    fc.assert(
      fc.property(rubbish, (bytes) => {
        const message = parseStun(bytes)
        if (message !== undefined) expect(writeStun(message)).toHaveLength(bytes.length)
        expect(hasIntegrity(bytes, VECTORS.password, hmac)).toBe(false)
        expect(readXorAddress(bytes, new Uint8Array(12))?.ip.length ?? 4).toBeGreaterThan(3)
      }),
    )
  })
})
