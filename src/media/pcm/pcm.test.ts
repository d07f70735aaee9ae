import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { toneAmplitude } from './goertzel.ts'
import { dbovOfEnergy, gainOfDb, levelOf, peakOf } from './level.ts'
import { floatFromInt16, int16FromFloat } from './sample-format.ts'
import { readWav, resample, writeWav } from './wav.ts'

const sine = (hz: number, amplitude: number, count: number, rate = 48_000) =>
  Float32Array.from({ length: count }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rate))

describe('PCM', () => {
  test('a full-scale square wave is 0 dBov, a full-scale sine −3, nothing at all −127', () => {
    expect(levelOf(new Float32Array(960).fill(-1))).toBe(levelOf(new Float32Array(960).fill(1)))
    expect(levelOf(new Float32Array(960).fill(1))).toBeCloseTo(0, 6)
    expect(levelOf(sine(1_000, 1, 960))).toBeCloseTo(-3.01, 2)
    expect(levelOf(new Float32Array(960))).toBe(dbovOfEnergy(0))
    expect(dbovOfEnergy(0)).toBe(dbovOfEnergy(1e-30))
    expect(dbovOfEnergy(Number.NaN)).toBe(dbovOfEnergy(0))
    expect(gainOfDb(-6)).toBeCloseTo(0.501, 3)
    expect(peakOf(Float32Array.of(0.1, -0.7, 0.5))).toBeCloseTo(0.7, 6)
  })

  test('a tone is heard at its own frequency and not at another', () => {
    const mixed = sine(440, 0.5, 4_800).map((v, i) => v + (sine(1_000, 0.25, 4_800)[i] as number))
    expect(toneAmplitude(mixed, 440)).toBeCloseTo(0.5, 3)
    expect(toneAmplitude(mixed, 1_000)).toBeCloseTo(0.25, 3)
    expect(toneAmplitude(mixed, 700)).toBeLessThan(0.02)
  })

  test('16-bit samples survive the way to floats and back', () => {
    fc.assert(
      fc.property(fc.int16Array(), (integers) => {
        expect(int16FromFloat(floatFromInt16(integers))).toEqual(integers)
      }),
    )
    expect([...int16FromFloat(Float32Array.of(2, -2, Number.NaN))]).toEqual([32_767, -32_768, 0])
  })

  test('a WAV file reads back, keeps its length past a lying header, and can be resampled', () => {
    const samples = sine(440, 0.5, 16_000, 16_000)
    const file = writeWav({ sampleRateHz: 16_000, samples })
    new DataView(file.buffer).setUint32(40, 0xffffffff, true)
    const wav = readWav(file)
    expect(wav.samples.length).toBe(16_000)
    expect(toneAmplitude(wav.samples, 440, 16_000)).toBeCloseTo(0.5, 3)
    const at48 = resample(wav, 48_000)
    expect(at48.samples.length).toBe(48_000)
    expect(toneAmplitude(at48.samples, 440)).toBeCloseTo(0.5, 2)
  })

  test('what is no WAV file, or another encoding, is refused', () => {
    expect(() => readWav(new Uint8Array(100))).toThrow('not a WAV')
    const float = writeWav({ sampleRateHz: 8_000, samples: new Float32Array(10) })
    float[20] = 3
    expect(() => readWav(float)).toThrow('16-bit')
  })
})
