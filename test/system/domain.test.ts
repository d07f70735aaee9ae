// `--domain`: the doors open at once with a temporary certificate and take the authority's into use while people
// listen; everything that is said of addresses is https and under the name; the plain port only sends people on.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { selfSigned } from '../../src/host/self-signed.ts'
import { writePair } from '../../src/host/tls-folder.ts'
import { startBrowser, temporaryFolder } from '../harness/browser.ts'
import { Ear } from '../harness/ear.ts'
import { secretOf } from '../harness/on-air.ts'
import { type Pebble, startPebble } from '../harness/pebble.ts'
import { quietPort } from '../harness/random-port.ts'
import { type RunningMimbar, startMimbar } from '../harness/running-mimbar.ts'
import { until } from '../harness/until.ts'
import { twoVoices } from '../harness/voices.ts'

const MAIN = resolve(import.meta.dir, '../../src/main.ts')
const DOMAIN = 'radio.test'
const STUDIO_DOMAIN = 'studio.test'
const OBTAINED_WITHIN_MS = 45_000

const httpPort = quietPort()
const folder = temporaryFolder()
let pebble: Pebble
let mimbar: RunningMimbar
let flags: readonly string[]
/** The doors by name, as links have them. */
let publicUrl: string
let studioUrl: string

beforeAll(async () => {
  pebble = await startPebble({ httpPort })
  flags = [
    ...['--domain', DOMAIN, '--studio-domain', STUDIO_DOMAIN, '--http-port', String(httpPort)],
    ...['--acme-directory', pebble.directoryUrl, '--acme-ca', pebble.authorityRootFile],
  ]
  mimbar = await startMimbar({ scheme: 'https', flags: [...flags, '--demo'] })
  publicUrl = `https://${DOMAIN}:${new URL(mimbar.publicUrl).port}`
  studioUrl = `https://${STUDIO_DOMAIN}:${new URL(mimbar.studioUrl).port}`
}, 90_000)

afterAll(async () => {
  await mimbar?.stop()
  await pebble?.stop()
  folder.remove()
}, 30_000)

test('the doors are open before there is a certificate, and have the authority’s soon after', async () => {
  expect(mimbar.output()).toContain('a temporary self-signed one is served')
  await untilObtained(1)
  const root = await pebble.root()
  await untilServed('both doors serve it', root)
  await untilLetGo(['edge-0', 'edge-1', 'control'], 1)
})

test('the plain port sends people on to the door that they asked for, and serves nothing else', async () => {
  const ask = (path: string, host: string) =>
    fetch(`http://127.0.0.1:${httpPort}${path}`, { redirect: 'manual', keepalive: false, headers: { host } })
  const answer = await ask('/s/demo?from=1', DOMAIN)
  expect([answer.status, answer.headers.get('location')]).toEqual([308, `${publicUrl}/s/demo?from=1`])
  const studio = await ask('/s/demo/stage', STUDIO_DOMAIN)
  expect(studio.headers.get('location')).toBe(`${studioUrl}/s/demo/stage`)
  // An edge that dies takes nothing with it: the other one holds the port as well.
  const edge = mimbar.rolePids().get('edge-0') as number
  process.kill(edge, 'SIGKILL')
  // Its successor starts when the kernel has closed the last of its sockets.
  await until('the edge is dead', () => ![edge, undefined].includes(mimbar.rolePids().get('edge-0')))
  for (let i = 0; i < 5; i++) expect((await ask('/', DOMAIN)).status).toBe(308)
})

test('links are under the name and https; cookies are for it alone, and only its own pages may use them', async () => {
  const { links } = await mimbar.createSpace({ id: 'named', title: 'Named', recorded: false })
  expect(new URL(links.listen).origin).toBe(publicUrl)
  for (const link of [links.host, links.speaker]) expect(new URL(link).origin).toBe(studioUrl)
  const sit = (origin: string) =>
    fetch(`${mimbar.studioUrl}/api/v1/spaces/named/seats`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ secret: secretOf(links.speaker), name: 'Sari' }),
      tls: { rejectUnauthorized: false },
    })
  const seated = await sit(studioUrl)
  expect(seated.status).toBe(201)
  for (const cookie of seated.headers.getSetCookie()) expect(cookie).toMatch(/; Secure/i)
  for (const origin of [studioUrl.replace('https:', 'http:'), mimbar.studioUrl, `http://${DOMAIN}`])
    expect((await sit(origin)).status).toBe(403)
  const redirected = await fetch(`${mimbar.publicUrl}/s/named/stage`, {
    redirect: 'manual',
    // Not over a connection that the edge which was killed above may have had.
    keepalive: false,
    tls: { rejectUnauthorized: false },
  })
  expect(redirected.headers.get('location')).toBe(`${studioUrl}/s/named/stage`)
})

test('a browser that types the bare name listens over https, and a speaker joins at the studio’s name', async () => {
  const { links } = await mimbar.createSpace({ id: 'browsed', title: 'Browsed', recorded: false })
  const [voice] = await twoVoices(folder.path)
  const browser = await startBrowser(voice.wav, ['--host-resolver-rules=MAP *.test 127.0.0.1'])
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(`http://${DOMAIN}:${httpPort}/s/demo`)
    expect(page.url()).toBe(`${publicUrl}/s/demo`)
    expect(await page.evaluate('isSecureContext')).toBe(true)
    await page.goto(links.host)
    await page.click('#microphone-on')
    await page.waitForSelector('#verdict')
    await page.fill('#name', 'Allison')
    await page.click('#join')
    await page.waitForSelector('html[data-state=on-stage]', { timeout: 20_000 })
  } finally {
    await browser.close()
  }
})

