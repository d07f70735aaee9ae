import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../../test/harness/until.ts'
import { wallMillis } from '../../../base/units.ts'
import { systemClock } from '../../../host/system-clock.ts'
import { watchCertificate } from './certificate-watch.ts'
import { type ExpiryWatch, startExpiryWatch } from './expiry-watch.ts'

const DAY_MS = 86_400_000
const LIFE_DAYS = 60

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mimbar-expiry-'))
  // Signed by somebody else, as an operator's own certificate is: a self-signed one stands in for nothing better.
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(LIFE_DAYS)]
  openssl('req', '-x509', ...key, '-subj', '/CN=root', '-keyout', file('root.key'), '-out', file('root.pem'))
  const issuer = ['-CA', file('root.pem'), '-CAkey', file('root.key'), '-subj', '/CN=radio.example.org']
  openssl('req', '-x509', ...key, ...issuer, '-keyout', file('key.pem'), '-out', file('cert.pem'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a certificate that ends within a week is warned of at once, and again a day later', async () => {
  const lines: string[] = []
  let now = wallMillis(Date.now() + (LIFE_DAYS - 10) * DAY_MS)
  let looks = 0
  const clock = {
    ...systemClock,
    wall: () => {
      looks += 1
      return now
    },
  }
  const watch = start(clock, lines)
  const lookTwice = async () => {
    const from = looks
    await until('two looks', () => looks >= from + 2)
  }
  await lookTwice()
  expect(lines).toEqual([])
  now = wallMillis(now + 4 * DAY_MS)
  await lookTwice()
  expect(lines).toEqual([expect.stringContaining('WARNING: the certificate ends in 5 days.')])
  now = wallMillis(now + DAY_MS - 60_000)
  await lookTwice()
  expect(lines.length).toBe(1)
  now = wallMillis(now + 60_000)
  await lookTwice()
  expect(lines[1]).toContain('ends in 4 days')
  now = wallMillis(now + 5 * DAY_MS)
  await lookTwice()
  expect(lines[2]).toContain('has expired')
  await watch.stop()
})

test('its end is in the metrics, and files that are being replaced are no certificate for a moment', async () => {
  const watch = watchCertificate({ tls: files() }, systemClock, () => {})
  const line = watch.metrics().find((text) => text.startsWith('mimbar_certificate_expires_seconds '))
  const expires = Number(line?.split(' ')[1])
  expect(Math.abs(expires - (Date.now() / 1_000 + LIFE_DAYS * 86_400))).toBeLessThan(3_600)
  expect(watch.metrics()).toContain('mimbar_certificate_temporary 0')
  writeFileSync(file('key.pem'), 'half')
  expect(watch.metrics()).toEqual([])
  await watch.stop()
})

const start = (clock: typeof systemClock, lines: string[]): ExpiryWatch =>
  startExpiryWatch({ files: files(), clock, log: (line) => lines.push(line), lookEveryMs: 5 })

const file = (name: string) => join(folder, name)
const files = () => ({ certFile: file('cert.pem'), keyFile: file('key.pem') })

function openssl(...args: string[]): void {
  const done = Bun.spawnSync(['openssl', ...args])
  if (done.exitCode !== 0) throw new Error(`openssl: ${done.stderr}`)
}
