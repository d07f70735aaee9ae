import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Millis, millis, type Samples, samples } from '../../base/units.ts'
import { CATCH_UP_MS, CONCEAL_FRAMES_MAX, JitterBuffer, type Pulled } from './jitter-buffer.ts'
import { SPAN_PACKETS_MAX } from './packet-store.ts'
import { TARGET_MARGIN_MS, TARGET_MAX_MS } from './target-delay.ts'

/** What punctual packets of 20 ms come to. */
const TARGET_MIN_MS = 20 + TARGET_MARGIN_MS
/** TOC bytes of one mono CELT frame (config 31, 30) and of one SILK frame of 40 and 60 ms (config 10, 11). */
const TOC = { 20: 0xf8, 10: 0xf0, 40: 0x50, 60: 0x58 } as const
type PacketMs = keyof typeof TOC

const payload = (index: number, ms: PacketMs = 20) => Uint8Array.of(TOC[ms], index >> 8, index & 255)
const indexOf = (bytes: Uint8Array) => ((bytes[1] as number) << 8) | (bytes[2] as number)

interface Arrival {
  readonly at: number
  readonly index: number
}
interface Options {
  readonly firstSequence?: number
  readonly firstTimestamp?: number
  readonly packetMs?: PacketMs
  readonly untilMs: number
}
interface Heard {
  readonly at: number
  readonly pulled: Pulled
}

/** Plays a timetable of arrivals to a buffer and pulls as a stage does: every 20 ms, until a frame is full. */
function play(arrivals: readonly Arrival[], options: Options) {
  const { firstSequence = 0, firstTimestamp = 0, packetMs = 20, untilMs } = options
  const buffer = new JitterBuffer()
  const inOrder = arrivals.toSorted((a, b) => a.at - b.at)
  const heard: Heard[] = []
  let held = 0
  let next = 0
  let sizeMax = 0
  for (let now = 7; now < untilMs; now += 20) {
    for (; next < inOrder.length && (inOrder[next] as Arrival).at <= now; next++) {
      const { index, at } = inOrder[next] as Arrival
      const sequenceNumber = (firstSequence + index) & 0xffff
      const timestamp = (firstTimestamp + index * packetMs * 48) >>> 0
      buffer.push({ sequenceNumber, timestamp, payload: payload(index, packetMs) }, millis(at))
      sizeMax = Math.max(sizeMax, buffer.size)
    }
    while (held < 960) {
      const pulled = buffer.pull(millis(now), samples(held))
      heard.push({ at: now, pulled })
      held += durationOf(pulled, packetMs)
    }
    held -= 960
  }
  return { buffer, heard, sizeMax }
}

const durationOf = (pulled: Pulled, packetMs: PacketMs): Samples => {
  if (pulled.kind !== 'packet') return pulled.duration
  const lean = pulled.lean === 'hold' ? 0 : pulled.lean === 'shrink' ? -240 : 240
  return samples(packetMs * 48 + lean)
}
const playedIndexes = (heard: readonly Heard[]) =>
  heard.flatMap(({ pulled }) => (pulled.kind === 'packet' ? [indexOf(pulled.payload)] : []))
const punctual = (count: number, from = 0, packetMs = 20): Arrival[] =>
  Array.from({ length: count }, (_, i) => ({ at: (from + i) * packetMs, index: from + i }))
const kinds = (heard: readonly Heard[]) => heard.map(({ pulled }) => pulled.kind)

/** Any network: each packet lost, delayed by up to 600 ms, or doubled. */
const network = fc.array(
  fc.record({
    lossRoll: fc.integer({ min: 0, max: 99 }),
    delay: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 60 }) },
      fc.integer({ min: 0, max: 600 }),
    ),
    doubled: fc.option(fc.integer({ min: 0, max: 400 }), { freq: 5 }),
  }),
  { minLength: 1, maxLength: 120 },
)
const timetable = (
  packets: typeof network extends fc.Arbitrary<infer T> ? T : never,
  lossPercent: number,
): Arrival[] =>
  packets.flatMap((packet, index) => {
    if (packet.lossRoll < lossPercent) return []
    const at = index * 20 + packet.delay
    return [{ at, index }, ...(packet.doubled === null ? [] : [{ at: at + packet.doubled, index }])]
  })
