// A stream of JSON lines that comes back by itself, each time from its beginning.

import { backoffDelay, NEIGHBOUR_BACKOFF } from '../../../base/backoff.ts'
import type { EngineConnection } from './connection.ts'
import { LineDecoder } from './json-lines.ts'

export interface LineReader {
  /** A connection begins; what it brings starts over. */
  readonly connected: () => void
  readonly document: (value: unknown) => void
}

/** Reads `path` again and again into `reader` until `signal` is aborted. Never throws. */
export async function readLinesForever(
  connection: EngineConnection,
  path: string,
  reader: LineReader,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const decoder = new LineDecoder()
      reader.connected()
      for await (const chunk of connection.stream(path, signal)) {
        for (const value of decoder.push(chunk)) reader.document(value)
        attempt = 0
      }
    } catch {
      // Whatever it was, an iteration never throws; we ask again, ever more slowly.
    }
    if (!signal.aborted) await pause(backoffDelay(attempt, Math.random(), NEIGHBOUR_BACKOFF), signal)
  }
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, durationMs)
    signal.addEventListener('abort', done)
  })
}
