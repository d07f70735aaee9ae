import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Encoder } from '@evan/opus'
import fc from 'fast-check'
import { millis } from '../../base/units.ts'
import { readOpusFile } from '../../media/ogg/opus-file.ts'
import { toneAmplitude } from '../../media/pcm/goertzel.ts'
import { levelOf, peakOf } from '../../media/pcm/level.ts'
import { readWav, resample } from '../../media/pcm/wav.ts'
import { createDecoder, createEncoder } from './codec.ts'
import { SpeakerChannel } from './speaker-channel.ts'

const ROOT = join(import.meta.dir, '../../..')
const REAL_SPEECH = join(ROOT, '../shared/voices/librivox-en.wav')
const OWN_SPEECH = join(ROOT, 'src/rehearsal/voices/ana.opus')

/** Some twenty seconds of speech at 48 kHz: a real person's when at hand, else the demo's Ana. */
function speech(): Float32Array {
  if (existsSync(REAL_SPEECH))
    return resample(readWav(readFileSync(REAL_SPEECH)), 48_000).samples.subarray(0, 960_000)
  const decoder = createDecoder()
  const frames = readOpusFile(readFileSync(OWN_SPEECH))
    .packets.slice(0, 1_000)
    .map((packet) => decoder.decode(packet))
  decoder.close()
  return joined(frames)
}

function joined(frames: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(frames.reduce((sum, frame) => sum + frame.length, 0))
  let at = 0
  for (const frame of frames) {
    all.set(frame, at)
    at += frame.length
  }
  return all
}

const tone = (hz: number, from: number, count: number, amplitude = 0.3) =>
  Float32Array.from(
    { length: count },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hz * (from + i)) / 48_000),
  )

/** A tone as packets of any length, such as browsers send them. */
function tonePackets(hz: number, count: number, packetSamples = 960): Uint8Array[] {
  const encoder = new Encoder({ channels: 1, sample_rate: 48_000, application: 'voip' })
  encoder.bitrate = 32_000
  return Array.from({ length: count }, (_, i) => {
    const sound = tone(hz, i * packetSamples, packetSamples)
    return encoder.encode(Int16Array.from(sound, (value) => value * 32_767)).slice()
  })
}

interface Sent {
  readonly at: number
  readonly index: number
  readonly payload: Uint8Array
}

/** Plays what was sent through a channel, a frame for every 20 ms until `untilMs`. */
function listen(sent: readonly Sent[], untilMs: number, packetSamples = 960) {
  const channel = new SpeakerChannel()
  const frames: Float32Array[] = []
  let delayMax = 0
  let next = 0
  for (let now = 7; now < untilMs; now += 20) {
    for (; next < sent.length && (sent[next] as Sent).at <= now; next++) {
      const { index, payload, at } = sent[next] as Sent
      const timestamp = (index * packetSamples) >>> 0
      channel.push({ sequenceNumber: index & 0xffff, timestamp, payload }, millis(at))
    }
    frames.push(channel.pull(millis(now)).slice())
    if (now > 2_000) delayMax = Math.max(delayMax, channel.stats.delayMs)
  }
  const { stats } = channel
  channel.close()
  return { sound: joined(frames), stats, delayMax }
}
const punctual = (packets: readonly Uint8Array[], everyMs = 20): Sent[] =>
  packets.map((payload, index) => ({ at: index * everyMs, index, payload }))
const stepMax = (sound: Float32Array) => {
  let step = 0
  for (let i = 1; i < sound.length; i++)
    step = Math.max(step, Math.abs((sound[i] as number) - (sound[i - 1] as number)))
  return step
}

