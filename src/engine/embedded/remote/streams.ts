// Response bodies that are pulled: a reader that does not read costs one chunk and stops its source.

import { IDLE_AFTER_MS } from '../store/log-reader.ts'

/** A body of the chunks that `chunks` makes; `abort` ends the source when the reader goes. */
export function pulledBody(
  chunks: AsyncIterator<Uint8Array>,
  abort: AbortController,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await chunks.next()
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        } catch (error) {
          // The source says all it has to say in its last chunk; what is thrown past that is a bug.
          controller.error(error)
        }
      },
      async cancel() {
        abort.abort()
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Passes on what `source` gives, and `heartbeat` whenever it has given nothing for a while. */
export async function* withHeartbeat(
  source: AsyncIterator<Uint8Array>,
  heartbeat: Uint8Array,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let next = source.next()
  while (!signal.aborted) {
    let timer: ReturnType<typeof setTimeout> | undefined
    const idle = new Promise<'idle'>((resolve) => {
      timer = setTimeout(resolve, IDLE_AFTER_MS, 'idle')
    })
    const result = await Promise.race([next, idle])
    clearTimeout(timer)
    if (result === 'idle') yield heartbeat
    else if (result.done) return
    else {
      next = source.next()
      yield result.value
    }
  }
}
