// What happens at a link that is too narrow for everyone who comes: a whole Mimbar at one end, two speakers and more
// arrivals than fit at the other. `playEgressScene` runs it, in a process of its own inside the crowd's namespace, and
// says what was heard.

import { fileURLToPath } from 'node:url'
import type { StageView } from '../../src/core/api/api.ts'
import { FrontDoor } from '../../src/rehearsal/front-door.ts'
import { watchStage } from '../../src/rehearsal/stage-views.ts'
import { goOnAir } from '../harness/on-air.ts'
import { PacedEar } from '../harness/paced-ear.ts'
import { startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { openBottleneck } from './bottleneck.ts'

export interface EgressScene {
  readonly rateBps: number
  readonly queueMs: number
  /** What Mimbar is told; 0 to see what happens when it is told nothing. */
  readonly egressBpsMax: number
  readonly arrivals: number
  readonly arrivalsPerSecond: number
  /** After the last arrival. */
  readonly watchS: number
}

export interface EgressOutcome {
  /** Had sound, and what they heard together. */
  readonly carried: number
  readonly missing: number
  readonly stalled: number
  readonly silenceMsMax: number
  readonly reconnects: number
  /** Had none by the end. */
  readonly refused: number
  /** RTP packets from the stage to its two speakers while listeners came and were there. */
  readonly stageReceived: number
  readonly stageLost: number
  /** The worst that the stage saw of a speaker's own packets, 0…1. */
  readonly stageLossMax: number
  /** How late the crowd's own process was: beyond a few tens of ms, it was the limit and not the link. */
  readonly generatorLateMsP99: number
  /** What the edges measured at the end, and what the cable carried, dropped and was filled on average. */
  readonly egressBps: number
  readonly cable: { readonly bytes: number; readonly packets: number; readonly dropped: number }
  readonly cableBps: number
}

/** A request is held for as long as its stream lasts: more than Bun's own bound. */
const REQUESTS_MAX = '20000'

interface Ends {
  readonly scene: EgressScene
  readonly nodeAddress: string
  readonly inNode: readonly string[]
}

/** Runs the scene; needs root. Everything is gone when it resolves. */
export async function playEgressScene(scene: EgressScene): Promise<EgressOutcome> {
  const bottleneck = openBottleneck(scene)
  try {
    const ends: Ends = { scene, nodeAddress: bottleneck.nodeAddress, inNode: bottleneck.inNode }
    const script = fileURLToPath(import.meta.url)
    const crowd = Bun.spawn([...bottleneck.inCrowd, process.execPath, script, JSON.stringify(ends)], {
      stdout: 'pipe',
      stderr: 'inherit',
      stdin: 'ignore',
      env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: REQUESTS_MAX },
      ipc: (message, child) => {
        if (message === 'cable') child.send(bottleneck.passed())
      },
    })
    const text = await new Response(crowd.stdout).text()
    if ((await crowd.exited) !== 0) throw new Error(`the scene failed:\n${text}`)
    return JSON.parse(text.trim().split('\n').at(-1) as string) as EgressOutcome
  } finally {
    bottleneck.close()
  }
}