describe('the channel of a speaker', () => {
  test('gives 960 sane samples every tick, whatever arrives', () => {
    const packet = fc.record({
      payload: fc.uint8Array({ maxLength: 200 }),
      sequenceNumber: fc.integer({ min: 0, max: 40 }),
      timestamp: fc.integer({ min: 0, max: 40 }).map((n) => n * 960),
    })
    fc.assert(
      fc.property(fc.array(fc.array(packet, { maxLength: 4 }), { maxLength: 30 }), (ticks) => {
        const channel = new SpeakerChannel()
        ticks.forEach((packets, tick) => {
          for (const one of packets) channel.push(one, millis(tick * 20))
          const frame = channel.pull(millis(tick * 20 + 7))
          expect(frame.length).toBe(960)
          for (const value of frame) expect(Math.abs(value)).toBeLessThanOrEqual(2)
        })
        channel.close()
      }),
      { numRuns: 60 },
    )
  })

  test('with FEC and concealment loses far less to 10 % packet loss than silence would', () => {
    const pcm = speech()
    const encoder = createEncoder({ bitrateBps: 32_000, complexity: 5, fec: { expectedLossPercent: 10 } })
    const packets = Array.from({ length: Math.floor(pcm.length / 960) }, (_, i) =>
      encoder.encode(pcm.subarray(i * 960, (i + 1) * 960)),
    )
    encoder.close()
    let seed = 5
    const isLost = packets.map((_, i) => {
      seed = (seed * 16_807) % 2_147_483_647
      return i > 10 && seed / 2_147_483_647 < 0.1
    })
    const untilMs = packets.length * 20
    const whole = listen(punctual(packets), untilMs)
    const lossy = listen(
      punctual(packets).filter(({ index }) => !isLost[index]),
      untilMs,
    )
    const lost = isLost.filter(Boolean).length
    expect(lossy.stats.lost).toBeGreaterThan(lost - 5)
    expect(lossy.stats.recovered).toBeGreaterThan(0.8 * lost)
    expect(lossy.stats.loss).toBeGreaterThan(0.02)
    // Silence instead, at whichever delay suits it best.
    const silenced = [1, 2, 3, 4].map((delay) => {
      const sound = whole.sound.slice()
      isLost.forEach((gone, i) => {
        if (gone) sound.fill(0, (i + delay) * 960, (i + delay + 1) * 960)
      })
      return signalToError(whole.sound, sound)
    })
    expect(signalToError(whole.sound, lossy.sound)).toBeGreaterThan(Math.max(...silenced) + 1.5)
    expect(likeness(whole.sound, lossy.sound)).toBeGreaterThan(0.96)
  })

  test('falls silent within 200 ms of the last packet, and neither goes nor comes back with a click', () => {
    const packets = tonePackets(440, 200)
    const sent = punctual(packets).filter(({ index }) => index < 100 || index >= 150)
    const { sound } = listen(sent, 4_000)
    const last = 2_000 * 48
    expect(levelOf(sound.subarray(1_000 * 48, last))).toBeGreaterThan(-20)
    expect(peakOf(sound.subarray(last + 250 * 48, 3_000 * 48))).toBe(0)
    expect(levelOf(sound.subarray(3_200 * 48, 3_900 * 48))).toBeGreaterThan(-20)
    // A 440 Hz tone of 0.3 moves by 0.017 from sample to sample.
    expect(stepMax(sound.subarray(4_800))).toBeLessThan(0.05)
  })

  test('after a stall of one second plays the present: nothing stale is heard', () => {
    const before = tonePackets(440, 100)
    const stale = tonePackets(900, 50)
    const after = tonePackets(1_500, 100)
    const sent = punctual([...before, ...stale, ...after]).map((packet) =>
      packet.index >= 100 && packet.index < 150 ? { ...packet, at: 3_000 } : packet,
    )
    const { sound } = listen(sent, 5_000)
    const window = (fromMs: number) => sound.subarray(fromMs * 48, (fromMs + 100) * 48)
    expect(toneAmplitude(window(3_400), 900)).toBeLessThan(0.02)
    for (let at = 3_400; at < 4_800; at += 100) expect(toneAmplitude(window(at), 1_500)).toBeGreaterThan(0.15)
  })

  test.each([10, 40, 60])('plays packets of %d ms without a gap', (packetMs) => {
    const packetSamples = packetMs * 48
    const packets = tonePackets(500, 4_000 / packetMs, packetSamples)
    const { sound, stats } = listen(punctual(packets, packetMs), 3_900, packetSamples)
    expect(stats).toMatchObject({ lost: 0, concealed: 0, corrupt: 0 })
    for (let at = 500; at < 3_800; at += 20) {
      expect(toneAmplitude(sound.subarray(at * 48, (at + 20) * 48), 500)).toBeGreaterThan(0.2)
    }
  })

  test.each([-2_000, 2_000])('follows a sender whose clock is %d ppm off without a dropout', (ppm) => {
    const packets = tonePackets(300, 2_000)
    const { sound, stats, delayMax } = listen(punctual(packets, 20 / (1 + ppm / 1e6)), 39_000)
    expect(stats).toMatchObject({ lost: 0, dropped: 0, concealed: 0 })
    expect(delayMax).toBeLessThan(95)
    for (let at = 500; at < 38_900; at += 20) {
      expect(toneAmplitude(sound.subarray(at * 48, (at + 20) * 48), 300)).toBeGreaterThan(0.15)
    }
  })
})

/** In dB: how far `sound` is from `reference`. */
function signalToError(reference: Float32Array, sound: Float32Array): number {
  let signal = 0
  let error = 0
  for (let i = 0; i < reference.length; i++) {
    signal += (reference[i] as number) ** 2
    error += ((reference[i] as number) - (sound[i] as number)) ** 2
  }
  return 10 * Math.log10(signal / error)
}

/** Normalized correlation, −1…1. */
function likeness(a: Float32Array, b: Float32Array): number {
  let cross = 0
  let first = 0
  let second = 0
  for (let i = 0; i < a.length; i++) {
    cross += (a[i] as number) * (b[i] as number)
    first += (a[i] as number) ** 2
    second += (b[i] as number) ** 2
  }
  return cross / Math.sqrt(first * second)
}
