// The log of one space: decides what may be appended, gives it to readers from memory, and has it written.

import { MimbarError } from '../../../base/errors.ts'
import { type Epoch, epoch, type Sequence, type WallMillis } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'
import {
  type HeldRange,
  type LogHead,
  type LogSpec,
  TAIL_BACKLOG_PARTS_MAX,
  type TailItem,
  type TailStart,
} from '../../ports.ts'
import { OneAtATime } from '../one-at-a-time.ts'
import type { Disk } from './disk.ts'
import { HeldFiles } from './held-files.ts'
import { HoleDeclarer } from './holes.ts'
import { LogReader } from './log-reader.ts'
import { Manifest, removeLog } from './manifest.ts'
import { RecentParts } from './recent-parts.ts'
import { recordOf } from './records.ts'
import { Reservation } from './reservation.ts'
import { partsName, readWhole, scanSegment } from './segment-file.ts'
import { SegmentWriter, UNWRITTEN_PARTS_MAX } from './segment-writer.ts'

/** One minute: how much a file holds, and so how much is let go at once. */
const PARTS_PER_FILE_MAX = 300
/** Holds everything that is not in a complete file, and what a reader may lag. */
const RECENT_PARTS = Math.max(PARTS_PER_FILE_MAX, TAIL_BACKLOG_PARTS_MAX) + UNWRITTEN_PARTS_MAX

export interface SpaceLogOptions {
  readonly disk: Disk
  readonly folder: string
  /** Names this run of the machine; differs after a power cut. */
  readonly bootId: string
  /** One line for a person, about what was found damaged or failing. */
  readonly report: (line: string) => void
}

export class SpaceLog {
  readonly #options: SpaceLogOptions
  readonly #manifest: Manifest
  readonly #files: HeldFiles
  readonly #recent = new RecentParts(RECENT_PARTS)
  readonly #writer: SegmentWriter
  readonly #reader: LogReader
  readonly #admission = new OneAtATime()
  #reservation: Reservation
  #newest: Sequence | undefined
  #fence = epoch(0)
  #trimming: Promise<void> | undefined
  #syncFailed = false
  #shutFor: MimbarError | undefined
  #quietRounds = 0

