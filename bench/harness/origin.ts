// What an edge reads from: the embedded engine on a unix socket, as the log role serves it, and a space on air whose
// parts come every 200 ms by the wall clock. It lives in the bench's own process, whose cost is not measured.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSpaceId } from '../../src/base/ids.ts'
import type { Running } from '../../src/base/lifetime.ts'
import { PART_MS, sequence, wallMillis, wallTimeOf } from '../../src/base/units.ts'
import { programHeaders } from '../../src/core/part/packager.ts'
import type { Part } from '../../src/core/part/part.ts'
import { type SpaceFacts, spaceKey } from '../../src/core/space/facts.ts'
import { openEmbeddedEngine } from '../../src/engine/embedded/engine.ts'
import { serveEngine } from '../../src/engine/embedded/remote/server.ts'
import { type Engine, type PartLog, RING_PARTS_DEFAULT } from '../../src/engine/ports.ts'
import { BenchProgram } from './program.ts'

export const SPACE = parseSpaceId('bench')
/** Parts that are there before the first listener comes. */
const PARTS_BEFORE = 50
/** Newest parts that are remembered for whoever sends the same bytes by other means: 30 s. */
const PARTS_REMEMBERED = 150

export class Origin {
  readonly folder: string
  readonly engineSocket: string
  readonly facts: SpaceFacts
  /** The newest parts, oldest first. */
  readonly parts: Part[] = []
  /** Called with each part as it is appended. */
  onPart: (part: Part) => void = () => {}
  /** Parts that readers of the log were given by `tail` and `read`, all readers together. */
  partsRead = 0
  partsAppended = 0
  readonly #program: BenchProgram
  readonly #stopping: Running[] = []
  readonly #engine: Engine
  #next: number
  #isStopped = false
  #appending: Promise<void> = Promise.resolve()

  static async start(): Promise<Origin> {
    const folder = mkdtempSync(join(tmpdir(), 'mimbar-bench-'))
    const engine = await openEmbeddedEngine({ dataFolder: join(folder, 'data'), bootId: 'bench' })
    const origin = new Origin(folder, engine, await BenchProgram.load())
    const counting: Engine = { ...portsOf(engine), log: origin.#counted(engine.log) }
    const served = await serveEngine(counting, { socketPath: origin.engineSocket })
    origin.#stopping.push(served, engine)
    await origin.#open()
    return origin
  }

  private constructor(folder: string, engine: Engine, program: BenchProgram) {
    this.folder = folder
    this.engineSocket = join(folder, 'engine.sock')
    this.#engine = engine
    this.#program = program
    const gridStartMs = wallMillis(Math.floor((Date.now() - 20_000) / 2_000) * 2_000)
    this.#next = Math.floor((Date.now() - gridStartMs) / PART_MS) - PARTS_BEFORE
    this.facts = {
      id: SPACE,
      title: 'Bench',
      phase: 'live',
      recorded: false,
      createdAtMs: wallMillis(Date.now()),
      gridStartMs,
      programStart: sequence(0),
      seats: [],
    }
  }

  /** Mean bytes of a part in `opus.mp4`, of those that are remembered. */
  get partBytes(): number {
    const bytes = this.parts.reduce((sum, part) => sum + (part.tracks.get('opus.mp4')?.length ?? 0), 0)
    return bytes / Math.max(1, this.parts.length)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#appending
    for (const running of this.#stopping) await running.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #open(): Promise<void> {
    const { gridStartMs } = this.facts
    await this.#engine.roster.put(spaceKey(SPACE), this.facts, 0)
    const spec = { gridStartMs, tracks: programHeaders(), ringParts: RING_PARTS_DEFAULT }
    await this.#engine.log.open(SPACE, spec)
    while (this.#dueInMs() <= 0) await this.#append()
    this.#appending = this.#appendOnTime()
  }

  async #appendOnTime(): Promise<void> {
    while (!this.#isStopped) {
      const early = this.#dueInMs()
      if (early > 0) await Bun.sleep(early)
      else await this.#append()
    }
  }

  /** A part can be there when its last sample has been said. */
  #dueInMs(): number {
    return wallTimeOf(sequence(this.#next + 1), this.facts.gridStartMs) - Date.now()
  }

  async #append(): Promise<void> {
    const part = this.#program.part(this.#next++)
    await this.#engine.log.append(SPACE, part)
    this.partsAppended += 1
    this.parts.push(part)
    if (this.parts.length > PARTS_REMEMBERED) this.parts.shift()
    this.onPart(part)
  }

  /** The same log; what is read from it is counted. */
  #counted(log: PartLog): PartLog {
    const origin = this
    async function* countedTail(...args: Parameters<PartLog['tail']>): ReturnType<PartLog['tail']> {
      for await (const item of log.tail(...args)) {
        if (item.kind === 'part') origin.partsRead += 1
        yield item
      }
    }
    async function* countedRead(...args: Parameters<PartLog['read']>): ReturnType<PartLog['read']> {
      for await (const part of log.read(...args)) {
        origin.partsRead += 1
        yield part
      }
    }
    return {
      open: (...args) => log.open(...args),
      append: (...args) => log.append(...args),
      head: (...args) => log.head(...args),
      held: (...args) => log.held(...args),
      keepFrom: (...args) => log.keepFrom(...args),
      end: (...args) => log.end(...args),
      forget: (...args) => log.forget(...args),
      read: countedRead as PartLog['read'],
      tail: countedTail as PartLog['tail'],
    }
  }
}

/** An engine's ports may be getters of a class, which spreading would lose. */
function portsOf({ log, feed, lease, roster }: Engine): Engine {
  return { log, feed, lease, roster }
}
