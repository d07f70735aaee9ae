// The data folder: is there room, and how long does the disk take to mean it?

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../../config.ts'
import type { Finding } from './finding.ts'

/** An hour of a recorded program is about 65 MB: two tracks of 6 kB/s each, one of 3, and their framing. */
const BYTES_PER_HOUR = 65e6
const HOURS_WANTED = 24
const PROBE_BYTES = 64 * 1024
const PROBES = 10
/** The log means to be at most one second behind the disk. */
const FSYNC_MS_MAX = 250

export async function checkDisk(config: Config): Promise<Finding> {
  try {
    const { bavail, bsize } = statfsSync(standingFolder(config.data))
    const hours = Math.floor((bavail * bsize) / BYTES_PER_HOUR)
    const what = `${config.data} has ${((bavail * bsize) / 1e9).toFixed(1)} GB free: ${hours} hours of recorded program.`
    if (hours >= HOURS_WANTED) return { verdict: 'ok', what }
    return { verdict: 'warn', what, mend: 'Make room, or put the data elsewhere with --data.' }
  } catch (error) {
    const what = `${config.data} cannot be written: ${(error as Error).message}.`
    return { verdict: 'fail', what, mend: 'Give this user the folder, or choose another with --data.' }
  }
}

/** The median of a few small synced writes: what a power cut costs depends on it. */
export async function checkFsync(config: Config): Promise<Finding> {
  try {
    const file = join(standingFolder(config.data), `.doctor-${process.pid}`)
    const tookMs = measureFsync(file)
    const what = `A synced write of 64 KB takes ${tookMs.toFixed(1)} ms.`
    if (tookMs <= FSYNC_MS_MAX) return { verdict: 'ok', what }
    return { verdict: 'warn', what, mend: 'The disk is slow: a power cut may lose more than one second.' }
  } catch (error) {
    return {
      verdict: 'fail',
      what: `A synced write failed: ${(error as Error).message}.`,
      mend: 'Look at the disk.',
    }
  }
}

/** The data folder, or the nearest one above it where it will be made: looking at it must not make it. */
function standingFolder(data: string): string {
  if (!existsSync(data)) return standingFolder(dirname(data))
  if (!statSync(data).isDirectory()) throw new Error(`${data} is not a folder`)
  return data
}

function measureFsync(file: string): number {
  const descriptor = openSync(file, 'w', 0o600)
  try {
    const tookMs: number[] = []
    for (let i = 0; i < PROBES; i++) {
      const startedAt = performance.now()
      writeSync(descriptor, new Uint8Array(PROBE_BYTES))
      fsyncSync(descriptor)
      tookMs.push(performance.now() - startedAt)
    }
    return tookMs.sort((a, b) => a - b)[PROBES / 2] as number
  } finally {
    closeSync(descriptor)
    unlinkSync(file)
  }
}
