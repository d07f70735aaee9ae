// How often an edge reads a part from the log, whatever the audience: what the engine gave to readers for each part
// and edge, with a few and with many listeners of every kind.
//
//   bun bench/origin-reads.ts [--connections 1000] [--seconds 8]     30 s

import { PART_MS } from '../src/base/units.ts'
import { Crowd, getRequest } from './harness/crowd.ts'
import { EdgeProcess } from './harness/edge-process.ts'
import { number, say, showFigures } from './harness/figure.ts'
import { benchOptions } from './harness/options.ts'
import { Origin } from './harness/origin.ts'

const options = benchOptions({ connections: 1_000, seconds: 8, rounds: 1 })
const FEW = 10
const CONNECTS_PER_SECOND = 500
const SETTLE_MS = 1_000

const origin = await Origin.start()
try {
  const edges = [await EdgeProcess.start(origin), await EdgeProcess.start(origin, { edgeId: 'edge-1' })]
  const nobody = await readsPerEdgeAndPart(0)
  const few = await readsPerEdgeAndPart(FEW)
  const many = await readsPerEdgeAndPart(options.connections)
  await Promise.all(edges.map((edge) => edge.stop()))
  showFigures(
    [
      {
        name: 'origin reads per edge per part, whatever the audience',
        value: many,
        unit: '',
        target: { kind: 'at-most', value: 1 },
        words: `${number(options.connections)} listeners on each of ${edges.length} edges, one in five polling HLS; with ${FEW}: ${number(few)}; with nobody: ${number(nobody)}`,
      },
    ],
    options,
  )

  async function readsPerEdgeAndPart(listeners: number): Promise<number> {
    const crowds =
      listeners === 0 ? [] : (await Promise.all(edges.map((edge) => crowdsOf(edge, listeners)))).flat()
    await Promise.all(crowds.map((crowd) => crowd.allThere()))
    // The window of the past is read at the first need; the figure is about what comes.
    await Bun.sleep(SETTLE_MS)
    const before = await betweenParts()
    await Bun.sleep(options.seconds * 1_000)
    const after = await betweenParts()
    const perEdge = (after.reads - before.reads) / (after.parts - before.parts) / edges.length
    say(`${listeners} listeners: ${perEdge.toFixed(3)} reads per edge and part`)
    await Promise.all(crowds.map((crowd) => crowd.stop()))
    return perEdge
  }
} finally {
  await origin.stop()
}

/** Both counts at a moment when a part has just reached whoever reads it, and the next one is not there yet. */
function betweenParts(): Promise<{ readonly reads: number; readonly parts: number }> {
  return new Promise((resolve) => {
    origin.onPart = () => {
      origin.onPart = () => {}
      setTimeout(() => resolve({ reads: origin.partsRead, parts: origin.partsAppended }), PART_MS / 2)
    }
  })
}

function crowdsOf(edge: EdgeProcess, listeners: number): Promise<Crowd[]> {
  const pollers = Math.floor(listeners / 5)
  const common = { port: edge.port, tls: false, ratePerSecond: CONNECTS_PER_SECOND } as const
  const streaming = { ...common, kind: 'hold', request: getRequest('/live/bench/opus.mp4') } as const
  const polling = { ...common, kind: 'poll', request: getRequest('/live/bench/index.m3u8') } as const
  return Promise.all([
    Crowd.start({ ...streaming, connections: listeners - pollers }),
    Crowd.start({ ...polling, connections: pollers }),
  ])
}
