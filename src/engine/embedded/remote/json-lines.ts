// Feeds and watches on the wire: a JSON document a line; an empty line, at least once a second, says "still here".

import { MimbarError } from '../../../base/errors.ts'

/** No document comes near it: keys, revision and 64 KiB of value. */
const LINE_CHARS_MAX = 512 * 1024

/** Cuts text into lines; holds at most one unfinished line. */
export class LineDecoder {
  readonly #utf8 = new TextDecoder()
  #rest = ''

  /** The documents that `bytes` complete; empty lines are left out. */
  push(bytes: Uint8Array): unknown[] {
    const lines = (this.#rest + this.#utf8.decode(bytes, { stream: true })).split('\n')
    this.#rest = lines.pop() as string
    if (this.#rest.length > LINE_CHARS_MAX)
      throw new MimbarError('corrupt', 'The engine sent an endless line.')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown)
  }
}

const TEXT = new TextEncoder()
export const HEARTBEAT_LINE: Uint8Array = TEXT.encode('\n')
export const jsonLine = (document: unknown): Uint8Array => TEXT.encode(`${JSON.stringify(document)}\n`)
