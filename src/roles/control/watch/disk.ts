// How full the disk is that holds the data folder.

import { statfs } from 'node:fs/promises'
import type { DiskView } from '../../../core/watch/node-view.ts'

/** As `df` counts. Undefined when the system does not say. */
export async function readDisk(folder: string): Promise<DiskView | undefined> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(folder)
    return { usedBytes: (blocks - bfree) * bsize, freeBytes: bavail * bsize }
  } catch {
    return undefined // no such folder (any more), or a system without the call: the page says that it is not known
  }
}
