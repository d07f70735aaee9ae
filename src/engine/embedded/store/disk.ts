// What the store asks of a file system, small enough that a test can stand in for the disk and lose power.
// Foreign errors are translated here, once: a missing file is `not-found`, everything else is `unavailable`.

import { constants, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { MimbarError } from '../../../base/errors.ts'

/** `read`: must exist. `update`: must exist, read and written. `create`: emptied if it exists. */
export type OpenMode = 'read' | 'update' | 'create'

export interface DiskFile {
  size(): Promise<number>
  /** Fewer bytes than asked for only at the end of the file. */
  read(at: number, length: number): Promise<Uint8Array>
  /** Writes all of it. A killed process no longer loses it; a power cut does, until {@link sync}. */
  write(at: number, bytes: Uint8Array): Promise<void>
  truncate(size: number): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

export interface Disk {
  /** With its parents; fine when it exists. */
  makeFolder(path: string): Promise<void>
  /** Names of what is in it; empty when it does not exist. */
  list(folder: string): Promise<string[]>
  open(path: string, mode: OpenMode): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, or a folder with all that is in it; fine when there is none. */
  remove(path: string): Promise<void>
  /** Makes creations, renames and removals in the folder survive a power cut. */
  syncFolder(path: string): Promise<void>
}

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  update: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC,
}

// Recordings are nobody else's business on this machine.
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** The machine's file system; every call runs off the serving thread. */
export const machineDisk: Disk = {
  makeFolder: (path) => translated(mkdir(path, { recursive: true, mode: FOLDER_MODE })).then(() => undefined),
  list: (folder) =>
    translated(readdir(folder)).catch((error) => {
      if (error instanceof MimbarError && error.code === 'not-found') return []
      throw error
    }),
  open: async (path, mode) => new MachineFile(await translated(open(path, FLAGS[mode], FILE_MODE))),
  rename: (from, to) => translated(rename(from, to)),
  remove: (path) => translated(rm(path, { recursive: true, force: true })),
  syncFolder: async (path) => {
    const folder = await translated(open(path, constants.O_RDONLY))
    await translated(folder.sync()).finally(() => folder.close())
  },
}

class MachineFile implements DiskFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async size(): Promise<number> {
    return (await translated(this.#handle.stat())).size
  }

  async read(at: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await translated(this.#handle.read(bytes, filled, length - filled, at + filled))
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      const { bytesWritten } = await translated(
        this.#handle.write(bytes, done, bytes.length - done, at + done),
      )
      done += bytesWritten
    }
  }

  truncate(size: number): Promise<void> {
    return translated(this.#handle.truncate(size))
  }

  sync(): Promise<void> {
    return translated(this.#handle.datasync())
  }

  close(): Promise<void> {
    return translated(this.#handle.close())
  }
}

async function translated<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new MimbarError('not-found', 'No such file or folder.', { cause })
    throw new MimbarError('unavailable', `The disk failed: ${code ?? String(cause)}.`, { cause })
  }
}
