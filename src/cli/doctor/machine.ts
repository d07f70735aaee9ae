// The machine itself: clock, descriptors, memory, cores.

import { availableParallelism, freemem } from 'node:os'
import type { Config } from '../../config.ts'
import type { Finding } from './finding.ts'
import { readText } from './kernel.ts'

/** Descriptors an edge wants: one per listener, and some hundred of its own. */
const DESCRIPTORS_WANTED = 20_000
const MEMORY_BYTES_WANTED = 512e6
/** Wall clock against monotonic clock over this long: a clock that is being slewed hard shows. */
const CLOCK_WATCH_MS = 400
const CLOCK_DRIFT_MS_MAX = 5

/** A program follows the wall clock: it must run evenly here, and be right for schedules and captions. */
export async function checkClock(): Promise<Finding> {
  const wall = Date.now()
  const steady = performance.now()
  await Bun.sleep(CLOCK_WATCH_MS)
  const driftMs = Math.abs(Date.now() - wall - (performance.now() - steady))
  if (driftMs > CLOCK_DRIFT_MS_MAX) {
    const what = `The wall clock moved ${driftMs.toFixed(0)} ms against the monotonic one within ${CLOCK_WATCH_MS} ms.`
    return { verdict: 'warn', what, mend: 'Let one time service set it: see "timedatectl timesync-status".' }
  }
  if (readText('/run/systemd/timesync/synchronized') !== undefined || isChronyRunning()) {
    return { verdict: 'ok', what: 'The clock runs evenly, and a time service keeps it.' }
  }
  const what = 'The clock runs evenly; no time service was found that keeps it right.'
  return {
    verdict: 'warn',
    what,
    mend: 'Install one (apt-get install chrony) unless the host of this container keeps time.',
  }
}

function isChronyRunning(): boolean {
  return readText('/run/chrony/chronyd.pid') !== undefined || readText('/run/chronyd.pid') !== undefined
}

export async function checkDescriptors(config: Config): Promise<Finding> {
  const row = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(readText('/proc/self/limits') ?? '')
  if (row === null) return { verdict: 'warn', what: 'The limit of open files cannot be read on this system.' }
  // A runtime raises its soft limit to the hard one when it starts; the hard one is what counts.
  const limit = row[2] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(row[2])
  const what = `Each process may open ${row[2]} files: about ${Math.max(0, limit - 500) * config.edges} listeners on ${config.edges} edges.`
  if (limit >= DESCRIPTORS_WANTED) return { verdict: 'ok', what }
  return {
    verdict: 'warn',
    what,
    mend: 'Raise it: "ulimit -n 1048576", or LimitNOFILE= in the service file.',
  }
}

export async function checkMemory(): Promise<Finding> {
  const available =
    Number(/MemAvailable:\s+(\d+) kB/.exec(readText('/proc/meminfo') ?? '')?.[1]) * 1024 || freemem()
  const what = `${(available / 1e9).toFixed(1)} GB of memory are available.`
  if (available >= MEMORY_BYTES_WANTED) return { verdict: 'ok', what }
  return { verdict: 'warn', what, mend: 'Mimbar wants 0.5 GB, and about 10 KB for each listener.' }
}

export async function checkCores(): Promise<Finding> {
  const cores = availableParallelism()
  if (cores >= 2) return { verdict: 'ok', what: `${cores} cores.` }
  return {
    verdict: 'warn',
    what: 'One core: the stage and the crowd share it.',
    mend: 'Two or more keep them apart.',
  }
}
