// A disk for tests that fails like real ones. It keeps two states of everything: what the running machine sees, and
// what is safe; and it ends the process at any byte that is written.
//
// - Content is safe after `sync`; until then each write may have reached the disk or not, whole or in part, whatever
//   happened to the others.
// - Names (creation, rename, removal) are safe after `syncFolder` of their folder; until then each may be undone.

import { dirname, normalize } from 'node:path'
import { MimbarError } from '../../../base/errors.ts'
import type { Disk, DiskFile, OpenMode } from './disk.ts'

interface Write {
  readonly at: number
  readonly bytes: Uint8Array
}

/** Content with its history since the last sync. */
class Content {
  seen: Uint8Array = new Uint8Array()
  safe: Uint8Array = new Uint8Array()
  unsynced: Write[] = []

  write(at: number, bytes: Uint8Array): void {
    this.seen = overwritten(this.seen, { at, bytes })
    this.unsynced.push({ at, bytes: bytes.slice() })
  }

  truncate(size: number): void {
    this.seen = this.seen.slice(0, size)
    this.safe = this.safe.slice(0, size)
    this.unsynced = this.unsynced.filter((write) => write.at < size)
  }

  sync(): void {
    this.safe = this.seen.slice()
    this.unsynced = []
  }
}

function overwritten(base: Uint8Array, { at, bytes }: Write): Uint8Array {
  const out = new Uint8Array(Math.max(base.length, at + bytes.length))
  out.set(base)
  out.set(bytes, at)
  return out
}

export interface FailingDiskOptions {
  /** The process ends in the middle of the write that brings this many bytes. */
  readonly diesAfterBytes?: number
}

export class FailingDisk implements Disk {
  readonly #seen = new Map<string, Content>()
  readonly #safe = new Map<string, Content>()
  #bytesLeft: number
  /** True once the process has "ended": every call fails from then on. */
  isDead = false
  /** While true, writes fail as on a full disk. */
  isFull = false

  constructor(options: FailingDiskOptions = {}) {
    this.#bytesLeft = options.diesAfterBytes ?? Number.POSITIVE_INFINITY
  }

  /** The disk as the next process finds it after this one was killed: everything written is there. */
  afterKill(options: FailingDiskOptions = {}): FailingDisk {
    return this.#successor(options, this.#seen, (content) => content.seen)
  }

  /**
   * The disk as the machine finds it after a power cut. `survives` decides (0 … 1, drawn for each unsynced write)
   * how much of it has arrived.
   */
  afterPowerCut(survives: () => number, options: FailingDiskOptions = {}): FailingDisk {
    const names = new Map(this.#safe)
    for (const path of new Set([...this.#safe.keys(), ...this.#seen.keys()])) {
      const content = this.#seen.get(path)
      if (content === this.#safe.get(path) || survives() < 0.5) continue
      if (content === undefined) names.delete(path)
      else names.set(path, content)
    }
    return this.#successor(options, names, (content) =>
      content.unsynced.reduce((base, { at, bytes }) => {
        const share = survives()
        const kept = share < 0.3 ? 0 : share > 0.7 ? bytes.length : Math.floor(bytes.length * share)
        return kept === 0 ? base : overwritten(base, { at, bytes: bytes.subarray(0, kept) })
      }, content.safe),
    )
  }

  /** Turns over one bit of the byte `at` of the file, as a bad sector might. */
  damage(path: string, at: number): void {
    const content = this.#content(path)
    const bytes = content.seen.slice()
    bytes[at] = (bytes[at] as number) ^ 0x10
    content.seen = bytes
    content.safe = bytes
  }

  paths(): string[] {
    return [...this.#seen.keys()].sort()
  }

  bytesOf(path: string): Uint8Array {
    return this.#content(path).seen
  }

  async makeFolder(): Promise<void> {
    await this.#turn()
  }

  async list(folder: string): Promise<string[]> {
    await this.#turn()
    const prefix = `${normalize(folder)}/`
    const names = this.paths().flatMap((path) =>
      path.startsWith(prefix) ? [path.slice(prefix.length).split('/')[0] as string] : [],
    )
    return [...new Set(names)]
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    await this.#turn()
    const name = normalize(path)
    if (mode === 'create') this.#seen.set(name, new Content())
    return this.#file(this.#content(name))
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#turn()
    this.#seen.set(normalize(to), this.#content(from))
    this.#seen.delete(normalize(from))
  }

  async remove(path: string): Promise<void> {
    await this.#turn()
    const name = normalize(path)
    for (const known of this.paths()) {
      if (known === name || known.startsWith(`${name}/`)) this.#seen.delete(known)
    }
  }

  async syncFolder(path: string): Promise<void> {
    await this.#turn()
    const folder = normalize(path).replace(/\/$/, '')
    const isIn = (name: string): boolean => dirname(name) === folder || dirname(dirname(name)) === folder
    for (const name of [...this.#safe.keys()])
      if (isIn(name) && !this.#seen.has(name)) this.#safe.delete(name)
    for (const [name, content] of this.#seen) if (dirname(name) === folder) this.#safe.set(name, content)
  }

  #file(content: Content): DiskFile {
    return {
      size: async () => {
        await this.#turn()
        return content.seen.length
      },
      read: async (at, length) => {
        await this.#turn()
        return content.seen.slice(at, at + length)
      },
      write: async (at, bytes) => {
        await this.#turn()
        if (this.isFull) throw new MimbarError('unavailable', 'The disk failed: ENOSPC.')
        const fits = Math.min(bytes.length, this.#bytesLeft)
        content.write(at, bytes.subarray(0, fits))
        this.#bytesLeft -= fits
        if (fits < bytes.length) this.isDead = true
        this.#throwIfDead()
      },
      truncate: async (size) => {
        await this.#turn()
        content.truncate(size)
      },
      sync: async () => {
        await this.#turn()
        content.sync()
      },
      close: async () => undefined,
    }
  }

  #content(path: string): Content {
    const content = this.#seen.get(normalize(path))
    if (content === undefined) throw new MimbarError('not-found', 'No such file or folder.')
    return content
  }

  #successor(
    options: FailingDiskOptions,
    names: ReadonlyMap<string, Content>,
    bytesOf: (content: Content) => Uint8Array,
  ): FailingDisk {
    const disk = new FailingDisk(options)
    for (const [path, content] of names) {
      const copy = new Content()
      copy.seen = bytesOf(content).slice()
      // After a kill nothing more is safe than before; a power cut leaves only what is.
      copy.safe = names === this.#seen ? content.safe.slice() : copy.seen
      copy.unsynced = names === this.#seen ? [...content.unsynced] : []
      disk.#seen.set(path, copy)
      if (names !== this.#seen || this.#safe.has(path)) disk.#safe.set(path, copy)
    }
    return disk
  }

  // Every call lets others in before it acts, as real ones do.
  async #turn(): Promise<void> {
    this.#throwIfDead()
    await Promise.resolve()
    this.#throwIfDead()
  }

  #throwIfDead(): void {
    if (this.isDead) throw new MimbarError('unavailable', 'The process has ended.')
  }
}
