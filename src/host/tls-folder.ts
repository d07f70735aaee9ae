// What is kept of an obtained certificate, below the data folder:
//
//   tls/account.pem      the key of our account with the certificate authority
//   tls/certificate.pem  the private key and the certificate chain in one file, so that they are replaced as one
//   tls/tries.json       when it was tried and why it failed
//
// The folder is made, and a temporary certificate put in, before any role starts: doors open at once with whatever
// is there, and take a better one into use when it comes.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MimbarError } from '../base/errors.ts'
import { type WallMillis, wallMillis } from '../base/units.ts'
import { writeAtomically } from './atomic-file.ts'
import { selfSigned } from './self-signed.ts'
import type { TlsFiles, TlsPair } from './tls-files.ts'

/** What is in `certificate.pem`. */
export interface HeldCertificate {
  readonly notBeforeMs: WallMillis
  readonly notAfterMs: WallMillis
  /** Self-signed, until a real one has come. */
  readonly isTemporary: boolean
  covers(names: readonly string[]): boolean
}

/** The files of `folder`, by what is in them. */
export function tlsFolder(folder: string) {
  const certificate = join(folder, 'certificate.pem')
  return {
    accountKey: join(folder, 'account.pem'),
    certificate,
    /** For the doors: both are in one file. */
    files: { certFile: certificate, keyFile: certificate } satisfies TlsFiles,
    tries: join(folder, 'tries.json'),
  } as const
}

/**
 * Makes sure that `folder` has an account key, and a certificate: a temporary one for `names` where there is none
 * that can be used. A real certificate is never replaced here, even when it is for other names or has expired.
 * Throws `bad-request` when the folder or the account key cannot be used.
 */
export function prepareTlsFolder(folder: string, names: readonly string[], nowMs: number): void {
  const { accountKey, certificate } = tlsFolder(folder)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
    if (readIfThere(accountKey) === undefined) writeAtomically(accountKey, newKey())
    const held = readHeld(folder)
    const isOfUse =
      held !== undefined && (!held.isTemporary || (held.covers(names) && held.notAfterMs > nowMs))
    if (!isOfUse) writeAtomically(certificate, joined(selfSigned(names, nowMs)))
  } catch (cause) {
    const why = (cause as Error).message
    throw new MimbarError('bad-request', `The folder ${folder} cannot be used: ${why}`, { cause })
  }
  accountThumbprint(folder)
}

/** Puts `pair` in place of what was there; doors take it into use within seconds. */
export function writePair(folder: string, pair: TlsPair): void {
  writeAtomically(tlsFolder(folder).certificate, joined(pair))
}

/** What the doors serve, or undefined when there is no certificate, or none that can be read. */
export function readHeld(folder: string): HeldCertificate | undefined {
  const text = readIfThere(tlsFolder(folder).certificate)
  if (text === undefined) return undefined
  try {
    return heldOf(text)
  } catch {
    return undefined // half a file of somebody else's making: as good as none
  }
}

/** Likewise, of PEM text that holds a chain and its key. Throws when they do not belong together. */
export function heldOf(text: string): HeldCertificate {
  const certificate = new X509Certificate(text)
  if (!certificate.checkPrivateKey(createPrivateKey(text)))
    throw new Error('The key is of another certificate.')
  return {
    notBeforeMs: wallMillis(Date.parse(certificate.validFrom)),
    notAfterMs: wallMillis(Date.parse(certificate.validTo)),
    isTemporary: certificate.checkIssued(certificate),
    covers: (names) => names.every((name) => certificate.checkHost(name) !== undefined),
  }
}

/** The JSON in `tries.json`, as it is; undefined when there is none. */
export function readTries(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(tlsFolder(folder).tries, 'utf8'))
  } catch {
    return undefined // not there yet, or not ours: nothing is known of earlier tries
  }
}

/** Key and chain in one text. */
export function joined({ cert, key }: TlsPair): string {
  return `${key.trim()}\n${cert.trim()}\n`
}

/** PEM. Throws `bad-request` when it cannot be read. */
export function readAccountKey(folder: string): string {
  const { accountKey } = tlsFolder(folder)
  try {
    const text = readFileSync(accountKey, 'utf8')
    createPrivateKey(text)
    return text
  } catch (cause) {
    const why = (cause as Error).message
    throw new MimbarError('bad-request', `The account key ${accountKey} cannot be used: ${why}`, { cause })
  }
}

/**
 * The thumbprint of the account's public key (RFC 7638), which every answer to a challenge ends with (RFC 8555,
 * section 8.1). With it, any edge answers any challenge by itself. Throws `bad-request` as `readAccountKey` does.
 */
export function accountThumbprint(folder: string): string {
  const { crv, kty, x, y } = createPublicKey(readAccountKey(folder)).export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

function newKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
