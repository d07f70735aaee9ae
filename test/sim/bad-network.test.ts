// Sound under a bad network, at the level where it is made: real speech in real Opus with in-band FEC, through loss,
// bursts, jitter and reorder by a seed, into the stage's own jitter buffer and decoder. Bounded, no growth of delay, and
// still the same words. The clock is simulated: two hours take seconds.

import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { FRAME_SAMPLES, millis, samples } from '../../src/base/units.ts'
import { CATCH_UP_MS, JitterBuffer, type Pulled } from '../../src/core/jitter/jitter-buffer.ts'
import { SPAN_PACKETS_MAX } from '../../src/core/jitter/packet-store.ts'
import { TARGET_MAX_MS } from '../../src/core/jitter/target-delay.ts'
import { readOpusFile } from '../../src/media/ogg/opus-file.ts'
import { createDecoder, createEncoder } from '../../src/roles/stage/codec.ts'
import { SpeakerChannel } from '../../src/roles/stage/speaker-channel.ts'
import { decimate, recognise } from '../harness/recognise.ts'
import { seeded } from '../harness/seeded.ts'

const PACKET_MS = 20
const SPEECH_PACKETS = 1_200
/** To 8 kHz, at which voices are compared. */
const DECIMATION = 6
/** Of `recognise`: chance reaches 5. */
const RECOGNISED = 40
/** What the jitter buffer may add on top of its target for a moment. */
const DELAY_MS_MAX = TARGET_MAX_MS + CATCH_UP_MS + PACKET_MS

interface Network {
  readonly loss: number
  /** Silence of 300 ms at a time, this often. */
  readonly burstEveryMs?: number
  readonly jitterMs: number
  /** Share held back 40 ms longer. */
  readonly reorder: number
  readonly driftPpm: number
}

const BURST_MS = 300
const HELD_BACK_MS = 40

/** When each packet arrives, in order of arrival; lost ones are left out. Endless. */
function* arrivals(
  network: Network,
  seed: number,
): Generator<{ readonly at: number; readonly index: number }> {
  const random = seeded(seed)
  const every = PACKET_MS * (1 - network.driftPpm / 1e6)
  const waiting: { at: number; index: number }[] = []
  for (let index = 0; ; index++) {
    const sentAt = index * every
    const inBurst =
      network.burstEveryMs !== undefined && sentAt % network.burstEveryMs >= network.burstEveryMs - BURST_MS
    const isLost = random() < network.loss || inBurst
    const late = random() * network.jitterMs + (random() < network.reorder ? HELD_BACK_MS : 0)
    if (!isLost) waiting.push({ at: sentAt + late, index })
    waiting.sort((a, b) => a.at - b.at)
    // What arrives before the next one is sent cannot be overtaken any more.
    while (waiting[0] !== undefined && waiting[0].at < sentAt)
      yield waiting.shift() as { at: number; index: number }
  }
}

const BAD: Network = { loss: 0.1, burstEveryMs: 5_000, jitterMs: 150, reorder: 0.05, driftPpm: 0 }

/** Ana, decoded, and sent again as a browser sends: 20 ms packets with in-band FEC. */
const spoken = (() => {
  const decoder = createDecoder()
  const file = readOpusFile(readFileSync(new URL('../../src/rehearsal/voices/ana.opus', import.meta.url)))
  const frames = file.packets
    .slice(0, SPEECH_PACKETS)
    .map((packet) => decoder.decode(packet).slice(0, FRAME_SAMPLES))
  decoder.close()
  const encoder = createEncoder({ bitrateBps: 32_000, complexity: 5, fec: { expectedLossPercent: 15 } })
  const packets = frames.map((frame) => encoder.encode(frame))
  encoder.close()
  return { pcm: decimate(joined(frames), DECIMATION), packets }
})()

function joined(frames: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(frames.length * FRAME_SAMPLES)
  for (const [i, frame] of frames.entries()) all.set(frame, i * FRAME_SAMPLES)
  return all
}

/** What the mix gets of the speech, and the longest delay on the way. */
function hearThrough(network: Network, seed: number) {
  const channel = new SpeakerChannel()
  const coming = arrivals(network, seed)
  let next = coming.next().value as { at: number; index: number }
  const heard: Float32Array[] = []
  let delayMsMax = 0
  for (let now = 7; now < SPEECH_PACKETS * PACKET_MS; now += PACKET_MS) {
    for (; next.at <= now; next = coming.next().value as { at: number; index: number }) {
      const payload = spoken.packets[next.index]
      if (payload === undefined) break
      const timestamp = next.index * FRAME_SAMPLES
      channel.push({ sequenceNumber: next.index & 0xffff, timestamp, payload, ssrc: 1 }, millis(next.at))
    }
    heard.push(channel.pull(millis(now)).slice())
    delayMsMax = Math.max(delayMsMax, channel.stats.delayMs)
  }
  const { stats } = channel
  channel.close()
  const pcm = decimate(joined(heard), DECIMATION)
  return { stats, delayMsMax, score: recognise(pcm, spoken.pcm).score, levels: agreement(pcm, spoken.pcm) }
}