test('who listens hears on while another certificate is obtained and taken into use by every door', async () => {
  const ear = new Ear(`${mimbar.publicUrl}/live/demo/opus.mp4`, { trustAnyCertificate: true })
  try {
    await until('the demo is heard', () => ear.hearsVoices(), 30_000)
    const mark = ear.mark()
    const startedAtMs = performance.now()
    const before = timesLetGo('control')
    // As after a loss of the folder: there is only a temporary one, and control starts anew.
    writePair(join(mimbar.dataFolder, 'tls'), selfSigned([DOMAIN, STUDIO_DOMAIN], Date.now()))
    const control = mimbar.rolePids().get('control') as number
    process.kill(control, 'SIGKILL')
    await untilObtained(2)
    await untilServed('both doors serve the new one', await pebble.root())
    await untilLetGo(['control'], before + 1)
    const { missing, connections } = ear.since(mark, startedAtMs)
    expect({ missing, connections }).toEqual({ missing: 0, connections: 0 })
    expect(ear.hearsVoices()).toBe(true)
  } finally {
    ear.stop()
  }
})

test('the certificate’s end and how its tries went are in the metrics, and the doctor says the same', async () => {
  const answer = await fetch(`${mimbar.studioUrl}/metrics`, { tls: { rejectUnauthorized: false } })
  const text = await answer.text()
  expect(text).toContain('\nmimbar_certificate_temporary 0\n')
  expect(text).toContain('\nmimbar_certificate_tries_total{outcome="obtained"} 1\n')
  const expires = Number(/^mimbar_certificate_expires_seconds (\d+)$/m.exec(text)?.[1])
  expect(expires).toBeGreaterThan(Date.now() / 1_000)

  const ports = ['port', 'studio-port'].flatMap((flag, index) => [
    `--${flag}`,
    new URL([mimbar.publicUrl, mimbar.studioUrl][index] as string).port,
  ])
  const doctor = Bun.spawn(
    [
      process.execPath,
      MAIN,
      'doctor',
      ...flags,
      ...ports,
      '--data',
      mimbar.dataFolder,
      '--host',
      '127.0.0.1',
    ],
    { stdout: 'pipe', stderr: 'pipe' },
  )
  const said = await new Response(doctor.stdout).text()
  await doctor.exited
  expect(said).toContain(`TCP ${httpPort} (plain door) is held by a Mimbar that is running.`)
  expect(said).toMatch(/ ok {2}\] The certificate is good for another \d+ days/)
  // These names are known to Pebble alone.
  expect(said).toContain(`The name ${DOMAIN} leads nowhere.`)
})

/** Resolves when the log tells of `count` certificates; a failure is told at once. */
async function untilObtained(count: number): Promise<void> {
  await until(
    `certificate ${count} is obtained`,
    () => {
      const lines = mimbar.output().split('\n')
      const failure = lines.find((line) => line.includes('not obtained'))
      if (failure !== undefined) throw new Error(`${failure}\n--- what it printed ---\n${mimbar.output()}`)
      return lines.filter((line) => line.includes('obtained from')).length >= count
    },
    OBTAINED_WITHIN_MS,
  )
}

/** How often a process has closed the listener of a certificate before. */
const timesLetGo = (role: string) => mimbar.output().split(`${role} serves a new certificate`).length - 1

/**
 * Resolves when each has closed the listener of the certificate before. Until then about half of the connections
 * meet the old one, and what it holds when it closes is reset (`src/host/tcp-listener.ts`).
 */
async function untilLetGo(roles: readonly string[], times: number): Promise<void> {
  await until(
    `${roles.join(', ')} serve a new certificate alone`,
    () => roles.every((role) => timesLetGo(role) >= times),
    OBTAINED_WITHIN_MS,
  )
}

/** Resolves when every edge and the studio door serve a chain that `root` vouches for, under their names. */
async function untilServed(what: string, root: string): Promise<void> {
  writeFileSync(join(folder.path, 'root.pem'), root)
  await until(
    what,
    async () => {
      const doors = [
        ...Array.from({ length: 8 }, () => [mimbar.publicUrl, DOMAIN] as const),
        [mimbar.studioUrl, STUDIO_DOMAIN] as const,
      ]
      const served = await Promise.all(doors.map(([url, name]) => trusted(url, name, root)))
      return served.every((certificate) => certificate !== undefined)
    },
    OBTAINED_WITHIN_MS,
  )
}

/** The certificate that a client which trusts only `ca` meets at `url` under `name`; undefined when it refuses. */
function trusted(url: string, name: string, ca: string): Promise<PeerCertificate | undefined> {
  return new Promise((done) => {
    const socket = connect(
      { port: Number(new URL(url).port), host: '127.0.0.1', servername: name, ca },
      () => {
        done(socket.getPeerCertificate())
        socket.destroy()
      },
    )
    socket.once('error', () => done(undefined))
  })
}
