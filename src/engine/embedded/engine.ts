// The embedded engine: part logs on files, leases and roster in one SQLite file, feeds in memory; in this process.
//
//     <data>/log/<space>/…    the part log of one space
//     <data>/engine.db        leases and roster

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { Running } from '../../base/lifetime.ts'
import { systemClock } from '../../host/system-clock.ts'
import type { Engine } from '../ports.ts'
import { openDatabase } from './database.ts'
import { MemoryFeed } from './feed.ts'
import { leasedEpoch, SqliteLease } from './lease.ts'
import { SqliteRoster } from './roster.ts'
import { type Disk, machineDisk } from './store/disk.ts'
import { PartStore, RETENTION_MS_DEFAULT } from './store/part-store.ts'

export interface EmbeddedEngineOptions {
  /** One process at a time may have it; the log role holds a lock. */
  readonly dataFolder: string
  /** How long parts that nobody asked to keep outlive the end of their space. Three minutes. */
  readonly retentionMs?: number
  /** Names this run of the machine: another one after a power cut. Linux tells it. */
  readonly bootId?: string
  readonly disk?: Disk
  readonly clock?: Clock
  /** One line for a person, about what was found damaged or failing. Standard error. */
  readonly report?: (line: string) => void
}

/** Opens the engine in this process. `stop` writes, syncs and closes everything. */
export async function openEmbeddedEngine(options: EmbeddedEngineOptions): Promise<Engine & Running> {
  const { dataFolder, disk = machineDisk, clock = systemClock } = options
  const bootId = options.bootId ?? (await machineBootId())
  await machineDisk.makeFolder(dataFolder)
  const database = openDatabase(`${dataFolder}/engine.db`)
  const log = await PartStore.start({
    disk,
    folder: `${dataFolder}/log`,
    bootId,
    clock,
    retentionMs: options.retentionMs ?? RETENTION_MS_DEFAULT,
    report: options.report ?? ((line) => console.error(`log: ${line}`)),
    leasedEpoch: (space) => leasedEpoch(database, space),
  })
  const stop = async (): Promise<void> => {
    await log.stop()
    database.close()
  }
  return {
    log,
    feed: new MemoryFeed(),
    lease: new SqliteLease(database, clock, log),
    roster: new SqliteRoster(database),
    stop,
  }
}

// Where the kernel does not tell, every start counts as one after a power cut: safe, at the price of a short gap.
async function machineBootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch {
    return randomUUID()
  }
}
