// Certificate files, looked at every two seconds and read again when they change. A pair that does not fit is left
// alone: certificate and key are replaced one after the other, and in between they belong to different worlds.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { MimbarError } from '../base/errors.ts'

/** Certificates are renewed weeks ahead; looking this often is early enough, and costs two `stat`. */
const LOOK_EVERY_MS = 2_000

/** PEM files: a certificate chain and its private key. */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** What is in the files; the key belongs to the certificate. */
export interface TlsPair {
  readonly cert: string
  readonly key: string
}

/** Reads both files. Throws `bad-request` when they cannot be read, or do not belong together. */
export async function readTlsPair(files: TlsFiles): Promise<TlsPair> {
  try {
    const [cert, key] = await Promise.all([readFile(files.certFile, 'utf8'), readFile(files.keyFile, 'utf8')])
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      throw new MimbarError(
        'bad-request',
        `The TLS key ${files.keyFile} does not belong to the certificate ${files.certFile}.`,
      )
    }
    return { cert, key }
  } catch (error) {
    if (error instanceof MimbarError) throw error
    throw new MimbarError('bad-request', `The TLS files cannot be used: ${(error as Error).message}`, {
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
    const pair = await readTlsPair(files).catch((error: MimbarError) => error)
    if (signal.aborted) return
    if (pair instanceof MimbarError) return listeners.onBad(pair)
    if (pair.cert === current.cert && pair.key === current.key) return
    current = pair
    listeners.onPair(pair)
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MS)
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
