// What a log knows about itself: a journal of small facts, each synced before anyone relies on it.
//
//     manifest    file header, then entries: u32 length · u32 CRC-32C · JSON
//
// The newest fact of each kind counts. Only the last entry can be torn, because each is synced before the next is
// written; damage before that means that the disk has lost what we were told is safe, and the log is refused.

import { dirname } from 'node:path'
import { ByteReader, ByteWriter, concatBytes, crc32c, decodeUtf8, encodeUtf8 } from '../../../base/bytes.ts'
import { hasCode, MimbarError } from '../../../base/errors.ts'
import type { Epoch, Sequence, WallMillis } from '../../../base/units.ts'
import type { LogSpec } from '../../ports.ts'
import { OneAtATime } from '../one-at-a-time.ts'
import type { Disk, DiskFile } from './disk.ts'
import { checkFileHeader, FILE_HEADER_BYTES, fileHeader } from './file-header.ts'
import { readWhole } from './segment-file.ts'
import { type JsonSpec, specFromJson, specToJson } from './spec-json.ts'

/**
 * Sequences that may have reached readers without having reached the disk: from `from` to `to`, both included,
 * and only from the writer with `epoch`, while the machine was up as `boot`. A clean stop gives back what was
 * not used, and leaves `boot` empty.
 */
export interface ReservedBlock {
  readonly from: Sequence
  readonly to: Sequence
  readonly epoch: Epoch
  readonly boot: string
}

export interface ManifestFacts {
  readonly spec: LogSpec
  readonly block?: ReservedBlock
  readonly keptFrom?: Sequence
  readonly endedAtMs?: WallMillis
  /** What was not kept is gone. */
  readonly swept?: boolean
}

type Fact = Partial<Omit<ManifestFacts, 'spec'>>
type JsonFact = Fact & { readonly spec?: JsonSpec }

const MANIFEST_NAME = 'manifest'
const NEW_NAME = 'manifest.new'
const ENTRY_PREFIX_BYTES = 8
/** The journal is written anew, as one entry, when it grows past this. */
const MANIFEST_BYTES_MAX = 64 * 1024

/** The manifest of one log, open for writing. */
export class Manifest {
  readonly #disk: Disk
  readonly #folder: string
  readonly #turns = new OneAtATime()
  #file: DiskFile
  #facts: ManifestFacts
  #bytes: number

  private constructor(disk: Disk, folder: string, file: DiskFile, facts: ManifestFacts, bytes: number) {
    this.#disk = disk
    this.#folder = folder
    this.#file = file
    this.#facts = facts
    this.#bytes = bytes
  }

  /** Starts a log. Removes what an unfinished creation or removal has left in its folder. */
  static async create(disk: Disk, folder: string, spec: LogSpec): Promise<Manifest> {
    await disk.remove(folder)
    await disk.makeFolder(folder)
    const [file, bytes] = await writeAnew(disk, folder, { spec })
    await disk.syncFolder(dirname(folder))
    return new Manifest(disk, folder, file, { spec }, bytes)
  }

  /** Undefined when there is no log. Throws `unsupported` or `corrupt` rather than guess. */
  static async load(disk: Disk, folder: string): Promise<Manifest | undefined> {
    const path = `${folder}/${MANIFEST_NAME}`
    const content = await readIfAny(disk, path)
    if (content === undefined) return undefined
    const { facts, bytes } = parseJournal(content, path)
    const file = await disk.open(path, 'update')
    return new Manifest(disk, folder, file, facts, bytes)
  }

  get facts(): ManifestFacts {
    return this.#facts
  }

  /** Adds `fact`; when this resolves it survives a power cut. `facts` shows it from then on. */
  record(fact: Fact): Promise<void> {
    return this.#turns.run(async () => {
      const facts = { ...this.#facts, ...fact }
      const entry = encodeEntry(fact)
      if (this.#bytes + entry.length > MANIFEST_BYTES_MAX) {
        await this.#writeAnew(facts)
      } else {
        await this.#file.write(this.#bytes, entry)
        await this.#file.sync()
        this.#bytes += entry.length
        this.#facts = facts
      }
    })
  }

  /** Writes the journal anew with another spec, which is safe when this resolves. */
  changeSpec(spec: LogSpec): Promise<void> {
    return this.#turns.run(() => this.#writeAnew({ ...this.#facts, spec }))
  }

  async #writeAnew(facts: ManifestFacts): Promise<void> {
    const [file, bytes] = await writeAnew(this.#disk, this.#folder, facts)
    await this.#file.close()
    this.#file = file
    this.#bytes = bytes
    this.#facts = facts
  }

  async close(): Promise<void> {
    await this.#turns.idle()
    await this.#file.close()
  }
}

/** Removes a log: its manifest first, so that one that is half gone is no log. */
export async function removeLog(disk: Disk, folder: string): Promise<void> {
  await disk.remove(`${folder}/${MANIFEST_NAME}`)
  await disk.remove(folder)
  await disk.syncFolder(dirname(folder))
}

// The name changes only when the content is safe, so there is always one whole manifest.
async function writeAnew(disk: Disk, folder: string, facts: ManifestFacts): Promise<[DiskFile, number]> {
  const { spec, ...others } = facts
  const content = concatBytes([fileHeader('M'), encodeEntry({ spec: specToJson(spec), ...others })])
  const file = await disk.open(`${folder}/${NEW_NAME}`, 'create')
  try {
    await file.write(0, content)
    await file.sync()
    await disk.rename(`${folder}/${NEW_NAME}`, `${folder}/${MANIFEST_NAME}`)
    await disk.syncFolder(folder)
    return [file, content.length]
  } catch (error) {
    await file.close()
    throw error
  }
}

function encodeEntry(fact: JsonFact): Uint8Array {
  const json = encodeUtf8(JSON.stringify(fact))
  return concatBytes([new ByteWriter(8).u32(json.length).u32(crc32c(json)).finish(), json])
}

function parseJournal(content: Uint8Array, path: string): { facts: ManifestFacts; bytes: number } {
  if (!checkFileHeader(content, 'M', path)) throw new MimbarError('corrupt', `${path} ends too early.`)
  let facts: Partial<ManifestFacts> = {}
  let at = FILE_HEADER_BYTES
  for (let entry = entryAt(content, at); entry !== undefined; entry = entryAt(content, at)) {
    const { spec, ...others } = JSON.parse(decodeUtf8(entry)) as JsonFact
    facts = { ...facts, ...others, ...(spec === undefined ? {} : { spec: specFromJson(spec) }) }
    at += ENTRY_PREFIX_BYTES + entry.length
  }
  for (let rest = at + 1; rest < content.length; rest++) {
    if (entryAt(content, rest)) throw new MimbarError('corrupt', `${path} is damaged at byte ${at}.`)
  }
  if (facts.spec === undefined) throw new MimbarError('corrupt', `${path} does not say what the log is.`)
  return { facts: { ...facts, spec: facts.spec }, bytes: at }
}

function entryAt(content: Uint8Array, at: number): Uint8Array | undefined {
  if (content.length - at < ENTRY_PREFIX_BYTES) return undefined
  const prefix = new ByteReader(content.subarray(at, at + ENTRY_PREFIX_BYTES))
  const length = prefix.u32()
  const start = at + ENTRY_PREFIX_BYTES
  if (length === 0 || length > content.length - start) return undefined
  const json = content.subarray(start, start + length)
  return crc32c(json) === prefix.u32() ? json : undefined
}

async function readIfAny(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  try {
    return await readWhole(disk, path)
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined
    throw error
  }
}
