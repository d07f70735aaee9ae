// Which parts files a log holds, oldest first, and reading a range back from the complete ones.

import { hasCode } from '../../../base/errors.ts'
import type { Sequence } from '../../../base/units.ts'
import { decodeRecord, type Part } from '../../../core/part/part.ts'
import type { Disk, DiskFile } from './disk.ts'
import { firstOf, indexName, loadIndex, partsName, type SegmentIndex } from './segment-file.ts'

/** Read and decoded at once; about eighty parts. */
const READ_BYTES_MAX = 256 * 1024

interface HeldFile {
  readonly first: Sequence
  /** Undefined while it is being written. */
  parts: number | undefined
}

/** The parts files of one log. */
export class HeldFiles {
  readonly #disk: Disk
  readonly #folder: string
  readonly #files: HeldFile[] = []

  constructor(disk: Disk, folder: string) {
    this.#disk = disk
    this.#folder = folder
  }

  get oldest(): Sequence | undefined {
    return this.#files[0]?.first
  }

  began(first: Sequence): void {
    this.#files.push({ first, parts: undefined })
  }

  completed(first: Sequence, parts: number): void {
    const file = this.#files.find((candidate) => candidate.first === first)
    if (file !== undefined) file.parts = parts
  }

  /** The parts files that a former process left, oldest first. */
  async find(): Promise<Sequence[]> {
    const names = await this.#disk.list(this.#folder)
    return names.flatMap((name) => firstOf(name) ?? []).sort((a, b) => a - b)
  }

  /** Takes over a complete file of a former process. Its index is returned. */
  async adopt(first: Sequence): Promise<SegmentIndex> {
    const index = await loadIndex(this.#disk, this.#folder, first)
    this.#files.push({ first, parts: index.entries.length })
    return index
  }

  /**
   * Removes the oldest files as long as `enough` parts are held without them, and none of them is kept. `writing`
   * is how many parts the file has that is not complete.
   */
  async trim(enough: number, writing: number, keptFrom: Sequence | undefined): Promise<void> {
    for (const first of this.#droppable(enough - writing, keptFrom)) await this.remove(first)
  }

  /** Removes every file that ends before `keptFrom`; all of them when nothing is kept. */
  async removeUnkept(keptFrom: Sequence | undefined): Promise<void> {
    for (const first of this.#droppable(Number.NEGATIVE_INFINITY, keptFrom)) await this.remove(first)
  }

  async remove(first: Sequence): Promise<void> {
    // Off the list before it is off the disk: nobody begins to read what is about to go.
    this.#files.splice(
      this.#files.findIndex((file) => file.first === first),
      1,
    )
    await this.#disk.remove(`${this.#folder}/${indexName(first)}`)
    await this.#disk.remove(`${this.#folder}/${partsName(first)}`)
  }

  /**
   * The parts with `from` ≤ sequence < `to` in complete files, oldest first. A file that went while we read is
   * told to `missing`.
   */
  async *read(from: Sequence, to: Sequence, missing: (first: Sequence) => void): AsyncGenerator<Part> {
    const wanted = this.#files.filter((file, i) => {
      const next = this.#files[i + 1]?.first
      return file.parts !== undefined && file.first < to && (next === undefined || next > from)
    })
    for (const { first } of wanted) {
      try {
        yield* this.#readFile(first, from, to)
      } catch (error) {
        if (!hasCode(error, 'not-found')) throw error
        missing(first)
      }
    }
  }

  async *#readFile(first: Sequence, from: Sequence, to: Sequence): AsyncGenerator<Part> {
    const index = await loadIndex(this.#disk, this.#folder, first)
    const file = await this.#disk.open(`${this.#folder}/${partsName(first)}`, 'read')
    try {
      let at = index.entries.findIndex((entry) => entry.sequence >= from)
      while (at >= 0 && at < index.entries.length && index.entries[at]!.sequence < to) {
        const next = endOfChunk(index, at)
        yield* partsOfChunk(await readChunk(file, index, at, next), index, at, next, to)
        at = next
      }
    } finally {
      await file.close()
    }
  }

  #droppable(enough: number, keptFrom: Sequence | undefined): Sequence[] {
    const drop: Sequence[] = []
    let partsAfter = this.#files.reduce((sum, file) => sum + (file.parts ?? 0), 0)
    for (const [i, file] of this.#files.entries()) {
      if (file.parts === undefined) break
      partsAfter -= file.parts
      const next = this.#files[i + 1]?.first
      const isKept = keptFrom !== undefined && (next === undefined || next > keptFrom)
      if (isKept || partsAfter < enough) break
      drop.push(file.first)
    }
    return drop
  }
}

const offsetOf = (index: SegmentIndex, entry: number): number => index.entries[entry]?.offset ?? index.bytes

function endOfChunk(index: SegmentIndex, start: number): number {
  let end = start + 1
  while (end < index.entries.length && offsetOf(index, end + 1) - offsetOf(index, start) <= READ_BYTES_MAX)
    end++
  return end
}

function readChunk(file: DiskFile, index: SegmentIndex, start: number, end: number): Promise<Uint8Array> {
  const at = offsetOf(index, start)
  return file.read(at, offsetOf(index, end) - at)
}

// A record that does not pass its checksum, or is not the one that the index names, is left out: the hole it
// leaves is declared by whoever sees the sequence jump.
function* partsOfChunk(
  bytes: Uint8Array,
  index: SegmentIndex,
  start: number,
  end: number,
  to: Sequence,
): Generator<Part> {
  const base = offsetOf(index, start)
  for (let i = start; i < end; i++) {
    const wanted = index.entries[i]!.sequence
    if (wanted >= to) return
    const part = partAt(bytes.subarray(offsetOf(index, i) - base))
    if (part?.sequence === wanted) yield part
  }
}

function partAt(bytes: Uint8Array): Part | undefined {
  try {
    const decoded = decodeRecord(bytes)
    return decoded.kind === 'record' ? decoded.part : undefined
  } catch (error) {
    if (hasCode(error, 'corrupt')) return undefined
    throw error
  }
}
