// One file of parts, and its index.
//
//     <first sequence, 15 digits>.parts    file header, then records (core/part) by growing sequence
//     <first sequence, 15 digits>.index    file header, u32 bytes of the parts file, u32 n,
//                                          n × (u64 sequence, u32 epoch, u32 offset), u32 CRC-32C of all before it
//
// The parts file is the truth; the index only saves reading it, is written when the file is complete, and is made
// anew when it is missing, damaged, or of a file of another length. With it a log knows what it holds without
// reading a part.

import { ByteReader, ByteWriter, concatBytes, crc32c } from '../../../base/bytes.ts'
import { hasCode } from '../../../base/errors.ts'
import { type Epoch, epoch, type Sequence, sequence } from '../../../base/units.ts'
import type { Part } from '../../../core/part/part.ts'
import type { Disk } from './disk.ts'
import { checkFileHeader, FILE_HEADER_BYTES, fileHeader } from './file-header.ts'
import { recordAt, recordOf } from './records.ts'

const ENTRY_BYTES = 16
/** Header, two numbers, checksum. */
const INDEX_BYTES_MIN = FILE_HEADER_BYTES + 12
const DIGITS = 15
const PARTS_NAME = /^(\d{15})\.parts$/

export const partsName = (first: Sequence): string => `${String(first).padStart(DIGITS, '0')}.parts`
export const indexName = (first: Sequence): string => `${String(first).padStart(DIGITS, '0')}.index`

/** The first sequence of a parts file by its name; undefined for other files. */
export function firstOf(name: string): Sequence | undefined {
  const match = PARTS_NAME.exec(name)
  return match === null ? undefined : sequence(Number(match[1]))
}

export interface IndexEntry {
  readonly sequence: Sequence
  readonly epoch: Epoch
  readonly offset: number
}

/** Where the parts of a file lie: entry i reaches to the offset of entry i + 1, the last one to `bytes`. */
export interface SegmentIndex {
  readonly entries: readonly IndexEntry[]
  readonly bytes: number
}

export interface ScannedSegment {
  readonly parts: readonly Part[]
  readonly index: SegmentIndex
  /** Bytes that are no record although records follow them: storage was damaged. */
  readonly damagedBytes: number
}

/**
 * Finds every whole record in the bytes of a parts file. What cannot be read is passed over byte by byte until a
 * record with a right checksum begins; `index.bytes` ends after the last of them, where a torn tail is cut off.
 */
export function scanSegment(bytes: Uint8Array, path: string): ScannedSegment {
  const parts: Part[] = []
  const entries: IndexEntry[] = []
  let end = FILE_HEADER_BYTES
  let damagedBytes = 0
  // A torn header does not matter: every record says its own format.
  checkFileHeader(bytes.subarray(0, FILE_HEADER_BYTES), 'P', path)
  for (let at = FILE_HEADER_BYTES; at < bytes.length; ) {
    const found = recordAt(bytes.subarray(at))
    const newest = entries.at(-1)
    if (found !== undefined && (newest === undefined || found.part.sequence > newest.sequence)) {
      damagedBytes += at - end
      entries.push({ sequence: found.part.sequence, epoch: found.part.epoch, offset: at })
      parts.push(found.part)
      at += found.length
      end = at
    } else {
      at += 1
    }
  }
  return { parts, index: { entries, bytes: end }, damagedBytes }
}

function encodeIndex(index: SegmentIndex): Uint8Array {
  const writer = new ByteWriter(INDEX_BYTES_MIN + index.entries.length * ENTRY_BYTES).bytes(fileHeader('I'))
  writer.u32(index.bytes).u32(index.entries.length)
  for (const entry of index.entries) writer.u64(entry.sequence).u32(entry.epoch).u32(entry.offset)
  const checked = writer.finish()
  return writer.u32(crc32c(checked)).finish()
}

function decodeIndex(bytes: Uint8Array, path: string): SegmentIndex | undefined {
  if (!checkFileHeader(bytes.subarray(0, FILE_HEADER_BYTES), 'I', path)) return undefined
  if (bytes.length < INDEX_BYTES_MIN) return undefined
  const checked = bytes.subarray(0, -4)
  if (new ByteReader(bytes.subarray(-4)).u32() !== crc32c(checked)) return undefined
  const reader = new ByteReader(checked.subarray(FILE_HEADER_BYTES))
  const fileBytes = reader.u32()
  const count = reader.u32()
  if (bytes.length !== INDEX_BYTES_MIN + count * ENTRY_BYTES) return undefined
  const entries: IndexEntry[] = []
  for (let left = count; left > 0; left--) {
    entries.push({ sequence: sequence(reader.u64()), epoch: epoch(reader.u32()), offset: reader.u32() })
  }
  return { entries, bytes: fileBytes }
}

/** Reads a whole file; `not-found` when there is none. */
export async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read')
  try {
    return await file.read(0, await file.size())
  } finally {
    await file.close()
  }
}

/** Writes the index of a complete parts file. Not synced: it can be made anew. */
export async function writeIndex(disk: Disk, path: string, index: SegmentIndex): Promise<void> {
  const file = await disk.open(path, 'create')
  try {
    await file.write(0, encodeIndex(index))
  } finally {
    await file.close()
  }
}

/**
 * Writes a complete parts file, safe under its name when this resolves, and its index, which is returned. `parts`
 * is not empty.
 */
export async function writeSegment(
  disk: Disk,
  folder: string,
  parts: readonly Part[],
): Promise<SegmentIndex> {
  const first = (parts[0] as Part).sequence
  const entries: IndexEntry[] = []
  const pieces = [fileHeader('P')]
  let bytes = FILE_HEADER_BYTES
  for (const part of parts) {
    entries.push({ sequence: part.sequence, epoch: part.epoch, offset: bytes })
    const record = recordOf(part)
    pieces.push(record)
    bytes += record.length
  }
  const path = `${folder}/${partsName(first)}`
  const file = await disk.open(`${path}.new`, 'create')
  try {
    await file.write(0, concatBytes(pieces))
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(`${path}.new`, path)
  await disk.syncFolder(folder)
  await writeIndex(disk, `${folder}/${indexName(first)}`, { entries, bytes })
  return { entries, bytes }
}

/** The index of the parts file `first` in `folder`: read if it can be trusted, else made from the parts. */
export async function loadIndex(disk: Disk, folder: string, first: Sequence): Promise<SegmentIndex> {
  const path = `${folder}/${indexName(first)}`
  const partsPath = `${folder}/${partsName(first)}`
  const stored = await readIndex(disk, path)
  const file = await disk.open(partsPath, 'read')
  try {
    if (stored !== undefined && stored.bytes === (await file.size())) return stored
  } finally {
    await file.close()
  }
  const { index } = scanSegment(await readWhole(disk, partsPath), partsPath)
  await writeIndex(disk, path, index)
  return index
}

async function readIndex(disk: Disk, path: string): Promise<SegmentIndex | undefined> {
  try {
    return decodeIndex(await readWhole(disk, path), path)
  } catch (error) {
    // Absent, or overwritten with something else: either way the parts file knows better.
    if (hasCode(error, 'not-found') || hasCode(error, 'corrupt')) return undefined
    throw error
  }
}
