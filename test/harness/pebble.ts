// Pebble, Let's Encrypt's own certificate authority for tests, and its DNS server: it really asks for challenges, on
// the port that it is told to take for 80, and it rejects good nonces now and then, as the standard says one may.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomPort } from './random-port.ts'
import { until } from './until.ts'

const READY_WITHIN_MS = 20_000

export interface Pebble {
  readonly directoryUrl: string
  /** PEM file: the root that vouches for Pebble's own https. */
  readonly authorityRootFile: string
  /** PEM: the root of the certificates that it gives. */
  root(): Promise<string>
  /** Where `name` leads from now on; all names lead to 127.0.0.1 else. */
  resolve(name: string, address: string): Promise<void>
  stop(): Promise<void>
}

export interface PebbleOptions {
  /** Taken for port 80. */
  readonly httpPort: number
  /** How many good nonces in a hundred are rejected. */
  readonly rejectedNonces?: number
}

export async function startPebble({ httpPort, rejectedNonces = 5 }: PebbleOptions): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), 'mimbar-pebble-'))
  const [port, managementPort, dnsPort, dnsManagementPort] = distinctPorts(4) as [
    number,
    number,
    number,
    number,
  ]
  makeServerCertificate(folder)
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: join(folder, 'server.pem'),
    privateKey: join(folder, 'server.key'),
    httpPort,
    tlsPort: randomPort(),
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ pebble: config }))
  const dns = run(
    ...[
      'pebble-challtestsrv',
      '-dns01',
      `127.0.0.1:${dnsPort}`,
      '-management',
      `127.0.0.1:${dnsManagementPort}`,
    ],
    ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''],
  )
  const authority = run(
    'pebble',
    '-config',
    join(folder, 'config.json'),
    '-dnsserver',
    `127.0.0.1:${dnsPort}`,
  )
  const authorityRootFile = join(folder, 'root.pem')
  const tls = { ca: readFileSync(authorityRootFile, 'utf8') }
  const directoryUrl = `https://localhost:${port}/dir`

  const stop = async () => {
    for (const child of [authority, dns]) child.kill('SIGKILL')
    await Promise.all([authority.exited, dns.exited])
    rmSync(folder, { recursive: true })
  }
  const answers = async (url: string) => {
    const limits = { tls, signal: AbortSignal.timeout(1_000) }
    return fetch(url, limits).then(
      () => true,
      () => false,
    )
  }
  try {
    await until('Pebble answers', () => answers(directoryUrl), READY_WITHIN_MS)
    await until('its DNS answers', () => answers(`http://127.0.0.1:${dnsManagementPort}/`), READY_WITHIN_MS)
  } catch (error) {
    await stop()
    throw error
  }

  function run(...command: string[]) {
    return Bun.spawn(command, {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: String(rejectedNonces) },
    })
  }

  return {
    directoryUrl,
    authorityRootFile,
    root: async () => (await fetch(`https://localhost:${managementPort}/roots/0`, { tls })).text(),
    resolve: async (name, address) => {
      const body = JSON.stringify({ host: `${name}.`, addresses: [address] })
      const answer = await fetch(`http://127.0.0.1:${dnsManagementPort}/add-a`, { method: 'POST', body })
      if (!answer.ok) throw new Error(`pebble-challtestsrv answered ${answer.status}`)
    },
    stop,
  }
}

/** A root of our own, and a certificate for `localhost` from it. */
function makeServerCertificate(folder: string): void {
  const file = (name: string) => join(folder, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  openssl(
    'req',
    '-x509',
    ...key,
    '-subj',
    '/CN=test root',
    '-keyout',
    file('root.key'),
    '-out',
    file('root.pem'),
  )
  const issuer = ['-CA', file('root.pem'), '-CAkey', file('root.key')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  openssl(
    'req',
    '-x509',
    ...key,
    ...issuer,
    ...names,
    '-keyout',
    file('server.key'),
    '-out',
    file('server.pem'),
  )
}

function openssl(...args: string[]): void {
  const done = Bun.spawnSync(['openssl', ...args])
  if (done.exitCode !== 0) throw new Error(`openssl: ${done.stderr}`)
}

function distinctPorts(count: number): readonly number[] {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(randomPort())
  return [...ports]
}
