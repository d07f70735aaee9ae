// A log, a roster and stages in one process, for the stage's tests: the real engine and the real role.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SeatId, SpaceId, StageId } from '../../src/base/ids.ts'
import type { Running } from '../../src/base/lifetime.ts'
import { PART_MS, type Sequence, sequence, sequenceAt, wallMillis } from '../../src/base/units.ts'
import type { Part } from '../../src/core/part/part.ts'
import { type ObservedSpace, observedTopic, type SpaceFacts, spaceKey } from '../../src/core/space/facts.ts'
import { openEmbeddedEngine } from '../../src/engine/embedded/engine.ts'
import { type ServedEngine, serveEngine } from '../../src/engine/embedded/remote/server.ts'
import type { Engine } from '../../src/engine/ports.ts'
import { startStageRole } from '../../src/roles/stage/stage-role.ts'
import { randomPort } from '../harness/random-port.ts'
import { until } from '../harness/until.ts'

export const SPACE = 'rehearsal' as SpaceId

/** Call `close` at the end. */
export class House {
  readonly folder: string
  #engine: Engine & Running
  #served: ServedEngine | undefined
  readonly #running: Running[] = []
  readonly #children = new Map<string, Bun.Subprocess>()
  #facts: SpaceFacts
  #revision = 0

  private constructor(engine: Engine & Running, folder: string, facts: SpaceFacts) {
    this.#engine = engine
    this.folder = folder
    this.#facts = facts
  }

  static async open(change: Partial<SpaceFacts> = {}): Promise<House> {
    const folder = await mkdtemp(join(tmpdir(), 'mimbar-stage-'))
    const engine = await openEmbeddedEngine({ dataFolder: join(folder, 'data') })
    const house = new House(engine, folder, { ...newSpace(), ...change })
    await house.change({})
    return house
  }

  get engine(): Engine {
    return this.#engine
  }

  get facts(): SpaceFacts {
    return this.#facts
  }

  /** The part being spoken now. */
  get current(): Sequence {
    return sequenceAt(wallMillis(Date.now()), this.#facts.gridStartMs)
  }

  socketPath(stage: string): string {
    return join(this.folder, `${stage}.sock`)
  }

  async startStage(stage: string, engine: Engine = this.engine): Promise<Running> {
    const role = await startStageRole({
      stageId: stage as StageId,
      engine,
      socketPath: this.socketPath(stage),
      udpPort: randomPort(),
      bindAddress: '127.0.0.1',
    })
    this.#running.push(role)
    return role
  }

  /** A stage in a process of its own, over the engine's socket: one that can be killed. Answers its process id. */
  async spawnStage(stage: string): Promise<number> {
    this.#served ??= await serveEngine(this.#engine, { socketPath: this.#engineSocket })
    const options = {
      stageId: stage,
      engineSocket: this.#engineSocket,
      socketPath: this.socketPath(stage),
      udpPort: randomPort(),
    }
    const script = join(import.meta.dir, 'stage-process.ts')
    const child = Bun.spawn([process.execPath, script, JSON.stringify(options)], {
      stdout: 'ignore',
      stderr: 'inherit',
    })
    this.#children.set(stage, child)
    const answers = () =>
      fetch('http://stage/healthz', { unix: this.socketPath(stage) }).then(
        (response) => response.ok,
        () => false,
      )
    await until(`${stage} to open its door`, answers, 20_000)
    return child.pid
  }

  /** Ends a spawned stage: `SIGKILL` at once, `SIGTERM` as an orderly stop. */
  async endStage(stage: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#children.get(stage)
    child?.kill(signal)
    await child?.exited
  }

  /** The engine goes away and comes back from disk, as when the log role is restarted. */
  async restartLog(downMs: number): Promise<void> {
    await this.#served?.stop()
    await this.#engine.stop()
    await Bun.sleep(downMs)
    this.#engine = await openEmbeddedEngine({ dataFolder: join(this.folder, 'data') })
    this.#served = await serveEngine(this.#engine, { socketPath: this.#engineSocket })
  }

  /** Writes desired state, as control does. */
  async change(change: Partial<SpaceFacts>): Promise<void> {
    await this.replace({ ...this.#facts, ...change })
  }

  /** Writes all of it anew, so that what is left out is gone. */
  async replace(facts: SpaceFacts): Promise<void> {
    this.#facts = facts
    this.#revision = await this.engine.roster.put(spaceKey(this.#facts.id), this.#facts, this.#revision)
  }

  /** From the next part but one on the space is live. */
  async goLive(): Promise<Sequence> {
    const programStart = sequence(this.current + 2)
    await this.change({ phase: 'live', programStart })
    return programStart
  }

  async parts(from: Sequence = sequence(0)): Promise<Part[]> {
    const parts: Part[] = []
    const { newest } = await this.engine.log.head(SPACE)
    for await (const part of this.engine.log.read(SPACE, from, sequence((newest ?? 0) + 1))) parts.push(part)
    return parts
  }

  /** The newest report of whoever holds the space. */
  async observed(): Promise<ObservedSpace> {
    const abort = new AbortController()
    for await (const { value } of this.engine.feed.subscribe(observedTopic(SPACE), abort.signal)) {
      abort.abort()
      return value as ObservedSpace
    }
    throw new Error('the feed ended')
  }

  get #engineSocket(): string {
    return join(this.folder, 'engine.sock')
  }

  async close(): Promise<void> {
    for (const stage of this.#children.keys()) await this.endStage(stage, 'SIGKILL')
    for (const running of this.#running.reverse()) await running.stop()
    await this.#served?.stop()
    await this.#engine.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

function newSpace(): SpaceFacts {
  const now = Date.now()
  return {
    id: SPACE,
    title: 'Rehearsal',
    phase: 'lobby',
    recorded: false,
    createdAtMs: wallMillis(now),
    gridStartMs: wallMillis(Math.floor(now / 2_000) * 2_000 - 10 * PART_MS),
    seats: [seat('alice1', 'Alice', 'host'), seat('bob222', 'Bob', 'speaker')],
  }
}

function seat(id: string, name: string, role: 'host' | 'speaker') {
  return { id: id as SeatId, name, role, muted: false, takenAtMs: wallMillis(Date.now()) }
}

export const ALICE = 'alice1' as SeatId
export const BOB = 'bob222' as SeatId
