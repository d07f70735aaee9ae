import { afterAll, beforeAll, expect, test } from 'bun:test'
import { copyFile } from 'node:fs/promises'
import http2 from 'node:http2'
import tls from 'node:tls'
import { EdgeFixture } from '../../../test/harness/edge-fixture.ts'
import { randomPort } from '../../../test/harness/random-port.ts'
import { until } from '../../../test/harness/until.ts'
import type { EdgeRole } from './edge-role.ts'

let fixture: EdgeFixture
const lines: string[] = []
beforeAll(async () => {
  fixture = await EdgeFixture.start()
  for (const name of ['first', 'second']) await makeCertificate(name)
})
afterAll(() => fixture.stop())

test('a new certificate is taken into use, and a stream that is open goes on', async () => {
  const facts = await fixture.liveSpace('tls')
  await fixture.append(facts, 0, 5)
  const files = { certFile: `${fixture.folder}/live.crt`, keyFile: `${fixture.folder}/live.key` }
  await use('first')
  const edge = await startTlsEdge(files)
  await until('the edge is ready', async () => (await get(edge, '/readyz')).includes(' 200 '))
  expect(await certificateName(edge)).toBe('first.test')
  const stream = new TlsStream(edge, '/live/tls/opus.mp4')
  await until('the stream', () => stream.text.includes('mdat'))

  // A certificate whose key has not come yet is left alone.
  await copyFile(`${fixture.folder}/second.crt`, files.certFile)
  await until('the mismatch was seen', () => lines.some((line) => line.includes('keeps its certificate')))
  expect(await certificateName(edge)).toBe('first.test')
  await use('second')
  await until('the new certificate', () => lines.includes('edge-tls serves a new certificate'))

  const before = stream.parts
  await fixture.append(facts, 5, 8)
  await until('parts on the old connection', () => stream.parts === before + 3)
  expect(stream.isClosed).toBe(false)
  for (let i = 0; i < 5; i++) expect(await certificateName(edge)).toBe('second.test')
  expect(await get(edge, '/metrics')).toContain('mimbar_edge_tls_reloads_total 1')
  stream.close()
  await edge.stop()
}, 20_000)

test('HTTP/2 and HTTP/1.1 are spoken on one port, to players that poll and to listeners of the stream', async () => {
  const facts = await fixture.liveSpace('two')
  await fixture.append(facts, 0, 30, { tracks: 'low and aac' })
  const files = { certFile: `${fixture.folder}/live.crt`, keyFile: `${fixture.folder}/live.key` }
  await use('first')
  const edge = await startTlsEdge(files, true)
  await until('the edge is ready', async () => (await get(edge, '/readyz')).includes(' 200 '))
  const session = http2.connect(`https://127.0.0.1:${edge.port}`, { rejectUnauthorized: false })
  const old = new TlsStream(edge, '/live/two/opus.mp4')
  const stream = new Http2Answer(session, '/live/two/opus.mp4')
  await until('both streams', () => old.text.includes('mdat') && stream.text.includes('mdat'))
  expect(old.text).toStartWith('HTTP/1.1 200')
  expect(stream.status).toBe(200)

  const list = new Http2Answer(session, '/live/two/index.m3u8')
  await list.ended
  expect(list.text).toContain('\naac.m3u8\n')
  // Held and answered beside the stream, on one connection.
  const held = new Http2Answer(session, '/live/two/opus.m3u8?_HLS_msn=3&_HLS_part=0')
  const part = new Http2Answer(session, '/live/two/part/3.0.m4s')
  await until('both are held', async () => (await get(edge, '/metrics')).includes('hls_held 2\n'))
  const [before, oldBefore] = [stream.parts, old.parts]
  await fixture.append(facts, 30, 32, { tracks: 'low and aac' })
  await Promise.all([held.ended, part.ended])
  expect(held.text).toContain('part/3.0.m4s')
  expect(Buffer.from(part.text, 'latin1').equals(fixture.mp4(facts, 30, 32))).toBe(true)
  await until('two parts more', () => stream.parts === before + 2 && old.parts === oldBefore + 2)

  // The listener whose certificate is retired goes on with who is there.
  await use('second')
  await until('the new certificate', async () => (await certificateName(edge)) === 'second.test')
  await fixture.append(facts, 32, 35, { tracks: 'low and aac' })
  await until('parts on the old connection', () => stream.parts === before + 5)
  expect(stream.isEnded).toBe(false)
  const left = () =>
    get(edge, '/metrics').then((text) => text.includes('closed_total{track="opus.mp4",reason="left"} 2'))
  session.destroy()
  old.close()
  await until('both have left', left)
  await edge.stop()
}, 20_000)

