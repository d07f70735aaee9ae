// CPU per listener-second against polling: our edge pushes five parts every second, nginx serves a file of the same
// five parts to players who ask for it every second on a connection that is kept. Both without TLS, in turns.
//
//   bun bench/against-nginx.ts [--connections 5000] [--seconds 10] [--rounds 3]     2 min

import { Crowd, getRequest } from './harness/crowd.ts'
import { EdgeProcess } from './harness/edge-process.ts'
import { median, number, say, showFigures } from './harness/figure.ts'
import { Nginx } from './harness/nginx.ts'
import { benchOptions } from './harness/options.ts'
import { Origin } from './harness/origin.ts'
import { cost } from './harness/process-meter.ts'

const options = benchOptions({ connections: 5_000, seconds: 10, rounds: 3 })
const { connections, seconds, rounds } = options
const CONNECTS_PER_SECOND = 2_500
const FLUSH_MS = 1_000
const SETTLE_MS = 2_000

const CONTENDERS = ['nginx', 'edge'] as const
type Contender = (typeof CONTENDERS)[number]

interface Measured {
  readonly usPerListenerSecond: number
  readonly bytesPerListenerSecond: number
}

const origin = await Origin.start()
try {
  const found: Record<Contender, Measured[]> = { nginx: [], edge: [] }
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
      const measured = await measure(contender)
      found[contender].push(measured)
      say(
        `round ${round + 1}: ${contender.padEnd(6)} ${measured.usPerListenerSecond.toFixed(1)} µs a listener-second, ${measured.bytesPerListenerSecond.toFixed(0)} B/s each`,
      )
    }
  }
  const us = (contender: Contender) => median(found[contender].map((one) => one.usPerListenerSecond))
  const ratio = median(
    found.edge.map((one, i) => one.usPerListenerSecond / (found.nginx[i] as Measured).usPerListenerSecond),
  )
  showFigures(
    [
      {
        name: 'CPU per listener-second against nginx and pollers each second, plain',
        value: ratio,
        unit: '×',
        target: { kind: 'at-most', value: 0.4 },
        words: `${us('edge').toFixed(1)} µs (flush ${FLUSH_MS} ms) against ${us('nginx').toFixed(1)} µs; ${number(connections)} listeners, the same parts; medians of ${rounds}`,
      },
    ],
    options,
  )

  async function measure(contender: Contender): Promise<Measured> {
    const server = await serverOf(contender)
    const crowd = await Crowd.start({
      kind: contender === 'nginx' ? 'poll' : 'hold',
      port: server.port,
      tls: false,
      connections,
      request: getRequest(server.path),
      ratePerSecond: CONNECTS_PER_SECOND,
    })
    try {
      await crowd.allThere()
      await Bun.sleep(SETTLE_MS)
      const before = await crowd.counts()
      const used = await cost(server.pid, () => Bun.sleep(seconds * 1_000))
      const after = await crowd.counts()
      checkPolls(contender, (after.answers - before.answers) / connections / used.seconds)
      if (after.failed > 0) throw new Error(`${contender}: ${after.failed} requests failed`)
      return {
        usPerListenerSecond: (used.cpuSeconds * 1e6) / after.open / used.seconds,
        bytesPerListenerSecond: (after.bytes - before.bytes) / after.open / used.seconds,
      }
    } finally {
      await crowd.stop()
      await server.stop()
    }
  }

  async function serverOf(contender: Contender) {
    if (contender === 'nginx') return Nginx.start(origin, connections)
    const edge = await EdgeProcess.start(origin, { flushMs: FLUSH_MS })
    return { pid: edge.pid, port: edge.port, path: '/live/bench/opus.mp4', stop: () => edge.stop() }
  }
} finally {
  await origin.stop()
}

/** A generator that asks more seldom than it should would flatter nginx, not us; but it would be no comparison. */
function checkPolls(contender: Contender, perListenerSecond: number): void {
  if (contender !== 'nginx' || Math.abs(perListenerSecond - 1) < 0.1) return
  say(`nginx was asked ${perListenerSecond.toFixed(2)} times a listener-second instead of once`)
}
