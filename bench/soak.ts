// Half an hour of TLS listeners who come and go, before a whole Mimbar: does the memory of any process grow, is any
// descriptor left behind? A row per process and minute on stderr, and two figures at the end.
//
//   bun bench/soak.ts [--minutes 30] [--connections 5000] [--churn 20]     `--minutes` and 2 more

import { until } from '../test/harness/until.ts'
import { type Figure, number, say, showFigures } from './harness/figure.ts'
import { startOnAir } from './harness/mimbar-on-air.ts'
import { benchOptions } from './harness/options.ts'
import { descriptors, residentBytes } from './harness/process-meter.ts'
import { startRehearsal } from './harness/rehearsed-edge.ts'

const options = benchOptions({ connections: 5_000, seconds: 1, rounds: 1 }, { minutes: '30', churn: '20' })
const { connections } = options
const minutes = Number(options.more.minutes)
const SAMPLE_MS = 10_000
const SAMPLES_PER_MINUTE = 6
/** The first part of a run, in which pools and caches fill, is not judged. */
const WARM_UP_SHARE = 1 / 3
/** Growth of a process over the judged time that is called flat. */
const FLAT_SHARE = 0.05
/** A few descriptors are opened at need and kept: sockets between roles, files of the log. */
const DESCRIPTORS_KEPT = 16
const MB = 1024 * 1024

interface Reading {
  readonly atMinutes: number
  readonly bytes: number
  readonly descriptors: number
}

const onAir = await startOnAir()
try {
  const pids = onAir.mimbar.rolePids()
  const before = new Map([...pids].map(([role, pid]) => [role, descriptors(pid)]))
  const readings = new Map([...pids.keys()].map((role) => [role, [] as Reading[]]))
  const joinMs = Math.max(5_000, connections * 2)
  const run = startRehearsal(onAir.page, {
    ca: onAir.certificate.ca,
    listeners: connections,
    join: { kind: 'ramp', overMs: joinMs },
    forMs: joinMs + minutes * 60_000 + 60_000,
    churnPercentPerMinute: Number(options.more.churn),
  })
  await until(
    'everyone hears',
    () => (run.progress()?.second.hearing ?? 0) >= connections * 0.98,
    joinMs + 60_000,
  )
  const startedAtMs = performance.now()
  for (let i = 0; i <= minutes * SAMPLES_PER_MINUTE; i++) {
    await Bun.sleep(Math.max(0, startedAtMs + i * SAMPLE_MS - performance.now()))
    for (const [role, pid] of pids) {
      const reading = {
        atMinutes: (i * SAMPLE_MS) / 60_000,
        bytes: residentBytes(pid),
        descriptors: descriptors(pid),
      }
      readings.get(role)?.push(reading)
    }
    if (i % SAMPLES_PER_MINUTE === 0) sayMinute(i / SAMPLES_PER_MINUTE, run.progress()?.second.hearing ?? 0)
  }
  run.stop()
  const report = await run.report
  await Bun.sleep(SAMPLE_MS)
  showFigures([memoryFigure(readings), descriptorFigure(before), gapFigure(report.tally)], options)

  function sayMinute(minute: number, hearing: number): void {
    const words = [...readings].map(([role, all]) => {
      const last = all.at(-1) as Reading
      return `${role} ${(last.bytes / MB).toFixed(1)} MB ${last.descriptors} fd`
    })
    say(`minute ${minute}: ${hearing} hear · ${words.join(' · ')}`)
  }

  function descriptorFigure(before: ReadonlyMap<string, number>): Figure {
    const left = [...pids].map(([role, pid]) => [role, descriptors(pid) - (before.get(role) ?? 0)] as const)
    const most = left.reduce((a, b) => (b[1] > a[1] ? b : a))
    return {
      name: 'soak: descriptors that nobody let go',
      value: Math.max(0, most[1]),
      unit: '',
      target: { kind: 'at-most', value: DESCRIPTORS_KEPT },
      words: `more than before the first listener came, ten seconds after the last has left; most in ${most[0]}`,
    }
  }
} finally {
  await onAir.stop()
}
process.exit(0)

function memoryFigure(readings: ReadonlyMap<string, readonly Reading[]>): Figure {
  const growth = [...readings].map(([role, all]) => {
    const judged = all.filter(({ atMinutes }) => atMinutes >= minutes * WARM_UP_SHARE)
    const mean = judged.reduce((sum, { bytes }) => sum + bytes, 0) / judged.length
    const bytesPerMinute = slope(judged)
    return { role, mean, bytesPerMinute, share: (bytesPerMinute * minutes * (1 - WARM_UP_SHARE)) / mean }
  })
  const worst = growth.reduce((a, b) => (b.share > a.share ? b : a))
  const words = growth.map(
    ({ role, mean, bytesPerMinute }) =>
      `${role} ${(bytesPerMinute / 1024).toFixed(0)} KB/min at ${(mean / MB).toFixed(0)} MB`,
  )
  return {
    name: `soak: memory grown in the last ${number(minutes * (1 - WARM_UP_SHARE))} of ${number(minutes)} minutes, worst process`,
    value: worst.share * 100,
    unit: ' %',
    target: { kind: 'at-most', value: FLAT_SHARE * 100 },
    words: `${number(connections)} TLS listeners, ${options.more.churn} % churn a minute; ${words.join(', ')}`,
  }
}

function gapFigure({ gaps, parts, late }: { gaps: number; parts: number; late: number }): Figure {
  return {
    name: 'soak: gaps',
    value: gaps,
    unit: '',
    target: { kind: 'at-most', value: 0 },
    words: `in ${number(parts)} parts; ${late} arrivals later than 3 s`,
  }
}

/** Bytes per minute, by least squares. */
function slope(readings: readonly Reading[]): number {
  const mean = (pick: (one: Reading) => number) =>
    readings.reduce((sum, one) => sum + pick(one), 0) / readings.length
  const [x, y] = [mean((one) => one.atMinutes), mean((one) => one.bytes)]
  const above = readings.reduce((sum, { atMinutes, bytes }) => sum + (atMinutes - x) * (bytes - y), 0)
  const below = readings.reduce((sum, { atMinutes }) => sum + (atMinutes - x) ** 2, 0)
  return below === 0 ? 0 : above / below
}
