import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { randomPort } from '../../test/harness/random-port.ts'
import { until } from '../../test/harness/until.ts'
import { hasCode } from '../base/errors.ts'
import { TcpListener, type TcpListenerOptions } from './tcp-listener.ts'
import { readTlsPair, type TlsPair } from './tls-files.ts'

/** Where the kernel gives what a closing listener holds to its neighbour, nobody at all is reset. */
const KERNEL_MIGRATES = readSetting('/proc/sys/net/ipv4/tcp_migrate_req') === '1'

const folder = mkdtempSync(join(tmpdir(), 'mimbar-listener-'))
let pairs: readonly TlsPair[] = []

beforeAll(async () => {
  for (const name of ['first', 'second']) makeCertificate(name)
  pairs = await Promise.all(['first', 'second'].map((name) => readTlsPair(filesOf(name))))
})
afterAll(() => rmSync(folder, { recursive: true }))

for (const reusePort of [true, false]) {
  const whose = reusePort ? 'a shared port' : 'a port of its own'
  test(`who was about to say hello when the certificate changed is served, on ${whose}`, async () => {
    const { listener, told } = await open({ reusePort, lingerMs: 3_000 })
    const early = await Promise.all(Array.from({ length: 40 }, () => silentConnection(listener.port)))
    const changed = listener.use(pairs[1] as TlsPair)
    const served = await Promise.all(early.map(sayHello))
    expect(told.changes).toBe(0)
    expect(served).toEqual(early.map(() => 'first'))
    await changed
    for (let i = 0; i < 8; i++) expect(await sayHello(await silentConnection(listener.port))).toBe('second')
    expect(told.changes).toBe(1)
    await listener.close()
  }, 20_000)
}

test('in a storm of arrivals ten changes reset none but who had not said hello, and those get in when they try again', async () => {
  const { listener, told } = await open({ reusePort: true, lingerMs: 60 })
  const storm = new Storm(listener.port)
  told.onChange = () => storm.noteClosing()
  for (let i = 1; i <= 10; i++) {
    const before = storm.arrivals
    await listener.use(pairs[i % 2] as TlsPair)
    await until('more arrivals', () => storm.arrivals > before + 10)
  }
  await storm.end()
  expect(told.changes).toBe(10)
  expect(storm.cutOff).toBe(0)
  expect(storm.lost).toBe(0)
  expect(storm.reset).toBeLessThanOrEqual(KERNEL_MIGRATES ? 0 : storm.underwayAtClosings)
  await listener.close()
}, 30_000)

test('a response that is being written goes on over the old listener until it is whole', async () => {
  const more = Promise.withResolvers<void>()
  const { listener } = await open({
    reusePort: false,
    lingerMs: 1,
    fetch: () =>
      new Response(
        (async function* () {
          yield 'half '
          await more.promise
          yield 'and half'
        })() as unknown as ReadableStream,
      ),
  })
  const answer = await fetch(`https://127.0.0.1:${listener.port}/`, { tls: { rejectUnauthorized: false } })
  await listener.use(pairs[1] as TlsPair)
  more.resolve()
  expect(await answer.text()).toBe('half and half')
  await listener.close()
})

test('a port that another program has is refused, also when it would share it', async () => {
  for (const reusePort of [true, false]) {
    const port = randomPort()
    const other = Bun.serve({ hostname: '127.0.0.1', port, reusePort, fetch: () => new Response() })
    const refused = await open({ reusePort: false, port }).catch((error: unknown) => error)
    expect(hasCode(refused, 'unavailable')).toBe(true)
    await other.stop(true)
  }
})

test('a pair that cannot be served is told, and the one before stays in use', async () => {
  const { listener, told } = await open({ reusePort: true })
  await listener.use({ cert: 'nonsense', key: 'nonsense' })
  expect(told.bad).toBe(1)
  expect(await sayHello(await silentConnection(listener.port))).toBe('first')
  await listener.close()
})

async function open(options: Partial<TcpListenerOptions>) {
  const told = { changes: 0, bad: 0, onChange: () => {} }
  const listener = await TcpListener.open({
    name: 'test door',
    host: '127.0.0.1',
    port: randomPort(),
    reusePort: true,
    idleTimeoutS: 30,
    bodyBytesMax: 1_024,
    fetch: () => new Response('ok'),
    tls: filesOf('first'),
    onNewTls: () => {
      told.changes += 1
      told.onChange()
    },
    onBadTls: () => {
      told.bad += 1
    },
    ...options,
  })
  return { listener, told }
}

/** New connections without a pause, sixteen at a time; each asks once and is made again when it was reset. */
class Storm {
  arrivals = 0
  reset = 0
  lost = 0
  /** Cut after their handshake. */
  cutOff = 0
  underwayAtClosings = 0
  #underway = 0
  #isOver = false
  readonly #clients: readonly Promise<void>[]

  constructor(port: number) {
    this.#clients = Array.from({ length: 16 }, async () => {
      while (!this.#isOver) await this.#arrive(port)
    })
  }

  noteClosing(): void {
    this.underwayAtClosings += this.#underway
  }

  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#clients)
  }

  async #arrive(port: number): Promise<void> {
    this.arrivals += 1
    // Twice more: on a machine that is very busy, one try may be as long as the time between two changes.
    for (let tries = 0; tries < 3; tries++) {
      if (await this.#ask(port)) return
      this.reset += 1
    }
    this.lost += 1
  }

  /** True when it was answered. */
  #ask(port: number): Promise<boolean> {
    this.#underway += 1
    return new Promise((resolve) => {
      let isSecure = false
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        isSecure = true
        this.#underway -= 1
        socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      })
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (!isSecure) this.#underway -= 1
        const isAnswered = text.includes('200 OK')
        if (isSecure && !isAnswered) this.cutOff += 1
        resolve(isAnswered)
      })
    })
  }
}

/** Connected, as far as a client can tell; the kernel still waits for its first byte. */
function silentConnection(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** The name in the certificate that the connection meets, or the error's code. */
function sayHello(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    const secured = tls.connect({ socket, rejectUnauthorized: false }, () => {
      resolve(String(secured.getPeerCertificate().subject.CN))
      secured.destroy()
    })
    for (const end of [socket, secured]) end.on('error', (error) => resolve(String(error)))
  })
}

function makeCertificate(name: string): void {
  const { certFile, keyFile } = filesOf(name)
  const made = Bun.spawnSync([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-days', '2', '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', certFile],
  ])
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr}`)
}

function filesOf(name: string) {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) }
}

function readSetting(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined // an older kernel, or another system
  }
}
