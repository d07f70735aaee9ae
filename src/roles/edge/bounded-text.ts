// The few bodies that the public door takes are small and come at once, or are dropped.

import { MimbarError } from '../../base/errors.ts'

/**
 * The text of a body. `too-large` beyond `bytesMax`; `bad-request` without one. What has not come after `withinMs` is
 * not waited for: the text is then what had come.
 */
export async function readBoundedText(
  request: Request,
  limit: { readonly what: string; readonly bytesMax: number; readonly withinMs: number },
): Promise<string> {
  const reader = request.body?.getReader()
  if (reader === undefined) throw new MimbarError('bad-request', `${limit.what} is missing.`)
  const late = setTimeout(() => void reader.cancel(), limit.withinMs)
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      bytes += read.value.length
      if (bytes > limit.bytesMax) {
        void reader.cancel()
        throw new MimbarError('too-large', `${limit.what} has at most ${limit.bytesMax} bytes.`)
      }
      pieces.push(read.value)
    }
  } finally {
    clearTimeout(late)
  }
  return Buffer.concat(pieces).toString('utf8')
}
