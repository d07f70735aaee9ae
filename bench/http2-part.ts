// What HTTP/2 costs an edge: CPU µs of this process per delivered part, TLS, one pushed stream per connection, over
// HTTP/2 and over HTTP/1.1 on the same port, by turns. Listeners are sockets of another process.
//
//   bun bench/http2-part.ts [listeners=300] [rounds=3]

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EdgeFixture } from '../test/harness/edge-fixture.ts'
import { randomPort } from '../test/harness/random-port.ts'
import { until } from '../test/harness/until.ts'

const LISTENERS = Number(process.argv[2] ?? 300)
const ROUNDS = Number(process.argv[3] ?? 3)
const PARTS = 20
/** Makes a part about 1,340 bytes of `opus.mp4`, as real ones at 48 kbit/s are. */
const PADDING = 1_000

const CLIENT = `
import tls from 'node:tls'
import http2 from 'node:http2'
const [protocol, port, count, path] = [process.argv[1], process.argv[2], Number(process.argv[3]), process.argv[4]]
const options = { rejectUnauthorized: false }
for (let i = 0; i < count; i++) {
  if (protocol === 'h2') {
    const request = http2.connect('https://127.0.0.1:' + port, options).request({ ':path': path })
    request.on('data', () => {})
    request.end()
  } else {
    const socket = tls.connect({ host: '127.0.0.1', port, ALPNProtocols: ['http/1.1'], ...options }, () =>
      socket.write('GET ' + path + ' HTTP/1.1\\r\\nHost: bench\\r\\n\\r\\n'))
    socket.on('data', () => {})
  }
  if (i % 20 === 0) await Bun.sleep(20)
}
setInterval(() => {}, 1000)
`

const folder = await mkdtemp(join(tmpdir(), 'mimbar-http2-'))
const files = { certFile: join(folder, 'bench.crt'), keyFile: join(folder, 'bench.key') }
Bun.spawnSync(
  ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'].concat([
    ...['-keyout', files.keyFile, '-out', files.certFile, '-days', '2', '-subj', '/CN=bench.test'],
  ]),
)
const fixture = await EdgeFixture.start()
try {
  const edge = await fixture.startEdge({ port: randomPort(), tls: files, http2: true })
  const facts = await fixture.liveSpace('bench')
  let next = 0
  const append = () => fixture.append(facts, next, ++next, { padding: PADDING })
  while (next < 10) await append()
  const metrics = async () => {
    const answer = await fetch(`https://127.0.0.1:${edge.port}/metrics`, {
      tls: { rejectUnauthorized: false },
    } as RequestInit)
    return answer.text()
  }
  const measure = async (protocol: 'h1' | 'h2'): Promise<number> => {
    const client = Bun.spawn(
      [
        process.execPath,
        '-e',
        CLIENT,
        protocol,
        String(edge.port),
        String(LISTENERS),
        '/live/bench/opus.mp4',
      ],
      { stdout: 'ignore', stderr: 'inherit' },
    )
    const count = async (n: number) => (await metrics()).includes(`listeners{track="opus.mp4"} ${n}\n`)
    await until('everyone listens', () => count(LISTENERS), 60_000)
    const before = process.cpuUsage()
    const startedAt = performance.now()
    for (let n = 0; n < PARTS; n++) {
      await Bun.sleep(Math.max(0, startedAt + n * 200 - performance.now()))
      await append()
    }
    await Bun.sleep(200)
    const { user, system } = process.cpuUsage(before)
    client.kill()
    await until('everyone has left', () => count(0), 60_000)
    return (user + system) / (PARTS * LISTENERS)
  }
  const [h1, h2]: [number[], number[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    h1.push(await measure('h1'))
    h2.push(await measure('h2'))
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
  console.log(`${LISTENERS} listeners, parts of ${fixture.mp4(facts, 9, 10).length} B, appending included`)
  console.log(`HTTP/1.1: ${median(h1).toFixed(2)} µs per delivered part`)
  console.log(`HTTP/2:   ${median(h2).toFixed(2)} µs per delivered part`)
  console.log(`ratio ${(median(h2) / median(h1)).toFixed(2)}`)
  await edge.stop()
} finally {
  await fixture.stop()
  await rm(folder, { recursive: true, force: true })
}
