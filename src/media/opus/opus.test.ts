import { describe, expect, test } from 'bun:test'
import { Encoder } from '@evan/opus'
import fc from 'fast-check'
import { samples } from '../../base/units.ts'
import { encodeOpusHead, encodeOpusTags, parseOpusHead, parseOpusTags } from './headers.ts'
import { assertProgramPacket, PROGRAM_HEAD, SILENT_PACKET } from './program.ts'
import { parseToc } from './toc.ts'

describe('the table of contents', () => {
  // RFC 6716, table 2: the length of a frame in samples at 48 kHz for each of the 32 configurations.
  const FRAME_SAMPLES_BY_CONFIG = [
    ...[480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880],
    ...[480, 960, 480, 960],
    ...[120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960],
  ]

  test('of each configuration gives its mode and length', () => {
    for (const [config, frame] of FRAME_SAMPLES_BY_CONFIG.entries()) {
      const mode = config < 12 ? 'silk' : config < 16 ? 'hybrid' : 'celt'
      const toc = parseToc(Uint8Array.of(config << 3))
      expect(toc).toEqual({ mode, isStereo: false, frameCount: 1, duration: samples(frame) })
    }
  })

  test('gives the number of frames for each way of packing', () => {
    expect(parseToc(Uint8Array.of(0xf8 | 1)).frameCount).toBe(2)
    expect(parseToc(Uint8Array.of(0xf8 | 2)).frameCount).toBe(2)
    expect(parseToc(Uint8Array.of(0xf8 | 3, 0xc6))).toMatchObject({ frameCount: 6, duration: 5760 })
    expect(parseToc(Uint8Array.of(0xfc)).isStereo).toBe(true)
  })

  test.each([
    ['nothing', []],
    ['no frame count where one belongs', [0xfb]],
    ['no frame at all', [0xfb, 0]],
    ['more than 120 ms', [0xfb, 7]],
  ])('of a packet with %s is refused', (_, bytes) => {
    expect(() => parseToc(Uint8Array.from(bytes))).toThrow('Opus packet')
  })
})

describe('headers', () => {
  test('of a program are the nineteen bytes of RFC 7845', () => {
    expect(Buffer.from(encodeOpusHead(PROGRAM_HEAD)).toString('hex')).toBe(
      `${Buffer.from('OpusHead').toString('hex')}0101380180bb0000000000`,
    )
  })

  test('come back as they were written', () => {
    const head = fc.record({
      channels: fc.integer({ min: 1, max: 2 }),
      preSkip: fc.nat(0xffff).map(samples),
      inputRateHz: fc.integer({ min: 0, max: 0xffffffff }),
      outputGainQ8: fc.integer({ min: -32768, max: 32767 }),
    })
    const tags = fc.record({
      vendor: fc.string({ unit: 'binary' }),
      comments: fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }),
    })
    fc.assert(
      fc.property(head, tags, (head, tags) => {
        expect(parseOpusHead(encodeOpusHead(head))).toEqual(head)
        expect(parseOpusTags(encodeOpusTags(tags))).toEqual(tags)
      }),
    )
  })

  test('that are torn, foreign or endless are refused', () => {
    const head = encodeOpusHead(PROGRAM_HEAD)
    for (let end = 0; end < head.length; end++) expect(() => parseOpusHead(head.subarray(0, end))).toThrow()
    expect(() => parseOpusHead(encodeOpusTags({ vendor: '', comments: [] }))).toThrow('no OpusHead')
    expect(() => parseOpusHead(head.with(8, 0x10))).toThrow('newer')
    expect(() => parseOpusHead(head.with(18, 1))).toThrow('mapping')
    const tags = encodeOpusTags({ vendor: '', comments: [] })
    expect(() => parseOpusTags(tags.with(13, 0x10))).toThrow('comments')
    expect(() => parseOpusTags(tags.with(9, 0x7f))).toThrow('end too early')
  })
})

describe('a packet of the program', () => {
  test('is 20 ms of mono, as the encoder and the silent packet have it', () => {
    const encoder = new Encoder({ channels: 1, sample_rate: 48000, application: 'audio' })
    expect(() => assertProgramPacket(encoder.encode(new Int16Array(960)))).not.toThrow()
    expect(() => assertProgramPacket(SILENT_PACKET)).not.toThrow()
  })

  test('is neither stereo nor of another length', () => {
    const stereo = new Encoder({ channels: 2, sample_rate: 48000, application: 'audio' })
    stereo.force_channels = 2
    stereo.bitrate = 128_000
    expect(() =>
      assertProgramPacket(stereo.encode(new Int16Array(1920).map((_, i) => (i % 97) * 200))),
    ).toThrow('mono')
    expect(() => assertProgramPacket(Uint8Array.of(0xf0))).toThrow('960')
  })
})
