// A door's listening socket. Bun binds a certificate to a listener for its life, so a new certificate gets a listener
// of its own: the old one lets go of the port and lives until its last connection has ended, the new one takes the
// port in the same turn of the event loop. Only a connection that is being made in that very instant may be reset,
// and is made again by every browser.

import { MimbarError } from '../base/errors.ts'
import { readTlsPair, type TlsFiles, type TlsPair, watchTlsPair } from './tls-files.ts'

type Server = Bun.Server<undefined>

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
  readonly tls?: TlsFiles
  /** Offers HTTP/2 to who asks for it in the TLS handshake; needs `tls`. HTTP/1.1 is spoken all the same. */
  readonly http2?: boolean
  /** New connections meet a new certificate from now on. */
  readonly onNewTls: () => void
  /** New certificate files cannot be used; the ones before stay in use. */
  readonly onBadTls: (error: MimbarError) => void
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
    const pair = options.tls === undefined ? undefined : await readTlsPair(options.tls)
    return new TcpListener(options, pair)
  }

  private constructor(options: TcpListenerOptions, pair: TlsPair | undefined) {
    this.#options = options
    this.#pair = pair
    this.#current = this.#listen(options.port, pair)
    if (options.tls === undefined || pair === undefined) return
    const told = { onPair: (next: TlsPair) => this.#replace(next), onBad: options.onBadTls }
    watchTlsPair(options.tls, pair, told, this.#watching.signal)
  }

  get port(): number {
    return this.#pausedPort ?? this.#current.port ?? 0
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
    this.#retire()
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

  #replace(pair: TlsPair): void {
    this.#pair = pair
    if (this.#pausedPort === undefined) {
      const port = this.port
      this.#retire()
      this.#current = this.#listen(port, pair)
    }
    this.#options.onNewTls()
  }

  #retire(): void {
    const old = this.#current
    this.#retired.push(old)
    void old.stop(false).then(() => {
      this.#retired = this.#retired.filter((server) => server !== old)
    })
  }

  #listen(port: number, pair: TlsPair | undefined): Server {
    const { name, host, reusePort, idleTimeoutS, bodyBytesMax, fetch, http2 = false } = this.#options
    try {
      return Bun.serve({
        hostname: host,
        port,
        reusePort,
        idleTimeout: idleTimeoutS,
        maxRequestBodySize: bodyBytesMax,
        development: false,
        ...(pair === undefined ? {} : { tls: pair, http2 }),
        fetch,
      })
    } catch (cause) {
      throw new MimbarError('unavailable', `The ${name} cannot listen on ${host}:${port}: ${cause}`, {
        cause,
      })
    }
  }
}
