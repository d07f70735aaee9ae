// Who is reset when a door's certificate changes: a storm of new TLS connections from another process, ten changes,
// and the resets counted; against the plain way (the old listener closes, then the new one opens) in the same run.
//
//   bun bench/certificate-change.ts [arrivals a second=300] [seconds=6]

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TcpListener } from '../src/host/tcp-listener.ts'
import { readTlsPair, type TlsPair } from '../src/host/tls-files.ts'
import { randomPort } from '../test/harness/random-port.ts'

const ARRIVALS_PER_S = Number(process.argv[2] ?? 300)
const SECONDS = Number(process.argv[3] ?? 6)
const CHANGES = 10
/** From the connection to the client's first byte: what a network's round trip is to the kernel that waits for it. */
const HELLO_AFTER_MS = [0, 50] as const

// A process of its own, so that server and clients don't wait for each other's turns.
const CLIENT = `
const net = require('node:net'), tls = require('node:tls')
const [port, rate, seconds, helloMs] = process.argv.slice(1).map(Number)
let begun = 0, over = 0, reset = 0
function arrive() {
  begun += 1
  let isOver = false
  const end = (isReset) => { if (isOver) return; isOver = true; over += 1; if (isReset) reset += 1; socket.destroy() }
  const socket = net.connect({ port, host: '127.0.0.1' }, () => setTimeout(() => {
    if (isOver) return
    const secured = tls.connect({ socket, rejectUnauthorized: false }, () => end(false))
    secured.on('error', () => end(true))
  }, helloMs))
  socket.on('error', () => end(true))
}
const start = performance.now()
while (performance.now() - start < seconds * 1000) {
  while (begun < (performance.now() - start) / 1000 * rate) arrive()
  await Bun.sleep(1)
}
while (over < begun) await Bun.sleep(20)
console.log(JSON.stringify({ begun, reset }))
`

interface Door {
  readonly port: number
  change(pair: TlsPair): Promise<void>
  close(): Promise<void>
}

const folder = mkdtempSync(join(tmpdir(), 'mimbar-bench-'))
try {
  const pairs = await Promise.all(['first', 'second'].map(makePair))
  const migrates = readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim()
  console.log(
    `${ARRIVALS_PER_S} arrivals/s for ${SECONDS} s, ${CHANGES} changes, net.ipv4.tcp_migrate_req=${migrates}`,
  )
  for (const helloMs of HELLO_AFTER_MS) {
    const ways = [
      ['close, then open', await closeThenOpen(pairs[0] as TlsPair)],
      ['beside each other', await besideEachOther()],
    ] as const
    for (const [name, door] of ways) {
      const { begun, reset } = await storm(door, helloMs, pairs)
      await door.close()
      console.log(`hello after ${helloMs} ms, ${name}: ${reset} of ${begun} reset`)
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}

async function storm(door: Door, helloMs: number, pairs: readonly TlsPair[]) {
  const args = [door.port, ARRIVALS_PER_S, SECONDS, helloMs].map(String)
  const client = Bun.spawn([process.execPath, '-e', CLIENT, ...args], { stdout: 'pipe' })
  const everyMs = (SECONDS * 1_000) / (CHANGES + 2)
  for (let i = 1; i <= CHANGES; i++) {
    await Bun.sleep(everyMs)
    void door.change(pairs[i % 2] as TlsPair)
  }
  const counted = JSON.parse(await new Response(client.stdout).text()) as { begun: number; reset: number }
  return counted
}

/** What a door does. */
async function besideEachOther(): Promise<Door> {
  const listener = await TcpListener.open({
    name: 'bench',
    host: '127.0.0.1',
    port: randomPort(),
    reusePort: true,
    idleTimeoutS: 10,
    bodyBytesMax: 1_024,
    fetch: () => new Response('ok'),
    tls: filesOf('first'),
    onNewTls: () => {},
    onBadTls: (error) => console.error(error.message),
    // Shorter than the time between two changes here.
    lingerMs: 300,
  })
  return { port: listener.port, change: (pair) => listener.use(pair), close: () => listener.close() }
}

async function closeThenOpen(pair: TlsPair): Promise<Door> {
  const listen = (port: number, tls: TlsPair) =>
    Bun.serve({ hostname: '127.0.0.1', port, tls, development: false, fetch: () => new Response('ok') })
  let server = listen(randomPort(), pair)
  const port = server.port ?? 0
  return {
    port,
    change: async (next) => {
      void server.stop(false)
      server = listen(port, next)
    },
    close: () => server.stop(true),
  }
}

function filesOf(name: string) {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) }
}

async function makePair(name: string): Promise<TlsPair> {
  const { certFile, keyFile } = filesOf(name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const made = Bun.spawnSync([
    'openssl',
    'req',
    '-x509',
    ...key,
    '-subj',
    `/CN=${name}`,
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ])
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr}`)
  return readTlsPair(filesOf(name))
}