/** The crowd's end. */
async function play({ scene, nodeAddress, inNode }: Ends): Promise<EgressOutcome> {
  const flags = ['--egress-bps-max', String(scene.egressBpsMax)]
  const mimbar = await startMimbar({ address: nodeAddress, within: inNode, flags })
  const stopping = new AbortController()
  const lateness = watchLateness()
  const ears: PacedEar[] = []
  try {
    const air = await goOnAir(mimbar, { id: 'narrow', recorded: false, voices: ['ana', 'budi'] })
    let stageLossMax = 0
    const door = new FrontDoor(mimbar.studioUrl)
    const seen = (view: StageView) => {
      for (const { observed } of view.seats) stageLossMax = Math.max(stageLossMax, observed?.loss ?? 0)
    }
    const watching = watchStage(door, air.id, air.host, seen, stopping.signal)
    const url = `${mimbar.publicUrl}/live/narrow/opus.mp4`
    const taster = new PacedEar(url)
    await until('the program is on', () => taster.parts > 5, 20_000)
    taster.stop()
    const stageBefore = stageSums()
    const cableBefore = await cable()
    const startedAt = performance.now()
    for (let i = 0; i < scene.arrivals; i++) {
      ears.push(new PacedEar(url))
      const dueAt = startedAt + ((i + 1) * 1_000) / scene.arrivalsPerSecond
      await Bun.sleep(Math.max(0, dueAt - performance.now()))
    }
    await Bun.sleep(scene.watchS * 1_000)
    const cableAfter = await cable()
    const elapsedS = (performance.now() - startedAt) / 1_000
    const stageAfter = stageSums()
    const egressBps = await measuredEgress()
    const carried = ears.filter((ear) => ear.parts > 0).map((ear) => ear.play())
    stopping.abort()
    await watching
    await air.leave()
    const sum = (pick: (played: (typeof carried)[number]) => number) =>
      carried.reduce((total, played) => total + pick(played), 0)
    const bytes = cableAfter.bytes - cableBefore.bytes
    return {
      carried: carried.length,
      missing: sum(({ missing }) => missing),
      stalled: carried.filter(({ silenceMs }) => silenceMs > 0).length,
      silenceMsMax: Math.max(0, ...carried.map(({ silenceMs }) => silenceMs)),
      reconnects: sum(({ reconnects }) => reconnects),
      refused: scene.arrivals - carried.length,
      stageReceived: stageAfter.received - stageBefore.received,
      stageLost: stageAfter.lost - stageBefore.lost,
      stageLossMax,
      generatorLateMsP99: lateness.msP99(),
      egressBps,
      cable: {
        bytes,
        packets: cableAfter.packets - cableBefore.packets,
        dropped: cableAfter.dropped - cableBefore.dropped,
      },
      cableBps: Math.round((bytes * 8) / elapsedS),
    }

    function stageSums() {
      const stats = air.speakers.map((speaker) => speaker.stats)
      return {
        received: stats.reduce((total, { receivedPackets }) => total + receivedPackets, 0),
        lost: stats.reduce((total, { lostPackets }) => total + lostPackets, 0),
      }
    }
  } finally {
    stopping.abort()
    lateness.stop()
    for (const ear of ears) ear.stop()
    await mimbar.stop()
  }

  /** Of both edges: one port, so asked until both have answered. */
  async function measuredEgress(): Promise<number> {
    const byEdge = new Map<string, number>()
    const look = async () => {
      const text = await metricsText()
      const edge = /mimbar_edge_cpu_seconds_total\{edge="([^"]+)"/.exec(text)?.[1]
      const bps = /^mimbar_edge_egress_bits_per_second (\d+)/m.exec(text)?.[1]
      if (edge !== undefined) byEdge.set(edge, Number(bps))
      return byEdge.size === 2
    }
    await until('both edges told what they send', look, 60_000)
    return [...byEdge.values()].reduce((total, bps) => total + bps, 0)
  }

  async function metricsText(): Promise<string> {
    try {
      const signal = AbortSignal.timeout(5_000)
      const answer = await fetch(`${mimbar.publicUrl}/metrics`, { headers: { Connection: 'close' }, signal })
      return await answer.text()
    } catch {
      return '' // a link that is too full lets nobody ask: asked again
    }
  }
}

/** Looks twenty times a second how late this process is. */
function watchLateness(): { msP99(): number; stop(): void } {
  const periodMs = 50
  const late: number[] = []
  let dueAt = performance.now() + periodMs
  const timer = setInterval(() => {
    late.push(Math.max(0, performance.now() - dueAt))
    dueAt = performance.now() + periodMs
  }, periodMs)
  return {
    msP99: () => Math.round(late.toSorted((a, b) => a - b)[Math.floor(late.length * 0.99)] ?? 0),
    stop: () => clearInterval(timer),
  }
}

function cable(): Promise<EgressOutcome['cable']> {
  return new Promise((resolve) => {
    process.once('message', (passed) => resolve(passed as EgressOutcome['cable']))
    process.send?.('cable')
  })
}

if (import.meta.main) {
  const outcome = await play(JSON.parse(process.argv[2] as string) as Ends)
  console.log(JSON.stringify(outcome))
  process.exit(0)
}
