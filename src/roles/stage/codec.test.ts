import { describe, expect, test } from 'bun:test'
import { Encoder } from '@evan/opus'
import fc from 'fast-check'
import { parseToc } from '../../media/opus/toc.ts'
import { toneAmplitude } from '../../media/pcm/goertzel.ts'
import { levelOf, peakOf } from '../../media/pcm/level.ts'
import { createDecoder, createEncoder } from './codec.ts'
import { DECODERS_MAX, libOpus } from './libopus.ts'
import { makeSlate, PROGRAM_ENCODER, type ProgramPacket } from './slate.ts'

const tone = (hz: number, tick: number, amplitude = 0.3) =>
  Float32Array.from(
    { length: 960 },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * (tick * 960 + i)) / 48_000),
  )

describe('the codecs', () => {
  test('carry a tone, in mono packets of 20 ms near the asked bit rate', () => {
    const encoder = createEncoder(PROGRAM_ENCODER)
    const decoder = createDecoder()
    let bytes = 0
    let last: Float32Array = new Float32Array(0)
    for (let tick = 0; tick < 100; tick++) {
      const packet = encoder.encode(tone(500, tick))
      expect(parseToc(packet)).toMatchObject({ duration: 960, isStereo: false })
      bytes += packet.length
      last = decoder.decode(packet)
    }
    expect(toneAmplitude(last, 500)).toBeCloseTo(0.3, 1)
    expect((bytes * 8) / 2).toBeLessThan(60_000)
    encoder.close()
    decoder.close()
  })

  test("a packet is the caller's own: later packets do not change it", () => {
    const encoder = createEncoder(PROGRAM_ENCODER)
    const first = encoder.encode(tone(300, 0))
    const copy = first.slice()
    for (let tick = 1; tick < 20; tick++) encoder.encode(tone(900, tick))
    expect(first).toEqual(copy)
    expect(first.buffer.byteLength).toBe(first.length)
    encoder.close()
  })

  test('stereo packets become mono', () => {
    const stereo = new Encoder({ channels: 2, sample_rate: 48_000, application: 'audio' })
    const decoder = createDecoder()
    let sound: Float32Array = new Float32Array(0)
    for (let tick = 0; tick < 50; tick++) {
      const left = tone(400, tick)
      const right = tone(1_000, tick)
      const both = Int16Array.from(
        { length: 1_920 },
        (_, i) => 32_767 * ((i & 1 ? right : left)[i >> 1] as number),
      )
      const packet = stereo.encode(both)
      expect(parseToc(packet).isStereo).toBe(true)
      sound = decoder.decode(packet)
    }
    expect(sound.length).toBe(960)
    expect(toneAmplitude(sound, 400)).toBeGreaterThan(0.1)
    expect(toneAmplitude(sound, 1_000)).toBeGreaterThan(0.1)
    decoder.close()
  })

  test('concealment goes on for a moment and then dies away', () => {
    const encoder = createEncoder({ bitrateBps: 32_000, complexity: 5, fec: { expectedLossPercent: 10 } })
    const decoder = createDecoder()
    for (let tick = 0; tick < 30; tick++) decoder.decode(encoder.encode(tone(200, tick)))
    expect(levelOf(decoder.conceal())).toBeGreaterThan(-25)
    for (let i = 0; i < 60; i++) decoder.conceal()
    expect(levelOf(decoder.conceal())).toBeLessThan(-50)
    encoder.close()
    decoder.close()
  })

  test('no bytes make the decoder throw; what it refuses is counted and concealed', () => {
    const decoder = createDecoder()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_600 }), (noise) => {
        const sound = decoder.decode(noise)
        expect(sound.length).toBeGreaterThan(0)
        expect(sound.length % 120).toBe(0)
        expect(decoder.recover(noise).length).toBe(960)
      }),
      { numRuns: 300 },
    )
    expect(decoder.corrupt).toBeGreaterThan(0)
    decoder.close()
  })

  test('decoders are freed when closed, and bounded in number', () => {
    const before = libOpus().decoders
    for (let i = 0; i < 3 * DECODERS_MAX; i++) {
      const decoder = createDecoder()
      decoder.close()
      decoder.close()
    }
    expect(libOpus().decoders).toBe(before)
    const open = Array.from({ length: DECODERS_MAX - before }, () => createDecoder())
    expect(() => createDecoder()).toThrow('already decodes')
    for (const decoder of open) decoder.close()
    expect(libOpus().decoders).toBe(before)
  })
})

describe('a slate', () => {
  const decoded = (kind: 'silence' | 'chime', from: number, count: number, track: keyof ProgramPacket) => {
    const slate = makeSlate(kind)
    const decoder = createDecoder()
    const sound = new Float32Array(count * 960)
    for (let i = 0; i < count; i++) {
      const packet = slate.packetAt(from + i)[track]
      expect(parseToc(packet)).toMatchObject({ duration: 960, isStereo: false })
      sound.set(decoder.decode(packet), i * 960)
    }
    decoder.close()
    return { slate, sound }
  }

  test.each(['opus', 'low'] as const)('of silence is silent for ever (%s)', (track) => {
    const { slate, sound } = decoded('silence', 123_456, 100, track)
    expect(peakOf(sound)).toBeLessThan(1e-3)
    expect(slate.packetAt(0)).toBe(slate.packetAt(slate.length))
  })

  const softly =
    'with a chime rings softly, loops every ten seconds, and has no click where it begins again (%s)'
  test.each(['opus', 'low'] as const)(softly, (track) => {
    const { slate, sound } = decoded('chime', 0, 520, track)
    expect(slate.length).toBe(500)
    expect(slate.packetAt(3)).toBe(slate.packetAt(503))
    expect(peakOf(sound)).toBeLessThan(0.1)
    expect(toneAmplitude(sound.subarray(30_000, 39_600), 587.33)).toBeGreaterThan(0.01)
    expect(toneAmplitude(sound.subarray(270_000, 279_600), 440)).toBeGreaterThan(0.01)
    expect(peakOf(sound.subarray(9.9 * 48_000, 10.3 * 48_000))).toBeLessThan(0.005)
  })
})