/** Correlation of loudness over time, in steps of 40 ms, at the best of all lags up to half a second: 1 is the same. */
function agreement(heard: Float32Array, clean: Float32Array): number {
  const step = 320
  const envelope = (pcm: Float32Array) =>
    Array.from({ length: Math.floor(pcm.length / step) }, (_, i) => {
      let sum = 0
      for (let k = i * step; k < (i + 1) * step; k++) sum += (pcm[k] as number) ** 2
      return Math.sqrt(sum / step)
    })
  const [a, b] = [envelope(heard), envelope(clean)]
  return Math.max(
    ...Array.from({ length: 13 }, (_, lag) => correlation(a.slice(lag), b.slice(0, a.length - lag))),
  )
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length)
  const mean = (values: readonly number[]) =>
    values.slice(0, length).reduce((sum, value) => sum + value, 0) / length
  const [meanA, meanB] = [mean(a), mean(b)]
  let [both, squareA, squareB] = [0, 0, 0]
  for (let i = 0; i < length; i++) {
    const [x, y] = [(a[i] as number) - meanA, (b[i] as number) - meanB]
    both += x * y
    squareA += x * x
    squareB += y * y
  }
  return both / Math.sqrt(squareA * squareB)
}

describe('speech through a bad network', () => {
  test.each([
    ['nothing at all', { ...BAD, loss: 0, jitterMs: 0, reorder: 0, burstEveryMs: 1e9 }, 0.94],
    ['10 % random loss', { ...BAD, jitterMs: 0, reorder: 0, burstEveryMs: 1e9 }, 0.93],
    ['300 ms bursts every 5 s', { ...BAD, loss: 0, jitterMs: 0, reorder: 0 }, 0.9],
    ['jitter of 0 to 150 ms, and reorder', { ...BAD, loss: 0, burstEveryMs: 1e9 }, 0.88],
    ['all of it at once', BAD, 0.85],
  ] as const)('%s: bounded, and the same words', (what, network, levelsMin) => {
    const { stats, delayMsMax, score, levels } = hearThrough(network, 7)
    console.log(
      `   ${what}: recognised ${score.toFixed(1)}, loudness ${levels.toFixed(3)}, delay at most ${delayMsMax.toFixed(0)} ms,` +
        ` lost ${stats.lost} of ${stats.expected}, by FEC ${stats.recovered}, concealed ${stats.concealed}`,
    )
    expect(score).toBeGreaterThan(RECOGNISED)
    expect(levels).toBeGreaterThan(levelsMin)
    expect(delayMsMax).toBeLessThanOrEqual(DELAY_MS_MAX)
  })

  test.each([-200, 200])('two hours of all of it, with a clock %d ppm off: nothing grows', (driftPpm) => {
    const buffer = new JitterBuffer()
    const coming = arrivals({ ...BAD, driftPpm }, 11)
    const payload = spoken.packets[0] as Uint8Array
    let next = coming.next().value as { at: number; index: number }
    let held = 0
    let sizeMax = 0
    const hours: [number, number] = [0, 0]
    const sums: [number, number] = [0, 0]
    const ticks = (2 * 3_600_000) / PACKET_MS
    for (let tick = 0; tick < ticks; tick++) {
      const now = 7 + tick * PACKET_MS
      for (; next.at <= now; next = coming.next().value as { at: number; index: number }) {
        const packet = {
          sequenceNumber: next.index & 0xffff,
          timestamp: (next.index * FRAME_SAMPLES) >>> 0,
          payload,
        }
        buffer.push(packet, millis(next.at))
        sizeMax = Math.max(sizeMax, buffer.size)
      }
      while (held < FRAME_SAMPLES) held += durationOf(buffer.pull(millis(now), samples(held)))
      held -= FRAME_SAMPLES
      const hour = tick < ticks / 2 ? 0 : 1
      hours[hour] = Math.max(hours[hour], buffer.stats.delayMs)
      sums[hour] += buffer.stats.delayMs / (ticks / 2)
    }
    console.log(
      `   ${driftPpm} ppm: delay ${sums.map((sum) => sum.toFixed(1)).join(' and ')} ms on average, at most ${hours.map((ms) => ms.toFixed(0)).join(' and ')}`,
    )
    expect(sizeMax).toBeLessThanOrEqual(SPAN_PACKETS_MAX)
    expect(Math.max(...hours)).toBeLessThanOrEqual(DELAY_MS_MAX)
    // 200 ppm over an hour are 720 ms.
    expect(Math.abs(sums[1] - sums[0])).toBeLessThan(10)
    const { expected, lost } = buffer.stats
    expect(lost / expected).toBeLessThan(0.2)
  })
})

/** Sound that a pull stands for, with what the channel makes of its wish for more or less. */
function durationOf(pulled: Pulled): number {
  if (pulled.kind !== 'packet') return pulled.duration
  return FRAME_SAMPLES + (pulled.lean === 'hold' ? 0 : pulled.lean === 'shrink' ? -240 : 240)
}