const lossPercent = fc.constantFrom(0, 5, 30, 80)

describe('a jitter buffer, whatever the network does,', () => {
  test('plays each packet at most once and in order', () => {
    fc.assert(
      fc.property(network, lossPercent, (packets, loss) => {
        const { heard } = play(timetable(packets, loss), { untilMs: 4_000 })
        const played = playedIndexes(heard)
        for (let i = 1; i < played.length; i++)
          expect(played[i] as number).toBeGreaterThan(played[i - 1] as number)
      }),
    )
  })

  test('never holds more than its limit, and never holds back for longer than the delay allows', () => {
    fc.assert(
      fc.property(network, lossPercent, (packets, loss) => {
        const arrivals = timetable(packets, loss)
        const { heard, sizeMax, buffer } = play(arrivals, { untilMs: 4_000 })
        expect(sizeMax).toBeLessThanOrEqual(SPAN_PACKETS_MAX)
        expect(buffer.size).toBe(0)
        const firstArrival = new Map<number, number>()
        for (const { at, index } of arrivals) {
          firstArrival.set(index, Math.min(at, firstArrival.get(index) ?? Number.POSITIVE_INFINITY))
        }
        for (const { at, pulled } of heard) {
          if (pulled.kind !== 'packet') continue
          const waited = at - (firstArrival.get(indexOf(pulled.payload)) as number)
          expect(waited).toBeLessThanOrEqual(TARGET_MAX_MS + CATCH_UP_MS + 20)
        }
      }),
    )
  })

  test('plays everything again once the network heals, at a delay near its target', () => {
    fc.assert(
      fc.property(network, lossPercent, (packets, loss) => {
        const healedAt = packets.length + 60
        const arrivals = [...timetable(packets, loss), ...punctual(800, healedAt)]
        const { heard, buffer } = play(arrivals, { untilMs: (healedAt + 800) * 20 })
        const played = new Set(playedIndexes(heard))
        // Half a second to find the new delay; then nothing is missing.
        for (let i = healedAt + 25; i < healedAt + 780; i++) expect(played.has(i)).toBe(true)
        expect(buffer.stats.targetMs).toBeLessThanOrEqual(TARGET_MIN_MS + 40)
        expect(buffer.stats.delayMs).toBeLessThanOrEqual(buffer.stats.targetMs + 45)
      }),
      { numRuns: 60 },
    )
  })

  test('does the same wherever the 16-bit and 32-bit counters begin, wraps included', () => {
    const start = fc.oneof(fc.integer({ min: 65_400, max: 65_535 }), fc.integer({ min: 0, max: 65_535 }))
    const stamp = fc.oneof(
      fc.integer({ min: 0xffffffff - 100_000, max: 0xffffffff }),
      fc.integer({ min: 0, max: 0xffffffff }),
    )
    fc.assert(
      fc.property(network, lossPercent, start, stamp, (packets, loss, firstSequence, firstTimestamp) => {
        const arrivals = timetable(packets, loss)
        const plain = play(arrivals, { untilMs: 4_000 })
        const wrapped = play(arrivals, { untilMs: 4_000, firstSequence, firstTimestamp })
        expect(kinds(wrapped.heard)).toEqual(kinds(plain.heard))
        expect(playedIndexes(wrapped.heard)).toEqual(playedIndexes(plain.heard))
        expect(wrapped.buffer.stats).toEqual(plain.buffer.stats)
      }),
    )
  })

  test('accounts for every packet: played, dropped, or lost', () => {
    fc.assert(
      fc.property(network, lossPercent, (packets, loss) => {
        // A punctual beginning and end fix what is expected.
        const shifted = timetable(packets, loss).map(({ at, index }) => ({ at: at + 400, index: index + 20 }))
        const last = punctual(100, packets.length + 60)
        const { heard, buffer } = play([...punctual(20), ...shifted, ...last], { untilMs: 12_000 })
        const { expected, lost, dropped } = buffer.stats
        expect(expected).toBe(packets.length + 160)
        expect(playedIndexes(heard).length + lost + dropped).toBe(expected)
      }),
    )
  })
})

