// How much memory the node still has for listeners, or what the container that we live in may still take.

import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'

/** Available without swapping (Linux), within the limit of a cgroup v2 if there is one. */
export function memoryAvailableBytes(): number {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readText('/proc/meminfo'))?.[1]
  const ofMachine = available === undefined ? freemem() : Number(available) * 1_024
  const max = Number(readText('/sys/fs/cgroup/memory.max') || Number.NaN)
  const used = Number(readText('/sys/fs/cgroup/memory.current') || Number.NaN)
  // "max" is no number: no limit.
  return Number.isNaN(max - used) ? ofMachine : Math.min(ofMachine, max - used)
}

/**
 * What this process has in memory; `before` when it cannot be told, as in a process at the end of its descriptors, which
 * cannot even open a file of the kernel's.
 */
export function residentBytes(before: number): number {
  try {
    return process.memoryUsage.rss()
  } catch {
    return before
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return '' // another system, or no cgroup
  }
}
