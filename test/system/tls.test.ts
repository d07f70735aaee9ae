// TLS ends in our own processes: listeners hear on over https, a renewed certificate is picked up on both doors
// without cutting anybody off, and the stage page opens its microphone there.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { X509Certificate } from 'node:crypto'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { CreatedSpace } from '../../src/core/api/api.ts'
import { startBrowser, temporaryFolder } from '../harness/browser.ts'
import { Ear } from '../harness/ear.ts'
import { goOnAir, type SpaceOnAir } from '../harness/on-air.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { twoVoices } from '../harness/voices.ts'

/** Files are looked at every few seconds. */
const NOTICED_WITHIN_MS = 15_000

const folder = temporaryFolder()
const certFile = join(folder.path, 'cert.pem')
const keyFile = join(folder.path, 'key.pem')
let mimbar: RunningMimbar
let space: SpaceOnAir
let ear: Ear
let before: string

beforeAll(async () => {
  before = await makeCertificate()
  mimbar = await startMimbar({ scheme: 'https', flags: ['--tls-cert', certFile, '--tls-key', keyFile] })
  space = await goOnAir(mimbar, { id: 'sealed', recorded: false })
  ear = new Ear(`${mimbar.publicUrl}/live/sealed/opus.mp4`, { trustAnyCertificate: true })
  await until('it is heard over https', async () => ear.hearsVoices(), 15_000)
}, 60_000)

afterAll(async () => {
  ear?.stop()
  await space?.leave()
  await mimbar?.stop()
  folder.remove()
}, 30_000)

test('links and redirects are https, and cookies for it alone', async () => {
  const { links } = space
  for (const link of Object.values(links)) expect(new URL(link).protocol).toBe('https:')
  const answer = await fetch(`${mimbar.studioUrl}/api/v1/operator/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: mimbar.studioUrl },
    body: JSON.stringify({ secret: mimbar.operatorSecret }),
    tls: { rejectUnauthorized: false },
  })
  expect([answer.status, answer.headers.getSetCookie()[0]]).toEqual([204, expect.stringMatching(/; Secure/i)])
})

test('a renewed certificate is served by both doors while a stream goes on over the old connection', async () => {
  const mark = ear.mark()
  const startedAtMs = performance.now()
  expect(await servedBy(mimbar.publicUrl)).toBe(before)
  expect(await servedBy(mimbar.studioUrl)).toBe(before)

  const after = await makeCertificate()
  expect(after).not.toBe(before)
  await until(
    'both doors serve the new certificate',
    async () => {
      const served = await Promise.all([mimbar.publicUrl, mimbar.studioUrl].map(servedBy))
      return served.every((fingerprint) => fingerprint === after)
    },
    NOTICED_WITHIN_MS,
  )
  // There are two edges behind one port: each has to have it.
  await until(
    'every edge serves it',
    async () => {
      const served = await Promise.all(Array.from({ length: 8 }, () => servedBy(mimbar.publicUrl)))
      return served.every((fingerprint) => fingerprint === after)
    },
    NOTICED_WITHIN_MS,
  )
  await Bun.sleep(1_000)
  const { missing, connections } = ear.since(mark, startedAtMs)
  expect({ missing, connections }).toEqual({ missing: 0, connections: 0 })
  expect(ear.hearsVoices()).toBe(true)
})

test('in Chromium a speaker joins the stage over https', async () => {
  const created: CreatedSpace = await mimbar.createSpace({ id: 'studio', title: 'Sealed', recorded: false })
  const [voice] = await twoVoices(folder.path)
  const browser = await startBrowser(voice.wav)
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(created.links.host)
    await page.click('#microphone-on')
    await page.waitForSelector('#verdict')
    await page.fill('#name', 'Allison')
    await page.click('#join')
    await page.waitForSelector('html[data-state=on-stage]', { timeout: 15_000 })
    expect(await page.evaluate('isSecureContext')).toBe(true)
  } finally {
    await browser.close()
  }
})

/** Puts a fresh pair in place, as renewal tools do: written beside, then renamed. Its fingerprint. */
async function makeCertificate(): Promise<string> {
  const child = Bun.spawn(
    [
      ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', `${keyFile}.new`, '-out', `${certFile}.new`],
    ],
    { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' },
  )
  if ((await child.exited) !== 0) throw new Error(`openssl: ${await new Response(child.stderr).text()}`)
  const certificate = new X509Certificate(await Bun.file(`${certFile}.new`).text())
  renameSync(`${keyFile}.new`, keyFile)
  renameSync(`${certFile}.new`, certFile)
  return certificate.fingerprint256
}

/** The fingerprint that a new connection to `door` meets. As browsers do, one that was reset is made once more. */
async function servedBy(door: string): Promise<string> {
  return connectOnce(door).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') throw error
    return connectOnce(door)
  })
}

function connectOnce(door: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port: Number(new URL(door).port), host: 'localhost', rejectUnauthorized: false }
    const socket = connect(options, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
