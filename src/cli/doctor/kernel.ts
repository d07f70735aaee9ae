// Reads the kernel's settings where there are any (Linux).

import { readFileSync } from 'node:fs'

/** The trimmed text of `/proc/sys/<path>`, or undefined where it does not exist. */
export function kernelSetting(path: string): string | undefined {
  return readText(`/proc/sys/${path}`)
}

/** The trimmed text of a small file, or undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined // another system, or a container that hides it
  }
}
