// How many listeners a core carries over TLS when it is written to them every second, extrapolated from as many real
// ones as a process may have descriptors for; how far behind they are then; and what each of them keeps in memory.
//
//   bun bench/listeners-per-core.ts [--connections 10000] [--seconds 15] [--rounds 2] [--flush 1000]     2.5 min
//
// "Mix to ear" is what the rehearsal's probes say: from the moment at which a sample was said on stage, by the log's
// clock, to the moment at which the page's player, with its own link and buffer rule, plays it. What comes before it
// (capture, network and jitter buffer of the speaker, about 0.1 s) is in `mouth-to-ear.ts`, with real browsers.

import { until } from '../test/harness/until.ts'
import { makeCertificate } from './harness/certificate.ts'
import { EdgeProcess } from './harness/edge-process.ts'
import { median, number, say, showFigures } from './harness/figure.ts'
import { benchOptions } from './harness/options.ts'
import { Origin } from './harness/origin.ts'
import { cost, residentBytes } from './harness/process-meter.ts'
import { BENCH_KEY, pageOf, startRehearsal } from './harness/rehearsed-edge.ts'

const options = benchOptions({ connections: 10_000, seconds: 15, rounds: 2 }, { flush: '1000' })
const { connections, seconds, rounds } = options
const flushMs = Number(options.more.flush)
/** They come over this time, as they would before a start, not all at once. */
const JOIN_MS = Math.max(2_000, connections)
const SETTLE_MS = 5_000
/** Who was here before the first one that is measured: code, caches and pools that every process needs anyway. */
const WARM_UP_LISTENERS = 100

interface Measured {
  readonly listenersPerCore: number
  readonly usPerListenerSecond: number
  readonly bytesPerListener: number
  readonly bytesPerListenerCollected: number
  readonly mixToEarMs: number
  readonly gaps: number
  readonly gbitPerSecond: number
}

const origin = await Origin.start()
try {
  const certificate = await makeCertificate(origin.folder)
  const found: Measured[] = []
  for (let round = 0; round < rounds; round++) found.push(await measure())
  const of = (pick: (one: Measured) => number) => median(found.map(pick))
  const size = `${number(connections)} TLS listeners, flush ${flushMs} ms, ${of((one) => one.gbitPerSecond).toFixed(2)} Gbit/s, ${origin.partBytes.toFixed(0)} B a part`
  showFigures(
    [
      {
        name: `listeners a core, TLS, flush ${flushMs} ms (extrapolated)`,
        value: of((one) => one.listenersPerCore),
        unit: '',
        target: { kind: 'at-least', value: 100_000 },
        words: `${of((one) => one.usPerListenerSecond).toFixed(2)} µs a listener-second; ${size}; ${of((one) => one.gaps)} gaps`,
      },
      {
        name: 'mix to ear at that flush, worst median of the probes',
        value: of((one) => one.mixToEarMs),
        unit: ' ms',
        words: 'page’s player logic; a speaker’s capture and network (about 100 ms) come on top',
      },
      {
        name: 'memory per TLS listener, resident',
        value: of((one) => one.bytesPerListener) / 1024,
        unit: ' KB',
        target: { kind: 'at-most', value: 12 },
        words: `as it runs; ${(of((one) => one.bytesPerListenerCollected) / 1024).toFixed(1)} KB after a collection; ${number(connections)} listeners`,
      },
    ],
    options,
  )

  async function measure(): Promise<Measured> {
    const edge = await EdgeProcess.start(origin, { flushMs, certificate, rehearsalKey: BENCH_KEY })
    const page = { ca: certificate.ca, join: { kind: 'ramp', overMs: JOIN_MS } } as const
    try {
      const warmUp = startRehearsal(pageOf(edge), {
        ...page,
        listeners: WARM_UP_LISTENERS,
        forMs: 3_000,
        join: { kind: 'storm' },
      })
      await warmUp.report
      await until('the first ones have left', async () => (await edge.metric('mimbar_edge_rehearsed')) === 0)
      await edge.collectGarbage()
      const memoryBefore = residentBytes(edge.pid)
      const forMs = JOIN_MS + SETTLE_MS + (seconds + 5) * 1_000
      const run = startRehearsal(pageOf(edge), { ...page, listeners: connections, forMs, probes: 4 })
      await until(
        'everyone hears',
        () => (run.progress()?.second.hearing ?? 0) >= connections,
        JOIN_MS + 60_000,
      )
      await Bun.sleep(SETTLE_MS)
      const used = await cost(edge.pid, () => Bun.sleep(seconds * 1_000))
      const hearing = run.progress()?.second.hearing ?? 0
      const memory = residentBytes(edge.pid) - memoryBefore
      await edge.collectGarbage()
      const memoryCollected = residentBytes(edge.pid) - memoryBefore
      run.stop()
      const report = await run.report
      const usPerListenerSecond = (used.cpuSeconds * 1e6) / hearing / used.seconds
      const measured = {
        usPerListenerSecond,
        listenersPerCore: 1e6 / usPerListenerSecond,
        bytesPerListener: memory / hearing,
        bytesPerListenerCollected: memoryCollected / hearing,
        mixToEarMs: Math.max(...report.probes.map(({ latencyMsP50 }) => latencyMsP50 ?? Number.NaN)),
        gaps: report.tally.gaps,
        gbitPerSecond: report.carried.bitsPerSecondFull / 1e9,
      }
      say(
        `${hearing} hear: ${number(measured.listenersPerCore)} a core, ${(measured.bytesPerListener / 1024).toFixed(1)} KB each, mix to ear ${measured.mixToEarMs} ms, ${measured.gaps} gaps`,
      )
      return measured
    } finally {
      await edge.stop()
    }
  }
} finally {
  await origin.stop()
}
