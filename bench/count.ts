// Is the number true? What the public API shows against what clients really play, second by second: while nobody moves,
// and while a fifth of them leave each minute, one in ten of those without a word (no packet of theirs passes any more,
// which needs root and nftables).
//
//   bun bench/count.ts [--connections 2000] [--seconds 60]     2 min
//
// A client plays when bytes have come to it within the last second; it is asked at the same moment as the API. The shown
// number is made once a second and kept for a second, and so is up to three seconds old.

import { goOnAir } from '../test/harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../test/harness/running-mimbar.ts'
import { Crowd, type CrowdPlan, getRequest } from './harness/crowd.ts'
import { type Figure, median, number, percentile, say, showFigures } from './harness/figure.ts'
import { benchOptions } from './harness/options.ts'
import { Tunnel } from './harness/tunnel.ts'

const options = benchOptions({ connections: 2_000, seconds: 60, rounds: 1 }, { churn: '20', vanishing: '10' })
const { connections, seconds } = options
const churn = Number(options.more.churn)
/** Of those who leave, percent that do so without a word. */
const vanishing = Number(options.more.vanishing)
const CONNECTS_PER_SECOND = 400
const SETTLE_MS = 6_000
const SAMPLE_MS = 1_000
const VANISH_EVERY_S = 5
const MANY = '1000000'

interface Sample {
  readonly shown: number
  readonly playing: number
}

const tunnel = Tunnel.open()
const mimbar = await startMimbar({
  flags: [
    ...['--host', '0.0.0.0', '--address-joins', MANY, '--address-streams', MANY, '--address-requests', MANY],
  ],
})
try {
  const space = await goOnAir(mimbar, { id: 'bench', recorded: false })
  const groups = Math.floor(seconds / VANISH_EVERY_S)
  const perGroup =
    tunnel === undefined
      ? 0
      : Math.max(1, Math.round((connections * churn * vanishing * VANISH_EVERY_S) / 100 / 100 / 60))
  const plan: Omit<CrowdPlan, 'connections'> = {
    kind: 'hold',
    port: Number(new URL(mimbar.publicUrl).port),
    tls: false,
    request: getRequest('/live/bench/opus.mp4'),
    ratePerSecond: CONNECTS_PER_SECOND,
  }
  const doomed = await Promise.all(
    Array.from({ length: tunnel === undefined ? 0 : groups }, (_, i) =>
      Crowd.start({ ...plan, connections: perGroup, hosts: [(tunnel as Tunnel).addressOf(i + 1)] }),
    ),
  )
  const staying = await Crowd.start({ ...plan, connections: connections - doomed.length * perGroup })
  await Promise.all([staying, ...doomed].map((crowd) => crowd.allThere()))
  await Bun.sleep(SETTLE_MS)
  const steady = await sample(mimbar, [staying, ...doomed], Math.ceil(seconds / 3))
  await staying.churn((churn * (100 - vanishing)) / 100)
  await Bun.sleep(SETTLE_MS)
  const restless = await sample(mimbar, [staying, ...doomed], seconds, (second) => {
    const group = second / VANISH_EVERY_S
    if (tunnel !== undefined && Number.isInteger(group) && group >= 1 && group <= groups)
      tunnel.swallow(group)
  })
  showFigures([steadyFigure(steady), churnFigure(restless, doomed.length * perGroup)], options)
  await Promise.all([staying, ...doomed].map((crowd) => crowd.stop()))
  await space.leave()
} finally {
  tunnel?.close()
  await mimbar.stop()
}
process.exit(0)

/** One a second, for as many seconds; `each` is told which. */
async function sample(
  { publicSpace }: RunningMimbar,
  crowds: readonly Crowd[],
  count: number,
  each: (second: number) => void = () => {},
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const startedAtMs = performance.now()
  for (let second = 0; second < count; second++) {
    each(second)
    const [{ listeners: shown }, counts] = await Promise.all([
      publicSpace('bench'),
      Promise.all(crowds.map((crowd) => crowd.counts())),
    ])
    const playing = counts.reduce((sum, one) => sum + one.playing, 0)
    samples.push({ shown, playing })
    await Bun.sleep(Math.max(0, startedAtMs + (second + 1) * SAMPLE_MS - performance.now()))
  }
  for (const { shown, playing } of samples.filter((_, i) => i % 10 === 0))
    say(`shown ${shown}, playing ${playing}`)
  return samples
}

function steadyFigure(samples: readonly Sample[]): Figure {
  const off = samples.map(({ shown, playing }) => Math.abs(shown - playing))
  return {
    name: 'shown count against what clients play, steady',
    value: Math.max(...off),
    unit: '',
    target: { kind: 'at-most', value: 0 },
    words: `the worst of ${samples.length} seconds; ${number(connections)} listeners on two edges`,
  }
}

function churnFigure(samples: readonly Sample[], vanished: number): Figure {
  const off = samples.map(({ shown, playing }) => (Math.abs(shown - playing) / playing) * 100)
  const how =
    tunnel === undefined ? 'nobody vanished: that needs root and nft' : `${vanished} vanished without a word`
  return {
    name: `the same with ${churn} % churn a minute`,
    value: percentile(off, 0.95),
    unit: ' %',
    target: { kind: 'at-most', value: 1 },
    words: `p95 of ${samples.length} seconds (median ${number(median(off))} %, worst ${number(Math.max(...off))} %); ${how}`,
  }
}
