// There is never two of anything in a data folder. The lock is SQLite's on a file of its own: the kernel lets go of
// it when the process that holds it ends, however it ends.

import { Database } from 'bun:sqlite'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MimbarError } from '../../base/errors.ts'
import type { Running } from '../../base/lifetime.ts'

/** A predecessor that was told to stop syncs what it has first. */
const LOCK_WAIT_MS = 10_000
const TRY_AGAIN_MS = 50
/** The log's own lock; a supervisor has another, so that it can hold its one while its log comes and goes. */
const LOG_LOCK = 'lock'
export const SUPERVISOR_LOCK = 'run/supervisor'

// A connection that nobody refers to is closed by the garbage collector, and its lock with it. The lock belongs to
// the process, so the process refers to it.
const HELD = new Set<Database>()

/**
 * Takes the folder for this process, or throws `conflict` with the id of the process that has it. `stop` gives it
 * back.
 */
export async function lockDataFolder(
  dataFolder: string,
  waitMs = LOCK_WAIT_MS,
  lock = LOG_LOCK,
): Promise<Running> {
  const path = `${dataFolder}/${lock}`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const holderPath = `${path}.pid`
  const deadline = performance.now() + waitMs
  for (;;) {
    const held = tryLock(`${path}.db`)
    if (held !== undefined) {
      HELD.add(held)
      await writeFile(holderPath, `${process.pid}\n`)
      const stop = async (): Promise<void> => {
        HELD.delete(held)
        held.close()
      }
      return { stop }
    }
    if (performance.now() >= deadline) throw await takenBy(holderPath, dataFolder)
    await Bun.sleep(TRY_AGAIN_MS)
  }
}

// Exclusive mode keeps the lock of the first write until the connection is closed.
function tryLock(path: string): Database | undefined {
  const database = new Database(path, { create: true })
  try {
    database.run('PRAGMA locking_mode = EXCLUSIVE')
    database.run('BEGIN EXCLUSIVE')
    database.run('CREATE TABLE IF NOT EXISTS held (process INTEGER)')
    database.run('COMMIT')
    return database
  } catch (error) {
    database.close()
    const code = (error as { code?: string }).code
    if (code?.startsWith('SQLITE_BUSY')) return undefined
    throw new MimbarError('unavailable', `The lock of the data folder cannot be used: ${error}`, {
      cause: error,
    })
  }
}

async function takenBy(holderPath: string, dataFolder: string): Promise<MimbarError> {
  const pid = (await readFile(holderPath, 'utf8').catch(() => 'unknown')).trim()
  return new MimbarError(
    'conflict',
    `${dataFolder} is in use by another Mimbar (process ${pid}). Stop it, or give this one a folder of its own.`,
  )
}