test('an edge does not start with files that do not belong together', async () => {
  const files = { certFile: `${fixture.folder}/first.crt`, keyFile: `${fixture.folder}/second.key` }
  expect(startTlsEdge(files)).rejects.toThrow('does not belong')
})

const startTlsEdge = (files: { certFile: string; keyFile: string }, http2 = false): Promise<EdgeRole> =>
  fixture.startEdge({
    edgeId: 'edge-tls',
    port: randomPort(),
    tls: files,
    http2,
    log: (line) => lines.push(line),
  })

/** One request on a session that others share. */
class Http2Answer {
  readonly ended: Promise<void>
  status = 0
  text = ''
  isEnded = false

  constructor(session: http2.ClientHttp2Session, path: string) {
    const request = session.request({ ':path': path })
    request.setEncoding('latin1')
    request.on('response', (headers) => {
      this.status = Number(headers[':status'])
    })
    request.on('data', (text: string) => {
      this.text += text
    })
    // Cut off with its session, it has ended as well.
    request.on('error', () => undefined)
    this.ended = new Promise((resolve) => {
      request.on('close', () => {
        this.isEnded = true
        resolve()
      })
    })
    request.end()
  }

  get parts(): number {
    return this.text.split('mdat').length - 1
  }
}

async function makeCertificate(name: string): Promise<void> {
  const path = `${fixture.folder}/${name}`
  const made = Bun.spawn(
    ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'].concat([
      ...['-keyout', `${path}.key`, '-out', `${path}.crt`, '-days', '2', '-subj', `/CN=${name}.test`],
    ]),
    { stdout: 'ignore', stderr: 'ignore' },
  )
  expect(await made.exited).toBe(0)
}

async function use(name: string): Promise<void> {
  await copyFile(`${fixture.folder}/${name}.crt`, `${fixture.folder}/live.crt`)
  await copyFile(`${fixture.folder}/${name}.key`, `${fixture.folder}/live.key`)
}

const connect = (edge: EdgeRole): tls.TLSSocket =>
  tls.connect({ port: edge.port, host: '127.0.0.1', rejectUnauthorized: false })

async function certificateName(edge: EdgeRole): Promise<string> {
  const socket = connect(edge)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.on('secureConnect', () => resolve()).on('error', reject)
  await promise
  const name = socket.getPeerCertificate().subject.CN
  socket.destroy()
  return String(name)
}

async function get(edge: EdgeRole, path: string): Promise<string> {
  const stream = new TlsStream(edge, path)
  await until('the answer', () => stream.isClosed)
  return stream.text
}

class TlsStream {
  text = ''
  isClosed = false
  readonly #socket: tls.TLSSocket

  constructor(edge: EdgeRole, path: string) {
    this.#socket = connect(edge)
    this.#socket.on('secureConnect', () =>
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`),
    )
    this.#socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1')
    })
    this.#socket.on('close', () => {
      this.isClosed = true
    })
  }

  get parts(): number {
    return this.text.split('mdat').length - 1
  }
  close(): void {
    this.#socket.destroy()
  }
}
