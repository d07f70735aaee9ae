// What a delivered part costs an edge, with and without TLS, against a C loop that sends the same bytes and does
// nothing else. One contender at a time, in turns; the same clients drain all of them.
//
//   bun bench/fan-out.ts [--connections 10000] [--seconds 10] [--rounds 3] [--profile <folder>]     4 min

import { mkdirSync } from 'node:fs'
import { makeCertificate } from './harness/certificate.ts'
import { Crowd, getRequest } from './harness/crowd.ts'
import { EdgeProcess } from './harness/edge-process.ts'
import { FanOutLoop } from './harness/fan-out-loop.ts'
import { median, number, say, showFigures } from './harness/figure.ts'
import { benchOptions } from './harness/options.ts'
import { Origin } from './harness/origin.ts'
import { cost } from './harness/process-meter.ts'

const options = benchOptions({ connections: 10_000, seconds: 10, rounds: 3 }, { profile: '' })
const { connections, seconds, rounds } = options
const CONNECTS_PER_SECOND = 2_500
/** After the last one has come, until bursts and buffers have settled. */
const SETTLE_MS = 2_000
/** What the clients received may differ from what was sent by what is on the way when both are asked. */
const TOLERANCE = 0.03

const CONTENDERS = ['C loop', 'edge', 'edge, TLS'] as const
type Contender = (typeof CONTENDERS)[number]

interface Measured {
  readonly usPerPart: number
  readonly bytesPerPart: number
  readonly gbitPerSecond: number
}

interface Server {
  readonly pid: number
  readonly port: number
  /** Parts handed to sockets so far. */
  parts(): Promise<number>
  stop(): Promise<void>
}

const origin = await Origin.start()
try {
  const certificate = await makeCertificate(origin.folder)
  const found: Record<Contender, Measured[]> = { 'C loop': [], edge: [], 'edge, TLS': [] }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < CONTENDERS.length; i++) {
      const contender = CONTENDERS[(round + i) % CONTENDERS.length] as Contender
      const measured = await measure(contender)
      found[contender].push(measured)
      say(
        `round ${round + 1}: ${contender.padEnd(9)} ${measured.usPerPart.toFixed(2)} µs a part of ${measured.bytesPerPart.toFixed(0)} B, ${measured.gbitPerSecond.toFixed(3)} Gbit/s`,
      )
    }
  }
  const of = (contender: Contender, pick: (one: Measured) => number) => median(found[contender].map(pick))
  const us = (contender: Contender) => of(contender, ({ usPerPart }) => usPerPart)
  const ratio = (contender: Contender) =>
    median(found[contender].map(({ usPerPart }, i) => usPerPart / (found['C loop'][i] as Measured).usPerPart))
  const bytes = of('edge', ({ bytesPerPart }) => bytesPerPart)
  const words = (contender: Contender) =>
    `${us(contender).toFixed(2)} µs against ${us('C loop').toFixed(2)} µs; ${number(connections)} connections, ` +
    `${bytes.toFixed(0)} B a part on the wire, ${of(contender, (one) => one.gbitPerSecond).toFixed(2)} Gbit/s, medians of ${rounds}`
  showFigures(
    [
      {
        name: 'CPU per delivered part, plain, against a C epoll send loop',
        value: ratio('edge'),
        unit: '×',
        target: { kind: 'at-most', value: 1.35 },
        words: words('edge'),
      },
      {
        name: 'the same with TLS, against the plain C loop',
        value: ratio('edge, TLS'),
        unit: '×',
        target: { kind: 'at-most', value: 1.9 },
        words: words('edge, TLS'),
      },
    ],
    options,
  )

  async function measure(contender: Contender): Promise<Measured> {
    const server = await serverOf(contender)
    const crowd = await Crowd.start({
      kind: 'hold',
      port: server.port,
      tls: contender === 'edge, TLS',
      connections,
      request: getRequest('/live/bench/opus.mp4'),
      ratePerSecond: CONNECTS_PER_SECOND,
    })
    try {
      await crowd.allThere()
      await Bun.sleep(SETTLE_MS)
      const [before, partsBefore] = [await crowd.counts(), await server.parts()]
      const used = await cost(server.pid, () => Bun.sleep(seconds * 1_000))
      const [partsAfter, after] = [await server.parts(), await crowd.counts()]
      const parts = partsAfter - partsBefore
      const bytes = after.bytes - before.bytes
      const due = connections * 5 * used.seconds
      if (Math.abs(parts / due - 1) > TOLERANCE + 1 / (5 * seconds) || after.open < connections) {
        say(
          `${contender}: ${parts} parts were delivered, ${due.toFixed(0)} were due; ${after.open} connections left`,
        )
      }
      return {
        usPerPart: (used.cpuSeconds * 1e6) / parts,
        bytesPerPart: bytes / parts,
        gbitPerSecond: (bytes * 8) / used.seconds / 1e9,
      }
    } finally {
      await crowd.stop()
      await server.stop()
    }
  }

  async function serverOf(contender: Contender): Promise<Server> {
    if (contender === 'C loop') {
      const loop = await FanOutLoop.start(origin)
      return {
        pid: loop.pid,
        port: loop.port,
        parts: async () => (await loop.counts()).parts,
        stop: () => loop.stop(),
      }
    }
    const edge = await EdgeProcess.start(origin, {
      ...(contender === 'edge' ? {} : { certificate }),
      bunFlags: profileFlags(contender),
    })
    const parts = () => edge.metric('mimbar_edge_parts_delivered_total')
    return { pid: edge.pid, port: edge.port, parts, stop: () => edge.stop() }
  }
} finally {
  await origin.stop()
}

/** With `--profile`, each edge leaves a profile for Chromium's developer tools when it ends. */
function profileFlags(contender: Contender): readonly string[] {
  const folder = options.more.profile ?? ''
  if (folder === '') return []
  mkdirSync(folder, { recursive: true })
  return [
    '--cpu-prof',
    '--cpu-prof-dir',
    folder,
    '--cpu-prof-name',
    `${contender.replace(', ', '-')}.cpuprofile`,
  ]
}
