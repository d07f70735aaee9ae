// What a join costs: from connect() with TLS to the first audio byte. First as many as go at once, for the cost of
// one; then at a steady rate with listeners who stay a while, for the rate that one core can go on with.
//
//   bun bench/joins.ts [--connections 64] [--seconds 10] [--rounds 3] [--rate 1000]     2.5 min
//
// Every handshake is a full one (ECDSA P-256, TLS 1.3) unless the row says "resumed". The generator shares the machine,
// so what counts is the edge's processor time, never how many joins went through on the clock.

import { makeCertificate } from './harness/certificate.ts'
import { Crowd, type CrowdPlan, getRequest } from './harness/crowd.ts'
import { EdgeProcess } from './harness/edge-process.ts'
import { median, number, say, showFigures } from './harness/figure.ts'
import { benchOptions } from './harness/options.ts'
import { Origin } from './harness/origin.ts'
import { cost } from './harness/process-meter.ts'

const options = benchOptions({ connections: 64, seconds: 10, rounds: 3 }, { rate: '1000', stay: '4' })
const { connections, seconds, rounds } = options
const rate = Number(options.more.rate)
const staySeconds = Number(options.more.stay)
const WARM_UP_MS = 2_000
/** The flush interval of an edge that is this busy. */
const BUSY_FLUSH_MS = 1_000
/** As many as a person would not notice as a storm: what does not fit waits, and shows in `first audio`. */
const AT_ONCE_MAX = 12_000

interface Joins {
  readonly joinsPerCoreSecond: number
  readonly joinsPerSecond: number
  readonly cpuShare: number
  readonly resumedShare: number
  readonly firstAudioMsP99: number
}

const origin = await Origin.start()
try {
  const certificate = await makeCertificate(origin.folder)
  const found = { full: [] as Joins[], resumed: [] as Joins[], sustained: [] as Joins[] }
  for (let round = 0; round < rounds; round++) {
    for (const kind of ['full', 'resumed', 'sustained'] as const) {
      const joins = await measure(kind)
      found[kind].push(joins)
      say(
        `round ${round + 1}: ${kind.padEnd(9)} ${joins.joinsPerCoreSecond.toFixed(0)} joins a core-second (${joins.joinsPerSecond.toFixed(0)} a second, ${(joins.cpuShare * 100).toFixed(0)} % of a core, ${(joins.resumedShare * 100).toFixed(0)} % resumed), first audio p99 ${joins.firstAudioMsP99} ms`,
      )
    }
  }
  const of = (kind: keyof typeof found, pick: (one: Joins) => number) => median(found[kind].map(pick))
  const perCore = (kind: keyof typeof found) => of(kind, (one) => one.joinsPerCoreSecond)
  showFigures(
    [
      {
        name: 'joins a core-second, TLS, to first audio byte',
        value: perCore('full'),
        unit: '',
        target: { kind: 'at-least', value: 4_000 },
        words: `full handshakes (ECDSA P-256), ${(1e6 / perCore('full')).toFixed(0)} µs a join, its leaving included; medians of ${rounds}`,
      },
      {
        name: 'the same with resumed TLS sessions',
        value: perCore('resumed'),
        unit: '',
        words: `${(1e6 / perCore('resumed')).toFixed(0)} µs a join; ${(of('resumed', (one) => one.resumedShare) * 100).toFixed(0)} % were resumed`,
      },
      {
        name: 'sustained admit rate a core, TLS',
        value: perCore('sustained'),
        unit: '/s',
        target: { kind: 'at-least', value: 2_000 },
        words:
          `${number(of('sustained', (one) => one.joinsPerSecond))} a second at ${(of('sustained', (one) => one.cpuShare) * 100).toFixed(0)} % of a core, ` +
          `each of them staying ${staySeconds} s and served every ${BUSY_FLUSH_MS} ms; first audio p99 ${number(of('sustained', (one) => one.firstAudioMsP99))} ms`,
      },
    ],
    options,
  )

  async function measure(kind: keyof typeof found): Promise<Joins> {
    const flushMs = kind === 'sustained' ? BUSY_FLUSH_MS : 200
    const edge = await EdgeProcess.start(origin, { certificate, flushMs })
    const crowd = await Crowd.start({ ...planOf(kind), port: edge.port })
    try {
      await Bun.sleep(WARM_UP_MS + (kind === 'sustained' ? staySeconds * 1_000 : 0))
      const before = await crowd.counts()
      crowd.firstAudio.clear()
      const used = await cost(edge.pid, () => Bun.sleep(seconds * 1_000))
      const after = await crowd.counts()
      const joins = after.joined - before.joined
      if (joins === 0) throw new Error(`nobody heard anything: ${JSON.stringify(after)}`)
      if (after.failed > before.failed) say(`${after.failed - before.failed} of ${joins} joins failed`)
      return {
        joinsPerCoreSecond: joins / used.cpuSeconds,
        joinsPerSecond: joins / used.seconds,
        cpuShare: used.cpuSeconds / used.seconds,
        resumedShare: (after.resumed - before.resumed) / joins,
        firstAudioMsP99: crowd.firstAudio.percentile(0.99) ?? Number.NaN,
      }
    } finally {
      await crowd.stop()
      await edge.stop()
    }
  }
} finally {
  await origin.stop()
}

function planOf(kind: 'full' | 'resumed' | 'sustained'): Omit<CrowdPlan, 'port'> {
  const isSustained = kind === 'sustained'
  return {
    kind: 'join',
    tls: true,
    connections: isSustained ? AT_ONCE_MAX : connections,
    request: getRequest('/live/bench/opus.mp4'),
    ratePerSecond: isSustained ? rate : 100_000,
    stayMs: isSustained ? staySeconds * 1_000 : 0,
    resume: kind === 'resumed',
    hosts: ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'],
  }
}
