// The writing end of one log's parts files: takes parts in order, writes them in batches off the serving thread,
// starts a new file when one is full, and syncs behind.
//
// What it was given stays here until it is written, in order, whatever fails in between: readers may have seen it
// already, and nothing else may ever stand in its place.

import { assert } from '../../../base/assert.ts'
import { concatBytes } from '../../../base/bytes.ts'
import type { Sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'
import { OneAtATime } from '../one-at-a-time.ts'
import type { Disk, DiskFile } from './disk.ts'
import { FILE_HEADER_BYTES, fileHeader } from './file-header.ts'
import { recordOf } from './records.ts'
import { type IndexEntry, indexName, partsName, type SegmentIndex, writeIndex } from './segment-file.ts'

/** Parts that readers have and the disk has not. When so many wait, the disk is not keeping up. */
export const UNWRITTEN_PARTS_MAX = 50

interface OpenSegment {
  readonly first: Sequence
  readonly file: DiskFile
  readonly entries: IndexEntry[]
  bytes: number
}

export interface SegmentWriterOptions {
  readonly disk: Disk
  readonly folder: string
  readonly partsPerFile: number
  /** Called when a file begins, before the first part of it is acknowledged. */
  readonly began: (first: Sequence) => void
  /** Called when a file is complete, with what is in it. */
  readonly completed: (first: Sequence, index: SegmentIndex) => void
  /** Where a complete file's first part must be the first one that is kept, if at all. */
  readonly keptFrom: () => Sequence | undefined
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  readonly #turns = new OneAtATime()
  #unwritten: Part[] = []
  #open: OpenSegment | undefined
  #syncing: Promise<void> | undefined
  #needsSync = false
  #needsFolderSync = false

  constructor(options: SegmentWriterOptions) {
    this.#options = options
  }

  /** Goes on in a file that a former process left, cutting off what follows its last whole part. */
  async resume(first: Sequence, index: SegmentIndex): Promise<void> {
    const { disk, folder } = this.#options
    const file = await disk.open(`${folder}/${partsName(first)}`, 'update')
    if ((await file.size()) > index.bytes) await file.truncate(index.bytes)
    // A power cut may have taken the first bytes and left what was written after them.
    await file.write(0, fileHeader('P'))
    this.#open = { first, file, entries: [...index.entries], bytes: index.bytes }
    // What the former process wrote may still be nowhere but in the page cache.
    this.#needsSync = true
    this.#needsFolderSync = true
  }

  get isFull(): boolean {
    return this.#unwritten.length >= UNWRITTEN_PARTS_MAX
  }

  /** How many parts the file has that is being written. */
  get writing(): number {
    return this.#open?.entries.length ?? 0
  }

  /** Adds a part; it is written with the next {@link flush}. */
  add(part: Part): void {
    assert(!this.isFull, 'a full writer was given a part')
    this.#unwritten.push(part)
  }

  /** Resolves when everything added so far is written. Throws `unavailable`, and tries again when called again. */
  flush(): Promise<void> {
    return this.#turns.run(async () => {
      while (this.#unwritten.length > 0) await this.#writeBatch()
    })
  }

  /** Makes what is written survive a power cut. Does not hold up writing. */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined
    })
    return this.#syncing
  }

  /** Writes and syncs everything, completes the file and lets go of it. */
  finish(): Promise<void> {
    return this.#turns.run(async () => {
      while (this.#unwritten.length > 0) await this.#writeBatch()
      if (this.#open !== undefined) await this.#complete(this.#open)
    })
  }

  /** Writes and syncs everything, and leaves the file to be gone on with. */
  close(): Promise<void> {
    return this.#turns.run(async () => {
      while (this.#unwritten.length > 0) await this.#writeBatch()
      await this.#syncAll()
      await this.#letGo()
    })
  }

  /** Lets go of the file and of everything unwritten: the log is being removed. */
  discard(): Promise<void> {
    this.#unwritten = []
    return this.#turns.run(() => this.#letGo())
  }

  async #writeBatch(): Promise<void> {
    const first = this.#unwritten[0] as Part
    if (this.#open !== undefined && this.#mustEndBefore(this.#open, first)) await this.#complete(this.#open)
    this.#open ??= await this.#begin(first.sequence)
    const segment = this.#open
    const batch = this.#batchFor(segment)
    const records = batch.map(recordOf)
    // At the offset of the last success: what a failed attempt left there is overwritten.
    await segment.file.write(segment.bytes, concatBytes(records))
    this.#needsSync = true
    for (const [i, part] of batch.entries()) {
      segment.entries.push({ sequence: part.sequence, epoch: part.epoch, offset: segment.bytes })
      segment.bytes += (records[i] as Uint8Array).length
    }
    this.#unwritten.splice(0, batch.length)
  }

  #batchFor(segment: OpenSegment): Part[] {
    const room = this.#options.partsPerFile - segment.entries.length
    const batch: Part[] = []
    for (const part of this.#unwritten) {
      if (batch.length === room || (part.sequence !== segment.first && this.#startsKept(segment, part))) break
      batch.push(part)
    }
    return batch
  }

  #mustEndBefore(segment: OpenSegment, next: Part): boolean {
    return segment.entries.length >= this.#options.partsPerFile || this.#startsKept(segment, next)
  }

  // The first part that is kept starts a file, so that what comes before it can go.
  #startsKept(segment: OpenSegment, part: Part): boolean {
    const keptFrom = this.#options.keptFrom()
    return keptFrom !== undefined && segment.first < keptFrom && part.sequence >= keptFrom
  }

  async #begin(first: Sequence): Promise<OpenSegment> {
    const { disk, folder, began } = this.#options
    const file = await disk.open(`${folder}/${partsName(first)}`, 'create')
    try {
      await file.write(0, fileHeader('P'))
    } catch (error) {
      await file.close()
      throw error
    }
    this.#needsFolderSync = true
    began(first)
    return { first, file, entries: [], bytes: FILE_HEADER_BYTES }
  }

  async #complete(segment: OpenSegment): Promise<void> {
    const { disk, folder, completed } = this.#options
    // A write that failed half-way may have left bytes behind the last part.
    if ((await segment.file.size()) > segment.bytes) await segment.file.truncate(segment.bytes)
    await this.#syncAll()
    await writeIndex(disk, `${folder}/${indexName(segment.first)}`, segment)
    await this.#letGo()
    completed(segment.first, segment)
  }

  // A sync that is under way may have begun before the last write.
  async #syncAll(): Promise<void> {
    await this.#syncing
    await this.sync()
  }

  async #sync(): Promise<void> {
    if (this.#needsSync && this.#open !== undefined) {
      this.#needsSync = false
      try {
        await this.#open.file.sync()
      } catch (error) {
        this.#needsSync = true
        throw error
      }
    }
    if (this.#needsFolderSync) {
      await this.#options.disk.syncFolder(this.#options.folder)
      this.#needsFolderSync = false
    }
  }

  async #letGo(): Promise<void> {
    const segment = this.#open
    this.#open = undefined
    // Whether that sync fails is told to whoever asked for it.
    await this.#syncing?.catch(() => undefined)
    await segment?.file.close()
  }
}
