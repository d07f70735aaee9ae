// The two listeners of the studio door. TCP takes people's requests and believes only the socket about where they
// come from; the unix socket is for this user's edges alone, so what they say about a client is believed.

import { rmSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { MimbarError } from '../../base/errors.ts'
import type { Running } from '../../base/lifetime.ts'
import { CLIENT_ADDRESS_HEADER } from '../../core/api/api.ts'
import type { ControlApp } from './parts.ts'
import type { Arrival } from './request.ts'

/** A connection on which nothing moves, headers included, is closed after this. Streams write more often. */
const IDLE_TIMEOUT_S = 10
/** Bun's own bound, above ours (`BODY_BYTES_MAX`), so that the client gets our problem document. */
const BUN_BODY_BYTES_MAX = 1024 * 1024
/** Certificates are renewed weeks ahead; looking this often is early enough. */
const TLS_LOOK_EVERY_MS = 5_000

/** PEM files: a certificate chain and its private key. */
export interface TlsFiles {
  readonly certPath: string
  readonly keyPath: string
}

export interface ListenerOptions {
  readonly app: ControlApp
  readonly host: string
  /** TCP port; 0 lets the system choose. */
  readonly port: number
  readonly socketPath: string
  readonly tls?: TlsFiles
}

export interface Listeners extends Running {
  readonly port: number
  /** Serves new connections with the files as they are now; resolves to false when they are unusable or the same. */
  renewTls(): Promise<boolean>
}

/** Opens both listeners. `unavailable` when the port is taken, `bad-request` when the certificate is unusable. */
export async function openListeners(options: ListenerOptions): Promise<Listeners> {
  const door = new StudioDoor(options)
  await door.open()
  const edges = openUnixSocket(options)
  const timer = options.tls && setInterval(() => void door.renewTls(), TLS_LOOK_EVERY_MS)
  return {
    port: door.port,
    renewTls: () => door.renewTls(),
    stop: async () => {
      clearInterval(timer)
      await Promise.all([door.stop(), edges.stop(true)])
      rmSync(options.socketPath, { force: true })
    },
  }
}

type Server = Bun.Server<undefined>
interface TlsPair {
  readonly cert: string
  readonly key: string
}

class StudioDoor {
  readonly #options: ListenerOptions
  /** Those before the newest still serve the connections that they have. */
  readonly #servers: Server[] = []
  #pair: TlsPair | undefined
  #stamp = ''

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  get port(): number {
    return this.#servers.at(-1)?.port ?? this.#options.port
  }

  async open(): Promise<void> {
    if (this.#options.tls !== undefined) {
      this.#stamp = stampOf(this.#options.tls)
      this.#pair = await readPair(this.#options.tls)
    }
    try {
      this.#servers.push(this.#serve(this.#options.port))
    } catch (cause) {
      const { host, port } = this.#options
      throw new MimbarError('unavailable', `The studio door cannot listen on ${host}:${port}: ${cause}`, {
        cause,
      })
    }
  }

  /**
   * Bun binds certificates to a listener for its life. So the listener is replaced: the old one lets go of the port
   * and keeps its connections, the new one takes the port in the same turn of the event loop.
   */
  async renewTls(): Promise<boolean> {
    const { tls } = this.#options
    const stamp = tls === undefined ? '' : stampOf(tls)
    if (tls === undefined || stamp === '' || stamp === this.#stamp) return false
    this.#stamp = stamp
    try {
      this.#pair = await readPair(tls)
    } catch (error) {
      console.error(`control keeps its old certificate: ${(error as Error).message}`)
      return false
    }
    const port = this.port
    void this.#servers.at(-1)?.stop()
    this.#servers.push(this.#serve(port))
    return true
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop(true)))
  }

  #serve(port: number): Server {
    const { app, host } = this.#options
    return Bun.serve({
      hostname: host,
      port,
      idleTimeout: IDLE_TIMEOUT_S,
      maxRequestBodySize: BUN_BODY_BYTES_MAX,
      ...(this.#pair === undefined ? {} : { tls: this.#pair }),
      fetch: (request, server) => {
        const address = server.requestIP(request)?.address ?? 'unknown'
        return app.fetch(withHost(request), { door: 'studio', address } satisfies Arrival)
      },
    })
  }
}

/** A request of HTTP/1.0 may come without a host; routes are looked up in a whole address. */
function withHost(request: Request): Request {
  return request.url.startsWith('/') ? new Request(`http://localhost${request.url}`, request) : request
}

function openUnixSocket({ app, socketPath }: ListenerOptions): Server {
  // A socket that a killed process left behind is in the way of its successor.
  rmSync(socketPath, { force: true })
  // The mode has to be right from the first moment, not from a chmod a moment later.
  const mask = process.umask(0o177)
  try {
    return Bun.serve({
      unix: socketPath,
      maxRequestBodySize: BUN_BODY_BYTES_MAX,
      fetch: (request) => {
        const claimed = request.headers.get(CLIENT_ADDRESS_HEADER) ?? ''
        const address = isIP(claimed) === 0 ? 'unknown' : claimed
        return app.fetch(request, { door: 'edge', address } satisfies Arrival)
      },
    })
  } finally {
    process.umask(mask)
  }
}

/** Reads both files and makes sure that they belong together. */
async function readPair(files: TlsFiles): Promise<TlsPair> {
  try {
    const [cert, key] = await Promise.all([Bun.file(files.certPath).text(), Bun.file(files.keyPath).text()])
    createSecureContext({ cert, key })
    return { cert, key }
  } catch (cause) {
    throw new MimbarError('bad-request', `${files.certPath} and ${files.keyPath} do not work: ${cause}`, {
      cause,
    })
  }
}

/** Changes when either file does; empty while one is missing, as it is for a moment during a renewal. */
function stampOf(files: TlsFiles): string {
  const stats = [files.certPath, files.keyPath].map((path) => statSync(path, { throwIfNoEntry: false }))
  return stats.includes(undefined)
    ? ''
    : stats.map((stat) => `${stat?.ino}.${stat?.mtimeMs}.${stat?.size}`).join()
}
