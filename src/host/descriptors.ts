// How near this process is to the end of its descriptors. The kernel hands out the lowest free one, so opening a file
// tells, at the cost of two calls, that at least so many are in use: no matter how large the table is.

import { closeSync, openSync, readFileSync } from 'node:fs'

/** Descriptors that this process may have (RLIMIT_NOFILE). */
export function descriptorLimit(): number {
  const limit = /^Max open files\s+(\d+)/m.exec(readLimits())?.[1]
  return limit === undefined ? 1_024 : Number(limit)
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    // Not Linux: the POSIX default stands in.
    return ''
  }
}

/** Every descriptor below it is in use; undefined when all of them are. */
export function lowestFreeDescriptor(): number | undefined {
  const descriptor = openSpare()
  if (descriptor !== undefined) closeSync(descriptor)
  return descriptor
}

/** Takes a descriptor out of use, to be let go of with {@link closeSpare}; undefined when there is none. */
export function openSpare(): number | undefined {
  try {
    return openSync('/dev/null', 'r')
  } catch {
    // EMFILE, or ENFILE of the whole system: there is none to be had.
    return undefined
  }
}

export function closeSpare(descriptor: number): void {
  closeSync(descriptor)
}