describe('a jitter buffer', () => {
  test('on a punctual network waits for its least target and then plays without a gap', () => {
    const { heard, buffer } = play(punctual(500), { untilMs: 10_000 })
    const begun = heard.findIndex(({ pulled }) => pulled.kind === 'packet')
    expect((heard[begun] as Heard).at).toBeLessThanOrEqual(TARGET_MIN_MS + 20)
    expect(new Set(kinds(heard.slice(begun)))).toEqual(new Set(['packet']))
    expect(buffer.stats).toMatchObject({ expected: 500, lost: 0, late: 0, duplicated: 0, dropped: 0 })
  })

  test('offers the following packet for recovery of a single loss, and conceals a longer one', () => {
    const arrivals = punctual(30).filter(({ index }) => ![10, 20, 21].includes(index))
    const { heard, buffer } = play(arrivals, { untilMs: 640 })
    const begun = kinds(heard).indexOf('packet')
    const afterwards = heard.slice(begun, begun + 30).map(({ pulled }) => pulled)
    expect(afterwards[10]).toMatchObject({ kind: 'recover', next: payload(11) })
    expect(afterwards[20]).toMatchObject({ kind: 'conceal' })
    expect(afterwards[21]).toMatchObject({ kind: 'recover', next: payload(22) })
    expect(buffer.stats.lost).toBe(3)
  })

  test('learns jitter within a second and forgets it within ten', () => {
    let seed = 1
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const jittered = punctual(100, 100).map(({ at, index }) => ({
      at: at + Math.floor(random() * 120),
      index,
    }))
    const rough = play([...punctual(100), ...jittered.slice(0, 50)], { untilMs: 3_000 })
    expect(rough.buffer.stats.targetMs).toBeGreaterThanOrEqual(120)
    expect(rough.buffer.stats.targetMs).toBeLessThanOrEqual(170)
    const calm = play([...punctual(100), ...jittered, ...punctual(600, 200)], { untilMs: 16_000 })
    expect(calm.buffer.stats.targetMs).toBe(millis(TARGET_MIN_MS))
    expect(calm.buffer.stats.delayMs).toBeLessThanOrEqual(TARGET_MIN_MS + 45)
  })

  test('after a stall of one second jumps to the present instead of playing the past', () => {
    const stalled = punctual(400).map(({ at, index }) => ({
      at: at > 2_000 && at < 3_000 ? 3_000 : at,
      index,
    }))
    const { heard } = play(stalled, { untilMs: 8_000 })
    const firstAfter = heard.find(({ at, pulled }) => at >= 3_000 && pulled.kind === 'packet') as Heard
    const index = firstAfter.pulled.kind === 'packet' ? indexOf(firstAfter.pulled.payload) : 0
    expect(firstAfter.at - index * 20).toBeLessThanOrEqual(TARGET_MAX_MS + 20)
    expect(firstAfter.pulled).toMatchObject({ jumped: true })
    const later = heard.filter(({ at, pulled }) => at > 3_100 && pulled.kind === 'packet')
    expect(later.length).toBeGreaterThanOrEqual((8_000 - 3_100) / 20 - 3)
  })

  test('takes a DTX pause for silence and not for loss', () => {
    const buffer = new JitterBuffer()
    const seen = new Set<string>()
    for (let now = 0, sequence = 0; now < 4_000; now += 20) {
      // Speech for a second, then one packet of a single byte every 400 ms.
      if (now < 1_000 || now % 400 === 0) {
        const bytes = now < 980 ? payload(sequence) : Uint8Array.of(TOC[20])
        buffer.push({ sequenceNumber: sequence++, timestamp: now * 48, payload: bytes }, millis(now))
      }
      if (now > 1_000) seen.add(buffer.pull(millis(now + 7)).kind)
      else buffer.pull(millis(now + 7))
    }
    expect([...seen].toSorted()).toEqual(['packet', 'silence'])
    expect(buffer.stats.lost).toBe(0)
  })

  test('gives up concealing a sender that is gone, and starts anew when it is back', () => {
    const { heard, buffer } = play([...punctual(50), ...punctual(50, 150)], { untilMs: 4_200 })
    const away = heard.filter(({ at }) => at > 1_060 && at < 3_000)
    expect(away.filter(({ pulled }) => pulled.kind === 'conceal').length).toBeLessThanOrEqual(
      CONCEAL_FRAMES_MAX,
    )
    expect(away.at(-1)?.pulled.kind).toBe('silence')
    expect(playedIndexes(heard)).toEqual([...punctual(50), ...punctual(50, 150)].map(({ index }) => index))
    expect(buffer.stats.lost).toBe(100)
  })

  test('follows a sender that restarts with another SSRC, or far away in the same one', () => {
    const restart = (ssrc: number) => {
      const buffer = new JitterBuffer()
      const played: number[] = []
      for (let i = 0; i < 200; i++) {
        const second = i >= 100
        const sequenceNumber = second ? (40_000 + i) & 0xffff : i
        const timestamp = second ? 3_000_000_000 + i * 960 : i * 960
        const source = second ? ssrc : 1
        buffer.push({ sequenceNumber, timestamp, payload: payload(i), ssrc: source }, millis(i * 20))
        const pulled = buffer.pull(millis(i * 20 + 7))
        if (pulled.kind === 'packet') played.push(indexOf(pulled.payload))
      }
      return played
    }
    for (const ssrc of [1, 2]) {
      const played = restart(ssrc)
      expect(played.filter((index) => index > 101).length).toBeGreaterThan(90)
      expect(played).toEqual(played.toSorted((a, b) => a - b))
    }
  })

  test('is not led astray by a single packet from far away, nor by bytes that are no Opus', () => {
    const buffer = new JitterBuffer()
    const played: number[] = []
    for (let i = 0; i < 100; i++) {
      buffer.push({ sequenceNumber: i, timestamp: i * 960, payload: payload(i) }, millis(i * 20))
      if (i === 50)
        buffer.push({ sequenceNumber: 30_000, timestamp: 5, payload: payload(9_999) }, millis(i * 20))
      if (i === 60)
        buffer.push({ sequenceNumber: 61, timestamp: 5, payload: Uint8Array.of(0xfb, 0) }, millis(i * 20))
      const pulled = buffer.pull(millis(i * 20 + 7))
      if (pulled.kind === 'packet') played.push(indexOf(pulled.payload))
    }
    expect(played).toEqual(Array.from({ length: played.length }, (_, i) => i))
    expect(buffer.stats).toMatchObject({ lost: 0, dropped: 2 })
  })

  test.each([10, 40, 60] as const)('plays packets of %d ms as steadily as those of 20', (packetMs) => {
    const count = 3_000 / packetMs
    const { heard, buffer } = play(punctual(count, 0, packetMs), { packetMs, untilMs: 2_900 })
    const played = playedIndexes(heard)
    expect(played.length).toBeGreaterThan(count - 400 / packetMs)
    expect(kinds(heard)).not.toContain('conceal')
    expect(buffer.stats.lost).toBe(0)
  })

  test.each([-200, 200])('keeps its delay for two hours with a sender %d ppm off', (ppm) => {
    const buffer = new JitterBuffer()
    const packetEvery = 20 * (1 - ppm / 1e6)
    let held = 0
    let index = 0
    let delayMax = 0
    let concealed = 0
    for (let now = 7; now < 2 * 3_600_000; now += 20) {
      for (; index * packetEvery <= now; index++) {
        const packet = {
          sequenceNumber: index & 0xffff,
          timestamp: (index * 960) >>> 0,
          payload: payload(index & 0xffff),
        }
        buffer.push(packet, millis(index * packetEvery))
      }
      while (held < 960) {
        const pulled = buffer.pull(millis(now) as Millis, samples(held))
        if (pulled.kind === 'conceal' || pulled.kind === 'recover') concealed += 1
        held += durationOf(pulled, 20)
      }
      held -= 960
      if (now > 10_000) delayMax = Math.max(delayMax, buffer.stats.delayMs)
    }
    // 200 ppm over two hours are 1.4 s: uncorrected it would show.
    expect(delayMax).toBeLessThanOrEqual(TARGET_MIN_MS + 50)
    expect(concealed).toBe(0)
    expect(buffer.stats).toMatchObject({ lost: 0, dropped: 0 })
  })
})
