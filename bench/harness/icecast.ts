// icecast2 as Debian installs it, in a folder of its own, with a source client that hands it the very Ogg pages of
// our log as they come.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { programHeaders } from '../../src/core/part/packager.ts'
import { randomPort } from '../../test/harness/random-port.ts'
import { until } from '../../test/harness/until.ts'
import type { Origin } from './origin.ts'

const MOUNT = '/bench.opus'
const SOURCE_PASSWORD = 'source'

export class Icecast {
  readonly port: number
  readonly #process: Bun.Subprocess
  readonly #source: Socket

  /** Needs icecast2, and as root `setpriv` (util-linux): icecast refuses to run as root. */
  static async start(origin: Origin, clientsMax: number): Promise<Icecast> {
    const folder = join(origin.folder, 'icecast')
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o777)
    chmodSync(origin.folder, 0o755)
    const port = randomPort()
    writeFileSync(join(folder, 'icecast.xml'), configOf(folder, port, clientsMax))
    const asNobody =
      process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
    const process_ = Bun.spawn([...asNobody, 'icecast2', '-c', join(folder, 'icecast.xml')], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    await until('icecast listens', async () => (await statusOf(port, '/status-json.xsl')) === 200)
    const icecast = new Icecast(process_, port, await pushSource(origin, port))
    await until('its mount is there', async () => (await statusOf(port, MOUNT)) === 200)
    return icecast
  }

  private constructor(process_: Bun.Subprocess, port: number, source: Socket) {
    this.#process = process_
    this.port = port
    this.#source = source
  }

  get pid(): number {
    return this.#process.pid
  }

  get path(): string {
    return MOUNT
  }

  async stop(): Promise<void> {
    this.#source.destroy()
    this.#process.kill('SIGKILL')
    await this.#process.exited
  }
}

async function statusOf(port: number, path: string): Promise<number> {
  const abort = new AbortController()
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { signal: abort.signal })
    return status
  } catch {
    return 0 // not listening yet
  } finally {
    abort.abort()
  }
}

/** A source client, as in icecast's own protocol: headers once, then pages as they come. */
async function pushSource(origin: Origin, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('data', (bytes) => {
      if (bytes.toString().includes(' 200 ')) resolve()
      else reject(new Error(`icecast: ${bytes.toString()}`))
    })
    const login = Buffer.from(`source:${SOURCE_PASSWORD}`).toString('base64')
    socket.write(
      `SOURCE ${MOUNT} HTTP/1.0\r\nAuthorization: Basic ${login}\r\nContent-Type: application/ogg\r\n\r\n`,
    )
  })
  socket.on('error', () => {
    // Reset when icecast is ended; nobody listens any more.
  })
  const header = programHeaders().find(({ id }) => id === 'opus.ogg')?.header
  if (header === undefined) throw new Error('the program has no Ogg track')
  socket.write(header)
  for (const part of origin.parts.slice(-4)) socket.write(part.tracks.get('opus.ogg') as Uint8Array)
  origin.onPart = (part) => {
    if (!socket.destroyed) socket.write(part.tracks.get('opus.ogg') as Uint8Array)
  }
  return socket
}

const configOf = (folder: string, port: number, clientsMax: number): string => `<icecast>
  <limits>
    <clients>${clientsMax + 100}</clients><sources>2</sources><queue-size>524288</queue-size>
    <client-timeout>30</client-timeout><header-timeout>15</header-timeout><source-timeout>10</source-timeout>
    <burst-on-connect>1</burst-on-connect><burst-size>8192</burst-size>
  </limits>
  <authentication>
    <source-password>${SOURCE_PASSWORD}</source-password><relay-password>r</relay-password>
    <admin-user>admin</admin-user><admin-password>admin</admin-password>
  </authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <fileserve>0</fileserve>
  <paths>
    <basedir>${folder}</basedir><logdir>${folder}</logdir>
    <webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot>
  </paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot></security>
</icecast>
`
