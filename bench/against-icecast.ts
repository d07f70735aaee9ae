// CPU per listener-second against icecast2: the same Ogg pages, the same listeners, as many writes a second, both
// without TLS. One server at a time, in turns. A C loop that only sends is the third: where the kernel's share of a
// send is large, it shows how little of icecast's cost anybody could save.
//
//   bun bench/against-icecast.ts [--connections 5000] [--seconds 10] [--rounds 3]     5 min

import { join } from 'node:path'
import { Crowd, getRequest } from './harness/crowd.ts'
import { EdgeProcess } from './harness/edge-process.ts'
import { FanOutLoop } from './harness/fan-out-loop.ts'
import { median, number, say, showFigures } from './harness/figure.ts'
import { Icecast } from './harness/icecast.ts'
import { benchOptions } from './harness/options.ts'
import { Origin } from './harness/origin.ts'
import { cost } from './harness/process-meter.ts'
import { writesPerSecond } from './harness/system-calls.ts'

const options = benchOptions({ connections: 5_000, seconds: 10, rounds: 3 })
const { connections, seconds, rounds } = options
/** Icecast accepts them one by one: more at once, and some would still wait when we measure. */
const CONNECTS_PER_SECOND = 500
const SETTLE_MS = 3_000
/** Writes are counted on this few listeners: being traced slows a server down. */
const TRACED_CONNECTIONS = 50
const TRACED_SECONDS = 5

const CONTENDERS = ['icecast', 'edge', 'C loop'] as const
type Contender = (typeof CONTENDERS)[number]

interface Server {
  readonly pid: number
  readonly port: number
  readonly path: string
  stop(): Promise<void>
}

interface Measured {
  readonly usPerListenerSecond: number
  readonly bytesPerListenerSecond: number
}

const origin = await Origin.start()
try {
  const writes: Record<Contender, number> = { icecast: Number.NaN, edge: Number.NaN, 'C loop': Number.NaN }
  for (const contender of CONTENDERS) {
    writes[contender] = await countWrites(contender)
    say(`${contender}: ${writes[contender].toFixed(2)} writes a listener-second`)
  }
  const found: Record<Contender, Measured[]> = { icecast: [], edge: [], 'C loop': [] }
  for (let round = 0; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
      const measured = await measure(contender)
      found[contender].push(measured)
      say(
        `round ${round + 1}: ${contender.padEnd(8)} ${measured.usPerListenerSecond.toFixed(1)} µs a listener-second, ${measured.bytesPerListenerSecond.toFixed(0)} B/s each`,
      )
    }
  }
  const us = (contender: Contender) => median(found[contender].map((one) => one.usPerListenerSecond))
  const ratio = (contender: Contender) =>
    median(
      found[contender].map(
        (one, i) => one.usPerListenerSecond / (found.icecast[i] as Measured).usPerListenerSecond,
      ),
    )
  showFigures(
    [
      {
        name: 'CPU per listener-second against icecast2, plain, same write rate',
        value: ratio('edge'),
        unit: '×',
        target: { kind: 'at-most', value: 0.85 },
        words:
          `${us('edge').toFixed(1)} µs against ${us('icecast').toFixed(1)} µs; ${number(connections)} listeners of the same Ogg pages; ` +
          `writes a listener-second: ${writes.edge.toFixed(2)} against ${writes.icecast.toFixed(2)} (strace); medians of ${rounds}`,
      },
      {
        name: 'the C loop against icecast2: what nobody can fall below',
        value: ratio('C loop'),
        unit: '×',
        words: `${us('C loop').toFixed(1)} µs; parts of opus.mp4 (${origin.partBytes.toFixed(0)} B) instead of Ogg pages`,
      },
    ],
    options,
  )

  async function measure(contender: Contender): Promise<Measured> {
    return withCrowd(contender, connections, async (server, crowd) => {
      const before = await crowd.counts()
      const used = await cost(server.pid, () => Bun.sleep(seconds * 1_000))
      const after = await crowd.counts()
      if (after.open < connections) say(`${contender}: only ${after.open} of ${connections} are left`)
      return {
        usPerListenerSecond: (used.cpuSeconds * 1e6) / after.open / used.seconds,
        bytesPerListenerSecond: (after.bytes - before.bytes) / after.open / used.seconds,
      }
    })
  }

  function countWrites(contender: Contender): Promise<number> {
    return withCrowd(contender, TRACED_CONNECTIONS, async ({ pid }) => {
      const perSecond = await writesPerSecond(pid, TRACED_SECONDS, join(origin.folder, 'strace.txt'))
      return (perSecond ?? Number.NaN) / TRACED_CONNECTIONS
    })
  }

  async function withCrowd<T>(
    contender: Contender,
    listeners: number,
    work: (server: Server, crowd: Crowd) => Promise<T>,
  ): Promise<T> {
    const server = await serverOf(contender)
    const crowd = await Crowd.start({
      kind: 'hold',
      port: server.port,
      tls: false,
      connections: listeners,
      request: getRequest(server.path),
      ratePerSecond: CONNECTS_PER_SECOND,
    })
    try {
      await crowd.allThere()
      await Bun.sleep(SETTLE_MS)
      return await work(server, crowd)
    } finally {
      await crowd.stop()
      await server.stop()
    }
  }

  async function serverOf(contender: Contender): Promise<Server> {
    if (contender === 'icecast') return Icecast.start(origin, connections)
    if (contender === 'C loop') {
      const loop = await FanOutLoop.start(origin)
      return { pid: loop.pid, port: loop.port, path: '/', stop: () => loop.stop() }
    }
    const edge = await EdgeProcess.start(origin)
    return { pid: edge.pid, port: edge.port, path: '/live/bench/opus.ogg', stop: () => edge.stop() }
  }
} finally {
  await origin.stop()
}
