// A door's listening socket. Bun binds a certificate to a listener for its life, so a new certificate gets a listener
// of its own, beside the old one on the same port (SO_REUSEPORT). The old one goes on accepting for a moment, then
// closes, and lives until its last connection has ended.
//
// Why the moment: Bun listens with TCP_DEFER_ACCEPT, so a connection stays with the kernel's listener until its
// ClientHello has come, one round trip after it began, and whatever a listener holds when it closes is reset. Who
// began before the new listener was there has arrived when the old one closes; what is left are those of the last
// round trip, about half of them. Linux ≥ 5.14 gives even these to the new listener when net.ipv4.tcp_migrate_req
// is 1 (`mimbar doctor` proposes it); measured in docs/decisions/0018-certificates-by-acme.md.

import { MimbarError } from '../base/errors.ts'
import { readTlsPair, type TlsFiles, type TlsPair, watchTlsPair } from './tls-files.ts'

type Server = Bun.Server<undefined>

/** How long the old listener goes on beside the new one: several round trips of the slowest networks. */
const LINGER_MS = 1_000
/** Who dials learns that somebody is here, which is all there is to learn by WebSocket: it is closed as it opens. */
const HANG_UP: Bun.WebSocketHandler<undefined> = {
  open: (socket) => socket.close(),
  message: (socket) => socket.terminate(),
  maxPayloadLength: 1_024,
  idleTimeout: 8,
  perMessageDeflate: false,
}

export interface TcpListenerOptions {
  /** For the error when the address is taken, such as `studio door`. */
  readonly name: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Several processes share the port; the kernel spreads connections among them. */
  readonly reusePort: boolean
  /** A connection on which nothing moves, headers included, is closed after this. */
  readonly idleTimeoutS: number
  /** Longer bodies are answered 413 by Bun itself. */
  readonly bodyBytesMax: number
  readonly fetch: (request: Request, server: Server) => Response | Promise<Response>
  /** A WebSocket to this path is opened, and closed at once, for any page that wants to know whether we are here. */
  readonly dialPath?: string
  readonly tls?: TlsFiles
  /** Offers HTTP/2 to who asks for it in the TLS handshake; needs `tls`. HTTP/1.1 is spoken all the same. */
  readonly http2?: boolean
  /** Every new connection meets the new certificate from now on. */
  readonly onNewTls: () => void
  /** New certificate files cannot be used; the ones before stay in use. */
  readonly onBadTls: (error: MimbarError) => void
  /** `LINGER_MS` by default. */
  readonly lingerMs?: number
}

export class TcpListener {
  readonly #options: TcpListenerOptions
  readonly #watching = new AbortController()
  #current: Server
  #pair: TlsPair | undefined
  /** While paused. */
  #pausedPort: number | undefined
  /** They still serve the connections that they have. */
  #retired: Server[] = []

  /** Listens at once. `unavailable` when the address is taken, `bad-request` when the certificate cannot be used. */
  static async open(options: TcpListenerOptions): Promise<TcpListener> {
    if (options.tls === undefined) return new TcpListener(options, options.port, undefined)
    const pair = await readTlsPair(options.tls)
    // Two listeners are to share the port one day, and the kernel lets only those who both said so from the start.
    const port = options.reusePort ? options.port : claimPort(options)
    return new TcpListener(options, port, pair)
  }

  private constructor(options: TcpListenerOptions, port: number, pair: TlsPair | undefined) {
    this.#options = options
    this.#pair = pair
    this.#current = this.#listen(port, pair)
    if (options.tls === undefined || pair === undefined) return
    const told = { onPair: (next: TlsPair) => void this.use(next), onBad: options.onBadTls }
    watchTlsPair(options.tls, pair, told, this.#watching.signal)
  }

  get port(): number {
    return this.#pausedPort ?? this.#current.port ?? 0
  }

  /**
   * Serves new connections with `pair`; those that are open go on with what they met. Resolves when the listener
   * before has let go of the port, or when `pair` cannot be used (`onBadTls`).
   */
  async use(pair: TlsPair): Promise<void> {
    this.#pair = pair
    // Who listens to nothing begins with it.
    if (this.#pausedPort !== undefined) return this.#options.onNewTls()
    const old = this.#current
    try {
      this.#current = this.#listen(this.port, pair)
    } catch (error) {
      if (!(error instanceof MimbarError)) throw error
      return this.#options.onBadTls(error)
    }
    this.#retired.push(old)
    await lingered(this.#options.lingerMs ?? LINGER_MS, this.#watching.signal)
    if (this.#watching.signal.aborted) return
    this.#letGo(old)
    this.#options.onNewTls()
  }

  /** No further connection is accepted; those that are open go on. */
  refuseNew(): void {
    this.#watching.abort()
    for (const server of this.#all()) void server.stop(false)
  }

  /** Lets go of the port until `resume`; connections that are open go on. */
  pause(): void {
    if (this.#pausedPort !== undefined) return
    this.#pausedPort = this.port
    this.#retired.push(this.#current)
    // The one before may be lingering beside it.
    for (const server of this.#retired) this.#letGo(server)
  }

  /** Takes the port again. Throws `unavailable` when somebody else has taken it meanwhile. */
  resume(): void {
    const port = this.#pausedPort
    if (port === undefined || this.#watching.signal.aborted) return
    this.#current = this.#listen(port, this.#pair)
    this.#pausedPort = undefined
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    this.#watching.abort()
    await Promise.all(this.#all().map((server) => server.stop(true)))
  }

  #all(): readonly Server[] {
    return [...this.#retired, this.#current]
  }

  /** Accepts nothing more; lives until its last connection has ended. May be called again. */
  #letGo(server: Server): void {
    void server.stop(false).then(() => {
      this.#retired = this.#retired.filter((other) => other !== server)
    })
  }

  #listen(port: number, pair: TlsPair | undefined): Server {
    const { host, idleTimeoutS, bodyBytesMax, fetch, dialPath, http2 = false } = this.#options
    const reusePort = this.#options.reusePort || pair !== undefined
    try {
      return Bun.serve({
        hostname: host,
        port,
        reusePort,
        idleTimeout: idleTimeoutS,
        maxRequestBodySize: bodyBytesMax,
        development: false,
        ...(pair === undefined ? {} : { tls: pair, http2 }),
        fetch: (request, server) => {
          if (dialPath !== undefined && isDial(request, dialPath) && server.upgrade(request)) return undefined
          return fetch(request, server)
        },
        websocket: HANG_UP,
      })
    } catch (cause) {
      throw cannotListen(this.#options, port, cause)
    }
  }
}

function isDial({ headers, url }: Request, path: string): boolean {
  return headers.get('upgrade')?.toLowerCase() === 'websocket' && new URL(url).pathname === path
}

/**
 * Makes sure that the port is nobody's before it is shared with our own next listener: with SO_REUSEPORT, the
 * kernel would let another program of this user share it as well. The port, chosen by the system when it was 0.
 */
function claimPort(options: TcpListenerOptions): number {
  try {
    const claim = Bun.listen({ hostname: options.host, port: options.port, socket: { data() {} } })
    const { port } = claim
    claim.stop(true)
    return port
  } catch (cause) {
    throw cannotListen(options, options.port, cause)
  }
}

function cannotListen({ name, host }: TcpListenerOptions, port: number, cause: unknown): MimbarError {
  return new MimbarError('unavailable', `The ${name} cannot listen on ${host}:${port}: ${cause}`, { cause })
}

/** Resolves after `ms`, or at once when `signal` ends; it never keeps a process alive. */
function lingered(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    timer.unref()
    signal.addEventListener('abort', done)
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
