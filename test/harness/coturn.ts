// Debian's coturn as a TURN relay on this machine: it takes TCP, and TLS if it has a certificate, and relays UDP to
// 127.0.0.1 alone, as docs/operations.md asks for.

import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Running } from '../../src/base/lifetime.ts'
import { randomPort } from './random-port.ts'
import { until } from './until.ts'

const READY_WITHIN_MS = 20_000
/** Somebody may have taken a random port in between. */
const STARTS_MAX = 4

export interface Coturn extends Running {
  readonly port: number
  /** With a certificate. */
  readonly tlsPort: number
  /** Everything that it printed until now. */
  output(): string
}

export interface CoturnOptions {
  readonly secret: string
  /** PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string }
  /** Where it sends to; by default this machine alone. */
  readonly peers?: 'this-machine' | 'nobody' | 'anybody'
}

/** Why there is no relay to test with; undefined when there is one. Printed by tests that are skipped for it. */
export const coturnIsMissing: string | undefined = isOnPath('turnserver')
  ? undefined
  : 'turnserver is not installed (Debian: coturn)'

export async function startCoturn(options: CoturnOptions): Promise<Coturn> {
  for (let start = 1; ; start++) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (start === STARTS_MAX) throw error
    }
  }
}

async function startOnce({ secret, certificate, peers = 'this-machine' }: CoturnOptions): Promise<Coturn> {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-coturn-'))
  const [port, tlsPort] = [randomPort(), randomPort()]
  const tls = certificate === undefined ? ['no-tls'] : certificateLines(folder, certificate, tlsPort)
  const forbidden = [
    'denied-peer-ip=0.0.0.0-255.255.255.255',
    'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ]
  const allowed = {
    nobody: forbidden,
    'this-machine': [...forbidden, 'allowed-peer-ip=127.0.0.1', 'allow-loopback-peers'],
    anybody: ['allow-loopback-peers'],
  }
  const lines = [
    ...[
      'listening-ip=127.0.0.1',
      `listening-port=${port}`,
      'relay-ip=127.0.0.1',
      'no-udp',
      'no-dtls',
      ...tls,
    ],
    ...[
      'use-auth-secret',
      `static-auth-secret=${secret}`,
      'realm=relay.test',
      'no-cli',
      'no-multicast-peers',
    ],
    ...['min-port=10000', 'max-port=31999', 'log-file=stdout', 'simple-log', 'verbose', 'pidfile=/dev/null'],
    // Without a database that it can open it doesn't look at the secret either.
    ...[`userdb=${join(folder, 'turndb')}`, ...allowed[peers]],
  ]
  const file = join(folder, 'turnserver.conf')
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  const child = Bun.spawn(['turnserver', '-c', file], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) void collect(stream, (text) => (output += text))
  const stop = async () => {
    child.kill('SIGKILL')
    await child.exited
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(
      'coturn answers',
      async () => {
        if (child.exitCode !== null) throw new Error(`turnserver ended with ${child.exitCode}`)
        return (await answers(port)) && (certificate === undefined || (await answers(tlsPort)))
      },
      READY_WITHIN_MS,
    )
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message}\n--- what it printed ---\n${output}`)
  }
  return { port, tlsPort, output: () => output, stop }
}

function certificateLines(
  folder: string,
  { cert, key }: { cert: string; key: string },
  port: number,
): string[] {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  return [`tls-listening-port=${port}`, `cert=${certFile}`, `pkey=${keyFile}`]
}

async function collect(stream: ReadableStream<Uint8Array>, give: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  for await (const bytes of stream) give(decoder.decode(bytes, { stream: true }))
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function isOnPath(program: string): boolean {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false // not in this folder: look in the next
    }
  })
}
