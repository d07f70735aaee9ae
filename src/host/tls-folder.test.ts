import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { hasCode } from '../base/errors.ts'
import { selfSigned } from './self-signed.ts'
import { readTlsPair } from './tls-files.ts'
import { accountThumbprint, prepareTlsFolder, readHeld, tlsFolder, writePair } from './tls-folder.ts'

const NOW_MS = Date.UTC(2030, 5, 1)
let root: string
let folder: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mimbar-tls-folder-'))
  folder = join(root, 'tls')
})
afterEach(() => rmSync(root, { recursive: true }))

test('a new folder has an account key and a temporary certificate, for this user alone', () => {
  prepareTlsFolder(folder, ['radio.example.org', 'studio.example.org'], NOW_MS)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  const files = readdirSync(folder)
  expect(files.sort()).toEqual(['account.pem', 'certificate.pem'])
  for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  const held = readHeld(folder)
  expect(held?.isTemporary).toBe(true)
  expect(held?.covers(['radio.example.org', 'studio.example.org'])).toBe(true)
  expect(held?.covers(['radio.example.org', 'www.example.org'])).toBe(false)
  expect(held?.notAfterMs).toBeGreaterThan(NOW_MS + 80 * 86_400_000)
})

test('the temporary certificate is served, and OpenSSL finds nothing wrong with it but who signed it', async () => {
  const now = Date.now()
  prepareTlsFolder(folder, ['radio.example.org'], now)
  const pair = await readTlsPair(tlsFolder(folder).files)
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, tls: pair, fetch: () => new Response() })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // As its own authority it passes every check: names, dates, signature.
  const trust = { ca: selfSignedPart(pair.cert), servername: 'radio.example.org' }
  const socket = connect({ port: server.port ?? 0, host: '127.0.0.1', ...trust }, resolve)
  socket.on('error', reject)
  await promise
  socket.destroy()
  await server.stop(true)
  const checked = Bun.spawnSync(['openssl', 'x509', '-noout', '-text', '-in', tlsFolder(folder).certificate])
  expect(checked.stdout.toString()).toContain('DNS:radio.example.org')
})

test('dates after 2049 are written as the standard asks', () => {
  const pair = selfSigned(['a.example'], Date.UTC(2051, 0, 2))
  writeFileSync(join(root, 'late.pem'), pair.cert)
  const read = Bun.spawnSync(['openssl', 'x509', '-noout', '-startdate', '-in', join(root, 'late.pem')])
  expect(read.stdout.toString()).toContain('Jan  1 00:00:00 2051')
})

test('a temporary certificate is made anew for other names or after its end; the account key stays', () => {
  prepareTlsFolder(folder, ['one.example.org'], NOW_MS)
  const thumbprint = accountThumbprint(folder)
  const first = readFileSync(tlsFolder(folder).certificate, 'utf8')
  prepareTlsFolder(folder, ['one.example.org'], NOW_MS)
  expect(readFileSync(tlsFolder(folder).certificate, 'utf8')).toBe(first)
  prepareTlsFolder(folder, ['two.example.org'], NOW_MS)
  expect(readHeld(folder)?.covers(['two.example.org'])).toBe(true)
  prepareTlsFolder(folder, ['two.example.org'], NOW_MS + 100 * 86_400_000)
  expect(readHeld(folder)?.notAfterMs).toBeGreaterThan(NOW_MS + 150 * 86_400_000)
  expect(accountThumbprint(folder)).toBe(thumbprint)
})

test('what is no certificate counts as none, and a key that cannot be read is named', () => {
  prepareTlsFolder(folder, ['one.example.org'], NOW_MS)
  writeFileSync(tlsFolder(folder).certificate, 'half')
  expect(readHeld(folder)).toBeUndefined()
  writePair(folder, selfSigned(['one.example.org'], NOW_MS))
  expect(readHeld(folder)?.covers(['one.example.org'])).toBe(true)
  writeFileSync(tlsFolder(folder).accountKey, 'half')
  try {
    prepareTlsFolder(folder, ['one.example.org'], NOW_MS)
    throw new Error('it was accepted')
  } catch (error) {
    expect(hasCode(error, 'bad-request') && error.message).toContain('account.pem')
  }
})

const selfSignedPart = (pem: string): string => pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----'))
