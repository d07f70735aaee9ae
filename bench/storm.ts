// Everybody at once. A whole Mimbar with people on stage and listeners inside; then a storm over TLS, from this same
// machine: how long each arrival waits for audio or a place in line, and whether anybody inside, or on stage, notices.
// Then arrivals at ten times an edge's admit rate, for a minute: what the admitted are given.
//
//   bun bench/storm.ts [--connections 10000] [--seconds 60] [--listening 1000] [--admit 40] [--part storm|rate|both]
//
// 2.5 min. `--seconds` is how long the tenfold rate lasts. Latencies are the generator's own, so a machine that is too
// small for both shows in them; they are an upper bound.

import { until } from '../test/harness/until.ts'
import { makeCertificate } from './harness/certificate.ts'
import { EdgeProcess } from './harness/edge-process.ts'
import { type Figure, number, say, showFigures } from './harness/figure.ts'
import { startOnAir } from './harness/mimbar-on-air.ts'
import { benchOptions } from './harness/options.ts'
import { Origin } from './harness/origin.ts'
import { BENCH_KEY, pageOf, startRehearsal } from './harness/rehearsed-edge.ts'

const options = benchOptions(
  { connections: 10_000, seconds: 60, rounds: 1 },
  { listening: '1000', admit: '40', part: 'both' },
)
const { connections, seconds } = options
const listening = Number(options.more.listening)
const admitRate = Number(options.more.admit)
const STORM_MS = 20_000
/** Who is inside comes over this time, and is left alone for as long before the storm. */
const INSIDE_MS = 5_000
const TENFOLD = 10
/** Tick lateness is a p99 over ten seconds: those of the storm alone, not of what came before it. */
const LATENESS_WINDOW_MS = 10_000
/** A few reports of the stage after that, to compare with. */
const QUIET_MS = 3_000

const figures: Figure[] = []
if (options.more.part !== 'rate') figures.push(...(await storm()))
if (options.more.part !== 'storm') figures.push(await tenfold())
showFigures(figures, options)
process.exit(0)

async function storm(): Promise<readonly Figure[]> {
  const onAir = await startOnAir()
  try {
    const { page, certificate, stage } = onAir
    const { ca } = certificate
    const join = { kind: 'ramp', overMs: INSIDE_MS } as const
    const forMs = INSIDE_MS + LATENESS_WINDOW_MS + QUIET_MS + STORM_MS + 30_000
    const inside = startRehearsal(page, { ca, listeners: listening, join, forMs })
    await until('those inside hear', () => (inside.progress()?.second.hearing ?? 0) >= listening, 40_000)
    await Bun.sleep(LATENESS_WINDOW_MS)
    stage.begin()
    await Bun.sleep(QUIET_MS)
    const quiet = stage.findings()
    stage.begin()
    const arrivals = await startRehearsal(page, { ca, listeners: connections, forMs: STORM_MS }).report
    const found = stage.findings()
    inside.stop()
    const { tally } = await inside.report
    const { answeredMs, tally: met, generator } = arrivals
    say(
      `storm: ${met.served} served, ${met.placed} placed, ${met.late} late; answered p50 ${answeredMs.p50} ms, p99 ${answeredMs.p99} ms, most ${answeredMs.max} ms`,
    )
    for (const limit of arrivals.generatorLimits) say(`generator: ${limit}`)
    for (const failure of arrivals.verdict.failures) say(`storm: ${failure}`)
    const answered = answeredMs.count / met.arrivals
    return [
      {
        name: `storm of ${number(connections)} at once, TLS: audio or a place, from connect(), p99`,
        // Who was never answered is later than everyone.
        value: answered >= 0.99 ? (answeredMs.p99 ?? Number.NaN) / 1_000 : Number.POSITIVE_INFINITY,
        unit: ' s',
        target: { kind: 'at-most', value: 3 },
        words:
          `${number(met.served)} had audio, ${number(met.placed)} a place first, ${met.late} neither within 3 s; ${number(met.connectFailures)} connections failed, ` +
          `${number(met.reconnects)} retried; generator on the same ${generator.cores} cores`,
      },
      {
        name: 'during it: gaps for those listening',
        value: tally.gaps + tally.skips,
        unit: '',
        target: { kind: 'at-most', value: 0 },
        words: `${number(listening)} inside; ${tally.lost} streams lost, ${tally.stalls} stalls by a model of the player’s buffer`,
      },
      {
        name: 'during it: stage packets lost',
        value: found.lossMax * 100,
        unit: ' %',
        target: { kind: 'at-most', value: 0 },
        words: `worst five seconds of both speakers (before the storm ${number(quiet.lossMax * 100)} %); ${(found.returnedShare * 100).toFixed(1)} % of what the stage sends came back to them`,
      },
      {
        name: 'during it: stage tick lateness p99',
        value: found.tickLatenessMsP99,
        unit: ' ms',
        target: { kind: 'below', value: 5 },
        words: `worst ten seconds; ${quiet.tickLatenessMsP99} ms before the storm`,
      },
    ]
  } finally {
    await onAir.stop()
  }
}

/** An edge that admits few, so that ten times as many can be sent from beside it. */
async function tenfold(): Promise<Figure> {
  const origin = await Origin.start()
  const certificate = await makeCertificate(origin.folder)
  const edge = await EdgeProcess.start(origin, {
    certificate,
    rehearsalKey: BENCH_KEY,
    joinsPerSecond: admitRate,
  })
  try {
    const overMs = seconds * 1_000
    const { tally, carried, answeredMs, presenceAtEnd } = await startRehearsal(pageOf(edge), {
      ca: certificate.ca,
      listeners: admitRate * TENFOLD * seconds,
      join: { kind: 'ramp', overMs },
      forMs: overMs + 5_000,
    }).report
    say(`tenfold: ${JSON.stringify(tally)}`)
    return {
      name: `at ${TENFOLD}× the admit rate for ${seconds} s: delivery to the admitted`,
      value: (carried.deliveredShare ?? Number.NaN) * 100,
      unit: ' %',
      target: { kind: 'at-least', value: 99.95 },
      words:
        `${number(admitRate * TENFOLD)} arrivals a second (TLS) at an edge that admits ${number(admitRate)}; ${number(tally.served)} came in, ` +
        `${number(presenceAtEnd.waiting)} waited at the end, ${tally.late} had neither within 3 s; answered p99 ${number(answeredMs.p99 ?? Number.NaN)} ms`,
    }
  } finally {
    await edge.stop()
    await origin.stop()
  }
}
