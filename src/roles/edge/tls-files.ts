// Certificate files, looked at every two seconds and read again when they change. A pair that does not fit is left
// alone: certificate and key are replaced one after the other, and in between they belong to different worlds.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { MimbarError } from '../../base/errors.ts'
import { TLS_CHECK_MS } from './limits.ts'

export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
}

export interface TlsPair {
  readonly cert: string
  readonly key: string
}

/** Reads both files. Throws `unavailable` when they cannot be read, or do not belong together. */
export async function readTlsPair(files: TlsFiles): Promise<TlsPair> {
  try {
    const [cert, key] = await Promise.all([readFile(files.certFile, 'utf8'), readFile(files.keyFile, 'utf8')])
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      throw new MimbarError('unavailable', 'The TLS key does not belong to the certificate.')
    }
    return { cert, key }
  } catch (error) {
    if (error instanceof MimbarError) throw error
    throw new MimbarError('unavailable', `The TLS files cannot be used: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** Calls `onPair` with each new pair; `onBad` once for each change that is no pair (yet). Ends with `signal`. */
export function watchTlsPair(
  files: TlsFiles,
  first: TlsPair,
  listeners: { readonly onPair: (pair: TlsPair) => void; readonly onBad: (error: MimbarError) => void },
  signal: AbortSignal,
): void {
  let stamp: string | undefined
  let current = first
  const look = async () => {
    const seen = await stampOf(files)
    if (seen === stamp || signal.aborted) return
    stamp = seen
    try {
      const pair = await readTlsPair(files)
      if (pair.cert === current.cert && pair.key === current.key) return
      current = pair
      if (!signal.aborted) listeners.onPair(pair)
    } catch (error) {
      if (!(error instanceof MimbarError)) throw error
      listeners.onBad(error)
    }
  }
  const timer = setInterval(() => void look(), TLS_CHECK_MS)
  signal.addEventListener('abort', () => clearInterval(timer))
}

async function stampOf(files: TlsFiles): Promise<string> {
  const stamps = [files.certFile, files.keyFile].map(async (file) => {
    try {
      const { mtimeMs, size, ino } = await stat(file)
      return `${mtimeMs}/${size}/${ino}`
    } catch {
      // Being replaced at this moment; the next look will find it.
      return 'absent'
    }
  })
  return (await Promise.all(stamps)).join(' ')
}
