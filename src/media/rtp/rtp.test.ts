import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { dbov } from '../../base/units.ts'
import { isRtcp, parseRtp, writeRtp } from './rtp.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const HEADER = [0x80, 0x6f, 0x12, 0x34, 0, 0, 3, 0xc0, 0xde, 0xad, 0xbe, 0xef]

describe('RTP', () => {
  test('what is written reads back, for any packet', () => {
    const packet = fc.record({
      payloadType: fc.integer({ min: 0, max: 127 }),
      sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
      timestamp: fc.integer({ min: 0, max: 0xffffffff }),
      ssrc: fc.integer({ min: 0, max: 0xffffffff }),
      marker: fc.boolean(),
      payload: fc.uint8Array({ maxLength: 200 }),
      level: fc.record({
        dbov: fc.integer({ min: 0, max: 127 }).map((n) => dbov(0 - n)),
        voice: fc.boolean(),
      }),
    })
    fc.assert(
      fc.property(packet, fc.integer({ min: 1, max: 14 }), (written, levelId) => {
        expect(parseRtp(writeRtp({ ...written, levelId }), { level: levelId })).toEqual({
          kind: 'rtp',
          ...written,
        })
        const { level, ...plain } = written
        expect(parseRtp(writeRtp(plain), { level: levelId })).toEqual({ kind: 'rtp', ...plain })
      }),
    )
  })

  test('no bytes make the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (noise, isVersion2) => {
        if (isVersion2 && noise.length > 0) noise[0] = ((noise[0] as number) & 0x3f) | 0x80
        const parsed = parseRtp(noise, { level: 1 })
        if (parsed.kind === 'rtp') expect(parsed.payload.length).toBeLessThanOrEqual(noise.length - 12)
        isRtcp(noise)
      }),
      { numRuns: 2_000 },
    )
  })

  test('contributing sources and padding are left out of the payload', () => {
    const packet = bytes(0xa2, ...HEADER.slice(1), 1, 1, 1, 1, 2, 2, 2, 2, 7, 8, 9, 0, 0, 3)
    expect(parseRtp(packet)).toMatchObject({
      kind: 'rtp',
      payload: bytes(7, 8, 9),
      payloadType: 111,
      timestamp: 960,
    })
  })

  test('a level is found in one-byte and in two-byte extensions, behind others and padding', () => {
    // id 2, two bytes · padding · id 1: voice, −40 dBov
    const oneByte = bytes(0x90, ...HEADER.slice(1), 0xbe, 0xde, 0, 2, 0x21, 9, 9, 0, 0x10, 0x80 | 40, 0, 0, 5)
    expect(parseRtp(oneByte, { level: 1 })).toMatchObject({
      level: { dbov: -40, voice: true },
      payload: bytes(5),
    })
    // id 2, no bytes · id 20: −127 dBov
    const twoByte = bytes(0x90, ...HEADER.slice(1), 0x10, 0x05, 0, 2, 2, 0, 20, 1, 127, 0, 0, 0, 5)
    expect(parseRtp(twoByte, { level: 20 })).toMatchObject({ level: { dbov: -127, voice: false } })
  })

  test('an extension element that runs over the end is no level, and one-byte id 15 ends the list', () => {
    const overrun = bytes(0x90, ...HEADER.slice(1), 0xbe, 0xde, 0, 1, 0x2f, 0, 0x10, 1, 5)
    expect(parseRtp(overrun, { level: 1 })).not.toHaveProperty('level')
    const ended = bytes(0x90, ...HEADER.slice(1), 0xbe, 0xde, 0, 1, 0xf0, 0, 0x10, 1, 5)
    expect(parseRtp(ended, { level: 1 })).not.toHaveProperty('level')
  })

  test.each([
    ['shorter than the fixed header', HEADER.slice(0, 11)],
    ['version 1', [0x40, ...HEADER.slice(1)]],
    ['the header extension is cut off', [0x90, ...HEADER.slice(1), 0xbe, 0xde, 0, 9]],
    ['the list of contributing sources is cut off', [0x8f, ...HEADER.slice(1)]],
    ['padding of zero bytes', [0xa0, ...HEADER.slice(1), 1, 0]],
    ['more padding than packet', [0xa0, ...HEADER.slice(1), 1, 9]],
  ])('malformed: %s', (reason, packet) => {
    expect(parseRtp(Uint8Array.from(packet))).toEqual({ kind: 'malformed', reason })
  })

  test('RTCP is told from RTP by its second byte', () => {
    expect([191, 192, 200, 223, 224].map((second) => isRtcp(bytes(0x80, second)))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
    expect(isRtcp(bytes(0x80))).toBe(false)
  })
})