  private constructor(options: SpaceLogOptions, manifest: Manifest) {
    this.#options = options
    this.#manifest = manifest
    this.#files = new HeldFiles(options.disk, options.folder)
    this.#reservation = new Reservation(manifest, options.bootId, undefined)
    this.#writer = new SegmentWriter({
      disk: options.disk,
      folder: options.folder,
      partsPerFile: Math.min(PARTS_PER_FILE_MAX, Math.ceil(manifest.facts.spec.ringParts / 3)),
      began: (first) => this.#files.began(first),
      completed: (first, index) => this.#files.completed(first, index),
      keptFrom: () => manifest.facts.keptFrom,
    })
    this.#reader = new LogReader({
      name: options.folder,
      files: this.#files,
      recent: this.#recent,
      newest: () => this.#newest,
      report: options.report,
    })
  }

  static async create(options: SpaceLogOptions, spec: LogSpec): Promise<SpaceLog> {
    return new SpaceLog(options, await Manifest.create(options.disk, options.folder, spec))
  }

  /** Opens what a former process left; undefined when there is no log. */
  static async load(options: SpaceLogOptions): Promise<SpaceLog | undefined> {
    const manifest = await Manifest.load(options.disk, options.folder)
    if (manifest === undefined) return undefined
    const log = new SpaceLog(options, manifest)
    try {
      await log.#recover()
      return log
    } catch (error) {
      await manifest.close()
      throw error
    }
  }

  get spec(): LogSpec {
    return this.#manifest.facts.spec
  }

  /** From now on the log has the tracks of `spec`, which is its own with more of them. Nothing is added to one that ended. */
  addTracks(spec: LogSpec): Promise<void> {
    return this.#admission.run(async () => {
      if (!this.isEnded) await this.#manifest.changeSpec(spec)
    })
  }

  get isEnded(): boolean {
    return this.#manifest.facts.endedAtMs !== undefined
  }

  /** True when the log has ended and holds nothing any more that was not asked to be kept. */
  get isSwept(): boolean {
    return this.#manifest.facts.swept === true
  }

  /** Called at intervals: how many times in a row nobody had written or read since the time before. */
  quietRounds(): number {
    this.#quietRounds = this.#reader.readers > 0 ? 0 : this.#quietRounds + 1
    return this.#quietRounds
  }

  /** Refuses every append of an epoch below `newest` from now on. */
  fence(newest: Epoch): void {
    if (newest > this.#fence) this.#fence = newest
  }

  get head(): LogHead {
    const { spec, keptFrom } = this.#manifest.facts
    const oldest = this.#reader.oldest
    return {
      ...spec,
      ...(this.#newest === undefined ? {} : { newest: this.#newest }),
      ...(oldest === undefined ? {} : { oldest }),
      epoch: this.#fence,
      appendFrom: this.#reservation.appendFrom(this.#newest, this.#fence),
      ...(keptFrom === undefined ? {} : { keptFrom }),
      ended: this.isEnded,
    }
  }

  async append(part: Part): Promise<void> {
    // Encoded before its turn: a part that is too large is refused without holding up others.
    recordOf(part)
    await this.#admission.run(() => this.#admit(part))
    await this.#writer.flush()
    this.#trim()
  }

  read(from: Sequence, to: Sequence, signal?: AbortSignal): AsyncGenerator<Part> {
    return this.#reader.read(from, to, signal)
  }

  held(from: Sequence, to: Sequence): readonly HeldRange[] {
    return this.#reader.held(from, to)
  }

  tail(start: TailStart, signal: AbortSignal): AsyncGenerator<TailItem> {
    return this.#reader.tail(start, signal)
  }

  keepFrom(from: Sequence, writer: Epoch): Promise<void> {
    return this.#admission.run(async () => {
      this.#checkEpoch(writer)
      if (this.isEnded) throw new MimbarError('gone', 'The log was ended; what it keeps is settled.')
      if (this.#manifest.facts.keptFrom !== from) await this.#manifest.record({ keptFrom: from })
    })
  }

  end(writer: Epoch, now: WallMillis): Promise<void> {
    return this.#admission.run(async () => {
      if (this.isEnded) return
      this.#checkEpoch(writer)
      await this.#writer.finish()
      await this.#manifest.record({ ...this.#reservation.givenBack(this.#newest), endedAtMs: now })
      this.#reader.end()
    })
  }

  /**
   * After the end: removes the parts that nobody asked to keep, once `retentionMs` have passed. Resolves true when
   * nothing is left, and the log itself should go.
   */
  async sweep(now: WallMillis, retentionMs: number): Promise<boolean> {
    const { endedAtMs, keptFrom, swept } = this.#manifest.facts
    if (endedAtMs === undefined || swept || now - endedAtMs < retentionMs) return false
    if (keptFrom === undefined || this.#newest === undefined || keptFrom > this.#newest) return true
    await this.#files.removeUnkept(keptFrom)
    await this.#manifest.record({ swept: true })
    return false
  }

  /** Syncs what was written; cheap when there is nothing to. */
  async sync(): Promise<void> {
    try {
      await this.#writer.sync()
      this.#syncFailed = false
    } catch (error) {
      if (!this.#syncFailed) this.#options.report(`${this.#options.folder}: sync failed: ${error}`)
      this.#syncFailed = true
    }
  }

  /** Lets go of the log after a clean stop: everything is written and synced, nothing is burnt. */
  async close(): Promise<void> {
    this.#shut(new MimbarError('unavailable', 'The log is being stopped.'))
    await this.#admission.run(async () => {
      try {
        await this.#writer.close()
        const givenBack = this.#reservation.givenBack(this.#newest)
        if (!this.isEnded && givenBack !== undefined) await this.#manifest.record(givenBack)
      } finally {
        await this.#trimming
        await this.#manifest.close()
      }
    })
  }

  /** Removes every byte of it. Readers are told `gone`. */
  async remove(): Promise<void> {
    this.#shut(new MimbarError('gone', 'The log was removed.'))
    await this.#admission.run(async () => {
      await this.#writer.discard()
      await this.#trimming
      await this.#manifest.close()
      await removeLog(this.#options.disk, this.#options.folder)
    })
  }

  // One at a time: whether a part may be appended depends on all before it.
  async #admit(part: Part): Promise<void> {
    this.#checkEpoch(part.epoch)
    if (this.isEnded) throw new MimbarError('gone', 'The log was ended.')
    if (this.#isRepeated(part)) return
    this.#checkSequence(part)
    if (this.#writer.isFull) await this.#writer.flush()
    if (!this.#reservation.covers(part.sequence, part.epoch)) {
      await this.#reservation.reserve(part.sequence, part.epoch)
      this.#checkEpoch(part.epoch)
    }
    this.fence(part.epoch)
    this.#quietRounds = 0
    this.#newest = part.sequence
    this.#writer.add(part)
    this.#recent.push(part)
    this.#reader.wake()
  }

  // From now on, for those who still hold this object: whoever asks the store anew finds what there is then.
  #shut(reason: MimbarError): void {
    this.#shutFor ??= reason
    this.#reader.cut(reason)
  }

  #checkEpoch(writer: Epoch): void {
    if (this.#shutFor !== undefined) throw this.#shutFor
    if (writer >= this.#fence) return
    throw new MimbarError('fenced', `Epoch ${writer} is over; the space is held with epoch ${this.#fence}.`)
  }

  #isRepeated(part: Part): boolean {
    const newest = this.#recent.newest
    if (newest?.sequence !== part.sequence || newest.epoch !== part.epoch) return false
    if (Buffer.compare(recordOf(newest), recordOf(part)) === 0) return true
    throw new MimbarError('conflict', `Sequence ${part.sequence} is taken by a part with other content.`)
  }

  #checkSequence(part: Part): void {
    const { sequence, gap } = part
    const smallest = this.#reservation.appendFrom(this.#newest, part.epoch)
    if (sequence < smallest) {
      throw new MimbarError('conflict', `Sequence ${sequence} is not free; go on from ${smallest}.`)
    }
    const follows = this.#newest !== undefined && sequence === this.#newest + 1
    if (follows || gap !== undefined) return
    throw new MimbarError(
      'conflict',
      `Sequence ${sequence} does not follow ${this.#newest}, and names no gap.`,
    )
  }

  #trim(): void {
    const { spec, keptFrom } = this.#manifest.facts
    this.#trimming ??= this.#files
      .trim(spec.ringParts, this.#writer.writing, keptFrom)
      .catch((error) => this.#options.report(`${this.#options.folder}: old parts stay: ${error}`))
      .finally(() => {
        this.#trimming = undefined
      })
  }

  async #recover(): Promise<void> {
    const firsts = await this.#files.find()
    if (this.isEnded) {
      for (const first of firsts) await this.#noteNewest(first)
      this.#reader.end()
    } else {
      const last = firsts.pop()
      for (const first of firsts) await this.#noteNewest(first)
      if (last !== undefined) await this.#resumeFile(last)
    }
    this.#reservation = new Reservation(this.#manifest, this.#options.bootId, this.#newest)
    this.fence(this.#manifest.facts.block?.epoch ?? epoch(0))
  }

  async #noteNewest(first: Sequence): Promise<void> {
    const index = await this.#files.adopt(first)
    this.#newest = index.entries.at(-1)?.sequence ?? this.#newest
  }

  async #resumeFile(first: Sequence): Promise<void> {
    const { disk, folder, report } = this.#options
    const path = `${folder}/${partsName(first)}`
    const bytes = await readWhole(disk, path)
    const { parts, index, damagedBytes } = scanSegment(bytes, path)
    if (damagedBytes > 0) report(`${path}: ${damagedBytes} bytes are damaged; what they held is a gap`)
    if (bytes.length > index.bytes) report(`${path}: cut off ${bytes.length - index.bytes} torn bytes`)
    if (parts.length === 0) return disk.remove(path)
    const holes = new HoleDeclarer(() => undefined)
    for (const part of parts) this.#recent.push(holes.declare(part))
    this.#newest = index.entries.at(-1)?.sequence
    this.#files.began(first)
    await this.#writer.resume(first, index)
  }
}
