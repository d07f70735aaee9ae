// A whole Mimbar over TLS, started as a person would, with two synthetic speakers who talk over real WebRTC: what the
// people on stage notice of a crowd is asked of it here.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Running } from '../../src/base/lifetime.ts'
import { nodePaths } from '../../src/config.ts'
import { type ObservedSpace, observedTopic, type StageHeartbeat } from '../../src/core/space/facts.ts'
import { connectEngine } from '../../src/engine/embedded/remote/client.ts'
import type { Feed } from '../../src/engine/ports.ts'
import { goOnAir, type SpaceOnAir } from '../../test/harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../../test/harness/running-mimbar.ts'
import { type BenchCertificate, makeCertificate } from './certificate.ts'
import { BENCH_KEY } from './rehearsed-edge.ts'

/** What was seen of the stage since `StageWatch.begin`. */
export interface StageFindings {
  /** Of the packets that speakers sent, over any five seconds; the worst of all seats. */
  readonly lossMax: number
  /** p99 over ten seconds of ticks, the worst of all that were reported. */
  readonly tickLatenessMsP99: number
  /** Packets that came back to the speakers, of those that a stage sends in that time. */
  readonly returnedShare: number
}

export interface MimbarOnAir extends Running {
  readonly mimbar: RunningMimbar
  readonly space: SpaceOnAir
  readonly certificate: BenchCertificate
  /** The listening page. */
  readonly page: string
  readonly stage: StageWatch
}

/** Resolves when both speakers talk and the program is live. */
export async function startOnAir(flags: readonly string[] = []): Promise<MimbarOnAir> {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-bench-tls-'))
  const certificate = await makeCertificate(folder)
  const tls = ['--tls-cert', certificate.certFile, '--tls-key', certificate.keyFile]
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0' // The speakers' door has this certificate as well.
  const mimbar = await startMimbar({
    scheme: 'https',
    flags: [...tls, '--rehearsal-key', BENCH_KEY, ...flags],
  })
  const space = await goOnAir(mimbar, { id: 'bench', recorded: false, voices: ['ana', 'budi'] })
  const engine = connectEngine({ socketPath: nodePaths(mimbar.dataFolder).engineSocket })
  const stage = new StageWatch(engine.feed, space)
  return {
    mimbar,
    space,
    certificate,
    page: `${mimbar.publicUrl}/s/${space.id}`,
    stage,
    stop: async () => {
      stage.stop()
      await engine.stop()
      await space.leave()
      await mimbar.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Packets that a stage sends to each speaker. */
const RETURNED_PER_SECOND = 50
/** Two stage processes report; the first ten seconds of a process are late for everyone. */
const STAGE_TOPICS = 'stage/'

export class StageWatch {
  readonly #space: SpaceOnAir
  readonly #stopping = new AbortController()
  #lossMax = 0
  #latenessMax = 0
  #returnedBefore = 0
  #beganAtMs = performance.now()

  constructor(feed: Feed, space: SpaceOnAir) {
    this.#space = space
    void this.#follow(feed, observedTopic(space.id), (value) => {
      for (const seat of (value as ObservedSpace).seats) this.#lossMax = Math.max(this.#lossMax, seat.loss)
    })
    void this.#follow(feed, STAGE_TOPICS, (value) => {
      const { spaces, tickLatenessMsP99 } = value as StageHeartbeat
      if (spaces > 0) this.#latenessMax = Math.max(this.#latenessMax, tickLatenessMsP99)
    })
  }

  /** What follows is a new measurement. */
  begin(): void {
    this.#lossMax = 0
    this.#latenessMax = 0
    this.#returnedBefore = this.#returned()
    this.#beganAtMs = performance.now()
  }

  findings(): StageFindings {
    const seconds = (performance.now() - this.#beganAtMs) / 1_000
    const due = seconds * RETURNED_PER_SECOND * this.#space.speakers.length
    return {
      lossMax: this.#lossMax,
      tickLatenessMsP99: this.#latenessMax,
      returnedShare: (this.#returned() - this.#returnedBefore) / due,
    }
  }

  stop(): void {
    this.#stopping.abort()
  }

  #returned(): number {
    return this.#space.speakers.reduce((sum, { stats }) => sum + stats.receivedPackets, 0)
  }

  async #follow(feed: Feed, prefix: string, seen: (value: unknown) => void): Promise<void> {
    for await (const { value } of feed.subscribe(prefix, this.#stopping.signal)) seen(value)
  }
}
