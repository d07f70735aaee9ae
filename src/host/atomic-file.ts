// A small file that is there whole or not at all, whatever is killed meanwhile.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes beside, syncs, renames over `path`; only this user may read it. Throws what the file system says. */
export function writeAtomically(path: string, text: string): void {
  const beside = `${path}.${process.pid}.new`
  try {
    const descriptor = openSync(beside, 'w', 0o600)
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
