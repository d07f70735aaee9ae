// Certificates from another program's authority: Pebble asks our plain door for every challenge.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type WallMillis, wallMillis } from '../../src/base/units.ts'
import { parseTryRecord } from '../../src/core/certificate/renewal.ts'
import { selfSigned } from '../../src/host/self-signed.ts'
import { systemClock } from '../../src/host/system-clock.ts'
import type { TcpListener } from '../../src/host/tcp-listener.ts'
import {
  accountThumbprint,
  prepareTlsFolder,
  readHeld,
  readTries,
  tlsFolder,
} from '../../src/host/tls-folder.ts'
import {
  type CertificateKeeper,
  type CertificateKeeperOptions,
  startCertificateKeeper,
} from '../../src/roles/control/certificate/certificate-keeper.ts'
import { openPlainDoor } from '../../src/roles/edge/door/plain-door.ts'
import { type Pebble, startPebble } from '../harness/pebble.ts'
import { quietPort } from '../harness/random-port.ts'
import { until } from '../harness/until.ts'

const OBTAINED_WITHIN_MS = 45_000
const NAMES = ['radio.test', 'studio.test']

const httpPort = quietPort()
let pebble: Pebble
let door: TcpListener
let folder: string
let keeper: CertificateKeeper | undefined
let lines: string[]

beforeAll(async () => {
  pebble = await startPebble({ httpPort, rejectedNonces: 10 })
}, 30_000)
afterAll(() => pebble.stop())

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'mimbar-acme-')), 'tls')
  lines = []
  prepareTlsFolder(folder, NAMES, Date.now())
  door = await openDoor(accountThumbprint(folder))
})
afterEach(async () => {
  await keeper?.stop()
  keeper = undefined
  await door.close()
  rmSync(join(folder, '..'), { recursive: true })
})

test('a certificate for both names comes within one order, though good nonces are rejected now and then', async () => {
  start()
  await obtained()
  const held = readHeld(folder)
  expect([held?.isTemporary, held?.covers(NAMES)]).toEqual([false, true])
  expect(statSync(tlsFolder(folder).certificate).mode & 0o777).toBe(0o600)
  expect(keeper?.tries()).toMatchObject({ obtained: 1, failed: 0 })
  // The next one is asked for when a third of its life is left.
  const { notBeforeMs, notAfterMs } = held as { notBeforeMs: WallMillis; notAfterMs: WallMillis }
  expect(keeper?.tries().nextTryMs).toBe(wallMillis(notAfterMs - (notAfterMs - notBeforeMs) / 3))
}, 60_000)

test('browsers that trust the authority trust the chain, for either name', async () => {
  start()
  await obtained()
  const pem = readFileSync(tlsFolder(folder).certificate, 'utf8')
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls: { cert: pem, key: pem },
    fetch: () => new Response('sealed'),
  })
  const root = join(folder, '..', 'root.pem')
  await Bun.write(root, await pebble.root())
  for (const name of NAMES) {
    const address = ['-connect', `127.0.0.1:${server.port}`, '-servername', name, '-verify_hostname', name]
    const client = Bun.spawn(['openssl', 's_client', ...address, '-CAfile', root, '-verify_return_error'], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    expect(await new Response(client.stdout).text()).toContain('Verify return code: 0 (ok)')
    await client.exited
  }
  await server.stop(true)
}, 60_000)

test('a certificate that is good is left alone, and renewed with a third of its life left', async () => {
  start()
  await obtained()
  const first = serial()
  await keeper?.stop()
  const held = readHeld(folder) as { notBeforeMs: WallMillis; notAfterMs: WallMillis }
  const renewalMs = held.notAfterMs - (held.notAfterMs - held.notBeforeMs) / 3

  start({ clock: clockAt(renewalMs - 60_000) })
  expect(keeper?.tries().nextTryMs).toBe(wallMillis(renewalMs))
  await keeper?.stop()
  expect([serial(), keeper?.tries().obtained]).toEqual([first, 0])

  lines = []
  start({ clock: clockAt(renewalMs + 1_000), email: 'somebody@radio.test' })
  await obtained()
  expect(serial()).not.toBe(first)
  expect(readHeld(folder)?.covers(NAMES)).toBe(true)
}, 60_000)

test('another name has a certificate ordered at once, and the one before is served until it comes', async () => {
  start()
  await obtained()
  await keeper?.stop()
  const first = serial()
  prepareTlsFolder(folder, ['other.test'], Date.now())
  expect(serial()).toBe(first)
  lines = []
  start({ names: ['other.test'] })
  await obtained()
  expect([readHeld(folder)?.covers(['other.test']), readHeld(folder)?.covers(NAMES)]).toEqual([true, false])
}, 60_000)

