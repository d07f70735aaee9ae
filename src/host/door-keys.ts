// The keys by which places and tickets are signed: the same for all edges of a node, and kept across restarts, so
// that nobody who waits loses a place to one. One key a line (base64url), readable by this user alone; the first one
// signs, all of them verify. To change it, put a new line on top, restart the edges, and take the old line away when
// what it signed has expired (12 h). Nodes that share an audience share the file.

import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { MimbarError } from '../base/errors.ts'

const KEY_BYTES = 32
/** Old keys cost a signature for every ticket that is forged. */
const KEYS_MAX = 4

/** Makes the file if there is none. Called once, before the first edge. Throws `bad-request` when it cannot be written. */
export function ensureDoorKeys(file: string): void {
  try {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return
    throw new MimbarError('bad-request', `${file} cannot be written: ${(cause as Error).message}`, { cause })
  }
}

/** The keys, the one that signs first. Throws `bad-request` when the file is not as described above. */
export function readDoorKeys(file: string): readonly Uint8Array[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MimbarError('bad-request', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const keys = lines.map((line) => Buffer.from(line.trim(), 'base64url'))
  if (keys.length === 0 || keys.length > KEYS_MAX || keys.some((key) => key.length !== KEY_BYTES)) {
    throw new MimbarError(
      'bad-request',
      `${file} takes 1 to ${KEYS_MAX} lines of ${KEY_BYTES} bytes in base64url.`,
    )
  }
  return keys
}
