// The PartLog on files: one folder per space, opened when it is first asked for.

import type { Clock } from '../../../base/clock.ts'
import { MimbarError } from '../../../base/errors.ts'
import { parseSpaceId, type SpaceId } from '../../../base/ids.ts'
import type { Running } from '../../../base/lifetime.ts'
import type { Epoch, Sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'
import type { HeldRange, LogHead, LogSpec, PartLog, TailItem, TailStart } from '../../ports.ts'
import { OneAtATimeEach } from '../one-at-a-time.ts'
import { checkEpoch, checkPart, checkSequence } from './bounds.ts'
import type { Disk } from './disk.ts'
import { Manifest, removeLog } from './manifest.ts'
import { SpaceLog } from './space-log.ts'
import { checkSpec, joinSpecs } from './spec-json.ts'

/** What was written is synced this often: a power cut loses less than a second. */
const SYNC_EVERY_MS = 500
/** How long parts that nobody asked to keep outlive the end of their space: late listeners hear it out. */
export const RETENTION_MS_DEFAULT = 180_000
/** Logs in memory at once, about 1 MB each while live. */
const OPEN_LOGS_MAX = 256
/** One that nobody has written or read for a minute or so is closed; who asks for it opens it again. */
const QUIET_EVERY_MS = 10_000
const QUIET_ROUNDS = 7

export interface PartStoreOptions {
  readonly disk: Disk
  readonly folder: string
  readonly bootId: string
  readonly clock: Clock
  readonly retentionMs: number
  readonly report: (line: string) => void
  /** Newest epoch that the space's lease has given out; 0 when none. */
  readonly leasedEpoch: (space: SpaceId) => Epoch
}

export class PartStore implements PartLog, Running {
  readonly #options: PartStoreOptions
  readonly #open = new Map<SpaceId, SpaceLog>()
  /** Opening, closing and removing logs; never appends. */
  readonly #doors = new OneAtATimeEach<SpaceId>()
  readonly #timers: ReturnType<typeof setInterval>[] = []
  /** Spaces whose unkept parts are still to go. */
  readonly #unswept = new Set<SpaceId>()
  #work: Promise<unknown> = Promise.resolve()
  #isStopped = false

  private constructor(options: PartStoreOptions) {
    this.#options = options
  }

  static async start(options: PartStoreOptions): Promise<PartStore> {
    await options.disk.makeFolder(options.folder)
    const store = new PartStore(options)
    store.#every(SYNC_EVERY_MS, () => store.#syncAll())
    // Spaces that ended before we began are looked through once, in the background.
    store.#work = store.#findEnded()
    store.#every(QUIET_EVERY_MS, () => store.#closeQuiet())
    store.#every(Math.max(10, Math.min(10_000, options.retentionMs / 4)), () => store.#sweep())
    return store
  }

  async open(space: SpaceId, spec: LogSpec): Promise<void> {
    checkSpec(spec)
    await this.#atDoor(space, async () => {
      const known = await this.#find(space)
      if (known === undefined) {
        this.#checkRoom()
        this.#keepOpen(space, await SpaceLog.create(this.#logOptions(space), spec))
        return
      }
      const joined = joinSpecs(known.spec, spec)
      if (joined === undefined) {
        throw new MimbarError('conflict', `The log of ${space} has another grid or other track headers.`)
      }
      if (joined !== known.spec) await known.addTracks(joined)
    })
  }

  async append(space: SpaceId, part: Part): Promise<void> {
    checkPart(part)
    // No await when it is open: appends stay in the order of the calls.
    const log = this.#open.get(space) ?? (await this.#get(space))
    await log.append(part)
  }

  async head(space: SpaceId): Promise<LogHead> {
    return (await this.#get(space)).head
  }

  async *read(space: SpaceId, from: Sequence, to: Sequence, signal?: AbortSignal): AsyncGenerator<Part> {
    checkSequence(from)
    checkSequence(to)
    yield* (await this.#get(space)).read(from, to, signal)
  }

  async held(space: SpaceId, from: Sequence, to: Sequence): Promise<readonly HeldRange[]> {
    checkSequence(from)
    checkSequence(to)
    return (await this.#get(space)).held(from, to)
  }

  async *tail(space: SpaceId, start: TailStart, signal: AbortSignal): AsyncGenerator<TailItem> {
    checkSequence(start.kind === 'live' ? start.burstParts : start.from)
    yield* (await this.#get(space)).tail(start, signal)
  }

  async keepFrom(space: SpaceId, from: Sequence, writer: Epoch): Promise<void> {
    checkSequence(from)
    checkEpoch(writer)
    await (await this.#get(space)).keepFrom(from, writer)
  }

  async end(space: SpaceId, writer: Epoch): Promise<void> {
    checkEpoch(writer)
    const log = await this.#get(space)
    await log.end(writer, this.#options.clock.wall())
    this.#unswept.add(space)
  }

  async forget(space: SpaceId): Promise<void> {
    await this.#atDoor(space, () => this.#remove(space))
  }

  /** Refuses appends to the log of `space` by epochs below `newest` from now on. */
  fence(space: SpaceId, newest: Epoch): void {
    // A log that is not open asks for the leased epoch when it is opened.
    this.#open.get(space)?.fence(newest)
  }

  /** The newest epoch that the log has seen; 0 when there is no log. */
  async newestEpoch(space: SpaceId): Promise<Epoch> {
    const log = await this.#atDoor(space, () => this.#find(space))
    return log?.head.epoch ?? (0 as Epoch)
  }

  /** Writes, syncs and closes every log. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    for (const timer of this.#timers) clearInterval(timer)
    await this.#work
    for (const space of [...this.#open.keys()]) {
      await this.#atDoor(space, () => this.#close(space)).catch((error) => {
        this.#options.report(`log of ${space} was not closed cleanly: ${error}`)
      })
    }
  }

  async #get(space: SpaceId): Promise<SpaceLog> {
    const log = this.#open.get(space) ?? (await this.#atDoor(space, () => this.#find(space)))
    if (log === undefined) throw new MimbarError('not-found', `There is no log of ${space}.`)
    return log
  }

  // At the door of its space only.
  async #find(space: SpaceId): Promise<SpaceLog | undefined> {
    const known = this.#open.get(space)
    if (known !== undefined) return known
    if (this.#isStopped) throw new MimbarError('unavailable', 'The log is being stopped.')
    this.#checkRoom()
    const log = await SpaceLog.load(this.#logOptions(space))
    if (log !== undefined) this.#keepOpen(space, log)
    return log
  }

  #keepOpen(space: SpaceId, log: SpaceLog): void {
    log.fence(this.#options.leasedEpoch(space))
    if (log.isEnded && !log.isSwept) this.#unswept.add(space)
    this.#open.set(space, log)
  }

  // Whoever fills the last place waits for the next round of closing: logs are closed only at their own door.
  #checkRoom(): void {
    if (this.#open.size < OPEN_LOGS_MAX) return
    throw new MimbarError('too-many', `${OPEN_LOGS_MAX} spaces are in use at once; that is the limit.`)
  }

  async #closeQuiet(): Promise<void> {
    for (const [space, log] of [...this.#open]) {
      if (log.quietRounds() >= QUIET_ROUNDS) await this.#atDoor(space, () => this.#close(space))
    }
  }

  async #close(space: SpaceId): Promise<void> {
    const log = this.#open.get(space)
    this.#open.delete(space)
    await log?.close()
  }

  async #remove(space: SpaceId): Promise<void> {
    const log = this.#open.get(space)
    this.#open.delete(space)
    this.#unswept.delete(space)
    if (log === undefined) await removeLog(this.#options.disk, this.#folderOf(space))
    else await log.remove()
  }

  #atDoor<T>(space: SpaceId, work: () => Promise<T>): Promise<T> {
    return this.#doors.run(space, work)
  }

  #logOptions(space: SpaceId) {
    const { disk, bootId, report } = this.#options
    return { disk, bootId, report, folder: this.#folderOf(space) }
  }

  #folderOf(space: SpaceId): string {
    return `${this.#options.folder}/${parseSpaceId(space)}`
  }

  async #syncAll(): Promise<void> {
    // All at once: the threads of the file system's pool are the limit, and one slow file delays no other.
    await Promise.all([...this.#open.values()].map((log) => log.sync()))
  }

  async #findEnded(): Promise<void> {
    for (const name of await this.#options.disk.list(this.#options.folder)) {
      if (this.#isStopped) return
      await this.#noteIfEnded(name as SpaceId).catch((error) => {
        this.#options.report(`log of ${name} cannot be opened: ${error}`)
      })
    }
  }

  async #noteIfEnded(space: SpaceId): Promise<void> {
    await this.#atDoor(space, async () => {
      if (this.#open.has(space)) return
      const folder = this.#folderOf(space)
      const manifest = await Manifest.load(this.#options.disk, folder)
      await manifest?.close()
      // A folder without a manifest is what a creation or a removal has left half-way.
      if (manifest === undefined) await this.#options.disk.remove(folder)
      else if (manifest.facts.endedAtMs !== undefined && !manifest.facts.swept) this.#unswept.add(space)
    })
  }

  async #sweep(): Promise<void> {
    const { clock, retentionMs } = this.#options
    for (const space of this.#unswept) {
      await this.#atDoor(space, async () => {
        const log = await this.#find(space)
        const nothingLeft = await log?.sweep(clock.wall(), retentionMs)
        if (nothingLeft) await this.#remove(space)
        if (log === undefined || log.isSwept) this.#unswept.delete(space)
      }).catch((error) => this.#options.report(`log of ${space}: old parts stay: ${error}`))
    }
  }

  // Rounds never overlap, and stop() waits for the one under way.
  #every(periodMs: number, round: () => Promise<void>): void {
    let running = false
    const timer = setInterval(() => {
      if (running) return
      running = true
      const done = round().finally(() => {
        running = false
      })
      this.#work = Promise.all([this.#work, done])
    }, periodMs)
    this.#timers.push(timer)
  }
}