test('when the authority finds nobody at the name, the operator is told, and it is not asked again for a while', async () => {
  await pebble.resolve('nowhere.test', '127.0.0.9')
  const before = serial()
  start({ names: ['nowhere.test'] })
  const line = await until('the failure', () => lines.find((text) => text.includes('not obtained')), 45_000)
  expect(line).toContain('Nobody answers at http://nowhere.test: open TCP port 80')
  expect(serial()).toBe(before)
  const record = parseTryRecord(readTries(folder))
  expect(record.failures).toBe(1)
  expect(record.nextTryMs - record.lastTryMs).toBeGreaterThanOrEqual(60_000)
  expect(record.lastError).toContain('Nobody answers')
  // A process that is started again does not try at once either.
  await keeper?.stop()
  start({ names: ['nowhere.test'] })
  expect(Number(keeper?.tries().nextTryMs)).toBeGreaterThanOrEqual(record.lastTryMs + 60_000)
}, 60_000)

test('a name that leads to another server is told as that', async () => {
  await door.close()
  const other = Bun.serve({
    hostname: '127.0.0.8',
    port: httpPort,
    fetch: () => new Response('another page'),
  })
  door = await openDoor(accountThumbprint(folder))
  await pebble.resolve('elsewhere.test', '127.0.0.8')
  start({ names: ['elsewhere.test'] })
  const line = await until('the failure', () => lines.find((text) => text.includes('not obtained')), 45_000)
  expect(line).toContain('Who answers at http://elsewhere.test is not this Mimbar')
  await other.stop(true)
}, 60_000)

test('an authority that limits us is obeyed, and one that is away is told of', async () => {
  // Pebble limits nobody, so this is what Let's Encrypt sends (RFC 8555, section 6.6).
  const sealed = selfSigned(['localhost'], Date.now())
  const authorityRootFile = join(folder, '..', 'limiting.pem')
  await Bun.write(authorityRootFile, sealed.cert)
  let asked = 0
  const limiting = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls: sealed,
    fetch: () => {
      asked += 1
      const problem = { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many this week' }
      return Response.json(problem, { status: 429, headers: { 'Retry-After': '7200' } })
    },
  })
  const authority = { directoryUrl: `https://localhost:${limiting.port}/dir`, authorityRootFile }
  start(authority)
  const limited = await until('the failure', () => lines.find((line) => line.includes('not obtained')))
  expect(limited).toContain('(rate limited)')
  expect(limited).toContain('too many this week')
  expect(asked).toBe(1)
  const record = parseTryRecord(readTries(folder))
  expect(record.nextTryMs).toBeGreaterThanOrEqual(record.lastTryMs + 7_200_000)
  await keeper?.stop()
  start(authority)
  expect(Number(keeper?.tries().nextTryMs)).toBe(record.nextTryMs)
  await keeper?.stop()
  await limiting.stop(true)

  lines = []
  start({ ...authority, clock: clockAt(record.nextTryMs) })
  const away = await until('the failure', () => lines.find((line) => line.includes('not obtained')))
  expect(away).toContain('cannot be reached')
}, 60_000)

/** Resolves when a real certificate is there; a failure is told at once. */
async function obtained(): Promise<void> {
  await until(
    'a certificate of the authority',
    () => {
      const failure = lines.find((line) => line.includes('not obtained'))
      if (failure !== undefined) throw new Error(failure)
      return lines.some((line) => line.includes('obtained from'))
    },
    OBTAINED_WITHIN_MS,
  )
}

function start(more: Partial<CertificateKeeperOptions> = {}): void {
  keeper = startCertificateKeeper({
    folder,
    names: NAMES,
    directoryUrl: pebble.directoryUrl,
    authorityRootFile: pebble.authorityRootFile,
    email: '',
    plainUrl: `http://127.0.0.1:${httpPort}`,
    clock: systemClock,
    log: (line) => lines.push(line),
    ...more,
  })
}

const openDoor = (thumbprint: string) =>
  openPlainDoor({
    host: '127.0.0.1',
    port: httpPort,
    thumbprint,
    publicUrl: 'https://radio.test',
    studioUrl: 'https://studio.test:8081',
  })

const serial = () => new X509Certificate(readFileSync(tlsFolder(folder).certificate)).serialNumber

const clockAt = (startMs: number) => {
  const offsetMs = startMs - Date.now()
  return { ...systemClock, wall: () => wallMillis(Date.now() + offsetMs) }
}
