// Which parts files a log holds, oldest first, and reading a range back from the complete ones.

import { hasCode, MimbarError } from '../../../base/errors.ts'
import { type Sequence, sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'
import type { HeldRange } from '../../ports.ts'
import type { Disk, DiskFile } from './disk.ts'
import { cutRange, type PartName, rangesOf } from './ranges.ts'
import { recordAt } from './records.ts'
import { firstOf, indexName, loadIndex, partsName, type SegmentIndex, writeSegment } from './segment-file.ts'

/** Read and decoded at once; about eighty parts. */
const READ_BYTES_MAX = 256 * 1024

interface HeldFile {
  readonly first: Sequence
  /** Undefined while it is being written. */
  content: HeldContent | undefined
}

interface HeldContent {
  readonly parts: number
  readonly ranges: readonly HeldRange[]
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
    this.#files.push({ first, content: undefined })
  }

  completed(first: Sequence, index: SegmentIndex): void {
    const file = this.#files.find((candidate) => candidate.first === first)
    if (file !== undefined) file.content = contentOf(index.entries)
  }

  /** The parts files that a former process left, oldest first. */
  async find(): Promise<Sequence[]> {
    const names = await this.#disk.list(this.#folder)
    // Left by a process that ended while it shortened a file.
    for (const name of names) if (name.endsWith('.new')) await this.#disk.remove(`${this.#folder}/${name}`)
    return names.flatMap((name) => firstOf(name) ?? []).sort((a, b) => a - b)
  }

  /** Takes over a complete file of a former process. Its index is returned. */
  async adopt(first: Sequence): Promise<SegmentIndex> {
    const index = await loadIndex(this.#disk, this.#folder, first)
    this.#files.push({ first, content: contentOf(index.entries) })
    return index
  }

  /**
   * Removes the oldest files as long as `enough` parts are held without them, and none of them is kept. `writing`
   * is how many parts the file has that is not complete.
   */
  async trim(enough: number, writing: number, keptFrom: Sequence | undefined): Promise<void> {
    for (const first of this.#droppable(enough - writing, keptFrom)) await this.remove(first)
  }

  /** Removes every part before `keptFrom`: whole files, and the beginning of the one that it lies in. */
  async removeUnkept(keptFrom: Sequence): Promise<void> {
    for (const first of this.#droppable(Number.NEGATIVE_INFINITY, keptFrom)) await this.remove(first)
    const oldest = this.#files[0]
    if (oldest !== undefined && oldest.first < keptFrom) await this.#shorten(oldest, keptFrom)
  }

  // The shortened file is whole and safe before the old one goes; after a crash in between both are there, and the
  // next sweep removes the old one.
  async #shorten(old: HeldFile, keptFrom: Sequence): Promise<void> {
    const kept: Part[] = []
    for await (const part of this.#readFile(old.first, keptFrom, this.#endOf(old))) kept.push(part)
    const first = kept[0]?.sequence
    if (first === undefined) return this.remove(old.first)
    const { entries } = await writeSegment(this.#disk, this.#folder, kept)
    this.#files.splice(1, 0, { first, content: contentOf(entries) })
    await this.remove(old.first)
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

  /** What complete files hold with `from` ≤ sequence < `to`, oldest first. Asks no disk. */
  *held(from: Sequence, to: Sequence): Generator<HeldRange> {
    for (const [i, file] of this.#files.entries()) {
      // As when reading: a file that is being shortened overlaps with its successor.
      const end = Math.min(to, this.#files[i + 1]?.first ?? to)
      if (end <= from || file.content === undefined) continue
      if (file.first >= to) return
      for (const range of file.content.ranges) {
        const cut = cutRange(range, from, sequence(end))
        if (cut !== undefined) yield cut
      }
    }
  }

  /**
   * The parts with `from` ≤ sequence < `to` in complete files, oldest first. When a file went before we came to
   * it, `missing` is called, and the next one is gone on with.
   */
  async *read(from: Sequence, to: Sequence, missing: () => void): AsyncGenerator<Part> {
    let next = from
    for (let file = this.#fileAt(next, to); file !== undefined; file = this.#fileAt(next, to)) {
      try {
        // Not beyond where the next file begins: one that is being shortened overlaps with its successor.
        const end = sequence(Math.min(to, this.#endOf(file)))
        for await (const part of this.#readFile(file.first, next, end)) {
          yield part
          next = sequence(part.sequence + 1)
        }
        // Whatever a file does not hold before the next one begins is nowhere.
        next = this.#endOf(file)
      } catch (error) {
        if (!hasCode(error, 'not-found')) throw error
        if (this.#files.includes(file))
          throw new MimbarError('corrupt', `${this.#folder}: a file is missing.`)
        missing()
      }
    }
  }

  // The oldest complete file that may hold a part with `from` ≤ sequence < `to`.
  #fileAt(from: Sequence, to: Sequence): HeldFile | undefined {
    if (from >= to) return undefined
    const file = this.#files.find((candidate) => this.#endOf(candidate) > from)
    return file?.content !== undefined && file.first < to ? file : undefined
  }

  // The sequence at which the file after it begins.
  #endOf(file: HeldFile): Sequence {
    return this.#files[this.#files.indexOf(file) + 1]?.first ?? sequence(Number.MAX_SAFE_INTEGER)
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
    let partsAfter = this.#files.reduce((sum, file) => sum + (file.content?.parts ?? 0), 0)
    for (const [i, file] of this.#files.entries()) {
      if (file.content === undefined) break
      partsAfter -= file.content.parts
      const next = this.#files[i + 1]?.first
      const isKept = keptFrom !== undefined && (next === undefined || next > keptFrom)
      if (isKept || partsAfter < enough) break
      drop.push(file.first)
    }
    return drop
  }
}

const contentOf = (entries: readonly PartName[]): HeldContent => ({
  parts: entries.length,
  ranges: rangesOf(entries),
})

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
    const part = recordAt(bytes.subarray(offsetOf(index, i) - base))?.part
    if (part?.sequence === wanted) yield part
  }
}
