// The doctor against Debian's coturn: what works is said to work, and what is wrong is called by its name.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { checkRelays } from '../../src/cli/doctor/relay.ts'
import { parseConfig } from '../../src/config.ts'
import { selfSigned } from '../../src/host/self-signed.ts'
import { type Coturn, coturnIsMissing, startCoturn } from '../harness/coturn.ts'
import { quietPort } from '../harness/random-port.ts'

setDefaultTimeout(60_000)
const MAIN = resolve(import.meta.dir, '../../src/main.ts')
const SECRET = 'north-wind-and-south-wind'
if (coturnIsMissing !== undefined) console.log(`   skipped: ${coturnIsMissing}`)
const relayTest = test.skipIf(coturnIsMissing !== undefined)

const folder = mkdtempSync(join(tmpdir(), 'mimbar-relay-'))
const certificateFile = join(folder, 'cert.pem')
let relay: Coturn
let careless: Coturn
let closed: Coturn

beforeAll(async () => {
  if (coturnIsMissing !== undefined) return
  const certificate = selfSigned(['localhost'], Date.now())
  writeFileSync(certificateFile, certificate.cert)
  ;[relay, careless, closed] = await Promise.all([
    startCoturn({ secret: SECRET, certificate }),
    startCoturn({ secret: SECRET, peers: 'anybody' }),
    startCoturn({ secret: SECRET, peers: 'nobody' }),
  ])
})
afterAll(async () => {
  await Promise.all([relay?.stop(), careless?.stop(), closed?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

async function doctor(url: string, secret = SECRET): Promise<string> {
  const args = ['--host', '127.0.0.1', '--turn-url', url, '--turn-secret', secret]
  const findings = await checkRelays(parseConfig({ args, env: {}, file: {} }))
  const text = findings.map(({ verdict, what, mend }) => `${verdict}: ${what} → ${mend ?? ''}`).join('\n')
  expect(text).not.toContain(SECRET)
  return text
}

relayTest('a relay that takes our credentials and sends to the stages alone is fine', async () => {
  const text = await doctor(`turn:127.0.0.1:${relay.port}?transport=tcp`)
  expect(text).toMatch(/^ok: The relay turn:\S+ answers, takes our credentials, and sends to 127\.0\.0\.1\./)
  expect(text).not.toMatch(/warn|fail/)
  expect(relay.output()).toMatch(/user <\d+:doctor>.*ALLOCATE processed, success/)
})

relayTest('another secret, and nobody there, are told apart', async () => {
  expect(await doctor(`turn:127.0.0.1:${relay.port}?transport=tcp`, 'another secret')).toMatch(
    /^fail: .* refuses our credentials \(401\).*--turn-secret/,
  )
  expect(await doctor(`turn:127.0.0.1:${quietPort()}?transport=tcp`)).toMatch(
    /^fail: .* cannot be reached: ECONNREFUSED/,
  )
})

relayTest('a certificate that browsers will not accept is told from a relay that is not there', async () => {
  expect(await doctor(`turns:localhost:${relay.tlsPort}`)).toMatch(
    /^fail: .* shows a certificate that browsers will not accept: \w+/,
  )
})

relayTest('"mimbar doctor" tries it over TLS as well, with the secret from the environment', async () => {
  const child = Bun.spawn(
    [
      process.execPath,
      MAIN,
      'doctor',
      '--host',
      '127.0.0.1',
      '--turn-url',
      `turns:localhost:${relay.tlsPort}`,
    ],
    {
      stdout: 'pipe',
      // What a certificate authority that browsers know would vouch for.
      env: { ...process.env, MIMBAR_TURN_SECRET: SECRET, NODE_EXTRA_CA_CERTS: certificateFile },
    },
  )
  const said = await new Response(child.stdout).text()
  expect(said).toMatch(/\[ {2}ok {2}\] The relay turns:localhost:\d+ answers, takes our credentials/)
  expect(said).not.toContain(SECRET)
})

relayTest('a relay that sends everywhere is warned of, and one that sends nowhere is no use', async () => {
  expect(await doctor(`turn:127.0.0.1:${careless.port}?transport=tcp`)).toMatch(
    /^ok: .*\nwarn: .* sends wherever a guest asks it to.*denied-peer-ip/,
  )
  expect(await doctor(`turn:127.0.0.1:${closed.port}?transport=tcp`)).toMatch(
    /^fail: .* will not send to this machine \(127\.0\.0\.1\).*allowed-peer-ip=127\.0\.0\.1/,
  )
})

test('somebody who does not speak TURN is called so, and an address that is none is refused', async () => {
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: quietPort(),
    socket: { data: (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(30_000, 'x')) },
  })
  try {
    expect(await doctor(`turn:127.0.0.1:${server.port}?transport=tcp`)).toMatch(
      /^fail: .*(does not speak TURN|cannot be reached: the connection ended)/,
    )
  } finally {
    server.stop(true)
  }
  const wrong = ['--turn-url', 'turn://relay.example', '--turn-secret', SECRET]
  expect(() => parseConfig({ args: wrong, env: {}, file: {} })).toThrow('turns:turn.example.org:5349')
})
