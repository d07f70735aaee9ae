// Connections that take their time, at the public door of an edge, plain and with TLS: each is closed within the limit
// that `docs/operations.md` names, whatever it keeps sending.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { CONNECTION_IDLE_S } from '../../src/roles/edge/limits.ts'
import { EdgeFixture } from '../harness/edge-fixture.ts'

/** Bun looks every four seconds; the rest is for a machine that is busy. */
const CLOSED_WITHIN_MS = (CONNECTION_IDLE_S + 10) * 1_000

let fixture: EdgeFixture
let tlsPort: number

beforeAll(async () => {
  fixture = await EdgeFixture.start()
  const facts = await fixture.liveSpace('slow')
  await fixture.append(facts, 0, 40)
  const [certFile, keyFile] = [join(fixture.folder, 'cert.pem'), join(fixture.folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-keyout', keyFile, '-out', certFile]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await Bun.spawn(['openssl', 'req', '-x509', ...curve, ...subject], { stderr: 'ignore' }).exited
  const edge = await fixture.startEdge({ edgeId: 'edge-tls', tls: { certFile, keyFile } })
  tlsPort = edge.port
  stopTls = () => edge.stop()
}, 30_000)
let stopTls: () => Promise<void>

afterAll(async () => {
  await stopTls?.()
  await fixture?.stop()
})

/** Sends `first`, then `dribble` again and again; resolves with how long the door bore it, in ms. */
function bear(port: number, first: string, dribble?: string): Promise<number> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1')
    const sending = setInterval(() => {
      if (dribble !== undefined) socket.write(dribble)
    }, 700)
    socket.on('connect', () => socket.write(first))
    socket.on('data', () => {}) // whatever it answers, the end is what counts
    socket.on('error', () => {}) // a reset is an end
    socket.on('close', () => {
      clearInterval(sending)
      resolve(performance.now() - startedAt)
    })
  })
}

const REQUEST = 'GET /live/slow/line HTTP/1.1\r\nHost: a\r\n'

test.concurrent.each([
  ['that says nothing', '', undefined],
  ['with half a request', 'GET /he', undefined],
  ['with a header that grows by a byte now and then', `${REQUEST}X-A: `, 'a'],
  ['with one more header now and then', REQUEST, 'X-A: a\r\n'],
  [
    'with a body that never comes',
    'POST /api/v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n',
    undefined,
  ],
  ['with a body that comes by the byte', 'POST /s/x HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n', 'a'],
  ['that has had its answer', `${REQUEST}\r\n`, undefined],
])('a connection %s is closed', async (_, first, dribble) => {
  const { port } = new URL(fixture.url('/'))
  expect(await bear(Number(port), first, dribble)).toBeLessThan(CLOSED_WITHIN_MS)
})

test.concurrent.each([
  ['without a word of TLS', ''],
  ['with half a hello', '\x16\x03\x01\x02\x00\x01'],
])('a connection to a TLS door %s is closed', async (_, first) => {
  expect(await bear(tlsPort, first)).toBeLessThan(CLOSED_WITHIN_MS)
})
